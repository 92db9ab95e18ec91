use super::Exit;
use super::args::{ForeignArgs, RerunArgs};
use super::commands::{bad_input, print_json, project};
use super::run::{How, Ran, block_on_run, finish};
use super::show::{folder, warn};
use super::snapshots::{Pending, compare};
use crate::model::{BackendKind, Event};
use crate::plan::{Filter, plan};
use crate::report::{Results, results, summary};
use crate::run::read_run;
use std::collections::BTreeSet;

/// Runs the cells of a run that were not as expected again, as that run ran them.
pub(super) fn rerun(args: &RerunArgs) -> Exit {
    let past = match read(args) {
        Ok(past) => past,
        Err(what) => return bad_input(&what),
    };
    let cells: BTreeSet<_> =
        past.cells.iter().filter(|cell| !cell.verdict.is_expected()).map(|cell| cell.cell.clone()).collect();
    if cells.is_empty() {
        eprintln!("error: nothing to run: all cells of run {} were as expected", past.run);
        return Exit::NothingRan;
    }
    let foreign = ForeignArgs { peer: past.foreign.values().map(Into::into).collect() };
    let (root, mut project) = match project(&foreign) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let filter = match past.kind {
        BackendKind::Containers => Filter::default(),
        BackendKind::Process => Filter::default().only_local(&project),
    };
    let plan = match plan(&project, past.tier, &filter.only_cells(cells)) {
        Ok(plan) => plan,
        Err(error) => return bad_input(&error.to_string()),
    };
    let how = How { backend: past.kind, repeat: past.repeat };
    block_on_run(&root, &mut project, &plan, how, |Ran { folder, forms, .. }, project| {
        let compared = |events: &[Event]| compare((&root, project), events, forms.all(), Pending::Tell);
        finish(&folder, compared, |_, results| {
            if args.json {
                print_json(results);
            } else {
                print!("{}", summary(results));
            }
        })
    })
}

fn read(args: &RerunArgs) -> Result<Results, String> {
    let folder = folder(args.run.as_deref())?;
    let past = read_run(&folder.events()).map_err(|error| error.to_string())?;
    warn(&folder, &past.gaps);
    Ok(results(&past.events))
}
