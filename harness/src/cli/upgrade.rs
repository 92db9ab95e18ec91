use super::Exit;
use super::args::{ForeignArgs, UpgradeArgs};
use super::commands::{bad_input, print_json, project};
use super::diff::of_runs;
use super::run::{How, Ran, block_on_run, finish};
use super::snapshots::Compared;
use crate::input::{Project, hint};
use crate::model::{BackendKind, CellId, PeerId, Tier};
use crate::plan::{Filter, plan};
use crate::report::diff_text;
use crate::run::RunFolder;
use std::collections::BTreeSet;
use std::path::Path;

/// Runs a peer in both roles, then a variant of it, and says what differs.
pub(super) fn upgrade(args: &UpgradeArgs) -> Exit {
    match upgraded(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn upgraded(args: &UpgradeArgs) -> Result<Exit, Exit> {
    let filter = args.cells.filter().map_err(|error| bad_input(&error.to_string()))?;
    let (root, project) = project(&ForeignArgs::default())?;
    let (peer, variant) = (PeerId::new(&args.peer), PeerId::new(format!("{}@{}", args.peer, args.to)));
    check(&project, args)?;
    let mut other = project.clone();
    other.add_variants(|name| name == variant.as_str());
    // In place of the peer, not beside it: else the cells of the two together would have nothing to be held against.
    other.peers.retain(|folder| folder.peer.name != peer);
    let from = run((&root, project.clone()), filter.clone(), &peer)?;
    let to = run((&root, other), filter, &variant)?;
    let diff = of_runs((&root, &project), &from, &to).map_err(|what| bad_input(&what))?;
    if args.json {
        return Ok(print_json(&diff));
    }
    print!("{}", diff_text(&diff));
    Ok(Exit::AsExpected)
}

fn check(project: &Project, args: &UpgradeArgs) -> Result<(), Exit> {
    let known: Vec<&str> = project.peers.iter().map(|folder| folder.peer.name.as_str()).collect();
    let Some(folder) = project.peer(&PeerId::new(&args.peer)) else {
        let hint = hint(&args.peer, &known);
        return Err(bad_input(&format!("no peer `{}`{hint} (there are {})", args.peer, known.join(", "))));
    };
    let variants: Vec<&str> = folder.peer.variants.iter().map(|variant| variant.name.as_str()).collect();
    match variants.contains(&args.to.as_str()) {
        true => Ok(()),
        false => {
            let hint = hint(&args.to, &variants);
            let path = folder.path.strip_prefix(std::env::current_dir().unwrap_or_default()).unwrap_or(&folder.path);
            let there = if variants.is_empty() { "none".to_owned() } else { variants.join(", ") };
            let what = format!("{}/peer.yaml: no variant `{}`{hint} (there are {there})", path.display(), args.to);
            Err(bad_input(&what))
        }
    }
}

/// Runs all cells of a peer.
fn run((root, mut project): (&Path, Project), filter: Filter, peer: &PeerId) -> Result<RunFolder, Exit> {
    let planned =
        |filter: &Filter| plan(&project, Tier::Default, filter).map_err(|error| bad_input(&error.to_string()));
    let is_own = |cell: &CellId| cell.client == *peer || cell.server == *peer;
    let cells: BTreeSet<CellId> =
        planned(&filter)?.cells.into_iter().map(|planned| planned.cell).filter(is_own).collect();
    let plan = planned(&filter.only_cells(cells))?;
    let how = How { backend: BackendKind::Containers, repeat: 1 };
    let mut path = None;
    let exit = block_on_run(root, &mut project, &plan, how, |Ran { folder, .. }, _| {
        path = Some(folder.path().to_owned());
        finish(&folder, |_| Compared::default(), |_, _| {})
    });
    match (path, exit) {
        // What failed is in the results, and so in what differs.
        (Some(path), Exit::AsExpected | Exit::NotAsExpected) => {
            RunFolder::open(&path).map_err(|error| bad_input(&error.to_string()))
        }
        (_, exit) => Err(exit),
    }
}
