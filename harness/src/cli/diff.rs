use super::Exit;
use super::args::DiffArgs;
use super::commands::{bad_input, print_json, project};
use super::show::warn;
use crate::cli::args::ForeignArgs;
use crate::input::Project;
use crate::model::{CellId, Event, PeerId};
use crate::report::{Diff, Results, Told, diff as compare, diff_text, results};
use crate::run::{Replay, RunFolder, replay};
use crate::snapshot::{FOLDER, shown};
use std::collections::BTreeMap;
use std::path::Path;

/// Says what differs between two runs.
pub(super) fn diff(args: &DiffArgs) -> Exit {
    let open = |path: &Path| RunFolder::open(path).map_err(|error| error.to_string());
    let (root, project) = match project(&ForeignArgs::default()) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    match open(&args.from).and_then(|from| of_runs((&root, &project), &from, &open(&args.to)?)) {
        Ok(diff) if args.json => print_json(&diff),
        Ok(diff) => {
            print!("{}", diff_text(&diff));
            Exit::AsExpected
        }
        Err(what) => bad_input(&what),
    }
}

/// What differs between two runs, their traffic held against the snapshots of a checkout where a run does not show all of it.
pub(super) fn of_runs((root, project): (&Path, &Project), from: &RunFolder, to: &RunFolder) -> Result<Diff, String> {
    let read = |folder| Judged::read(folder, root, project);
    let (from, to) = (read(from)?, read(to)?);
    Ok(compare(from.told(), to.told()))
}

/// A run judged again, its variants under the names of their peers.
struct Judged {
    results: Results,
    /// What the snapshots would be after it.
    shown: BTreeMap<String, String>,
}

impl Judged {
    fn read(folder: &RunFolder, root: &Path, project: &Project) -> Result<Judged, String> {
        let replay = replay(folder, &folder.inputs()).map_err(|error| error.to_string())?;
        warn(folder, &replay.gaps);
        let Replay { mut events, forms, project: then, .. } = replay;
        events.iter_mut().for_each(under_base);
        let forms = forms.all().into_iter().map(|(cell, forms)| (base(&cell), forms));
        // Of a case that is not as it was then nothing is said.
        let forms = forms.filter(|(cell, _)| then.case(&cell.case) == project.case(&cell.case)).collect();
        let shown = shown(&root.join(FOLDER), project, &events, &forms).map_err(|error| error.to_string())?;
        Ok(Judged { results: results(&events), shown })
    }

    fn told(&self) -> Told<'_> {
        Told { results: &self.results, shown: &self.shown }
    }
}

fn base(cell: &CellId) -> CellId {
    CellId { client: cell.client.base(), server: cell.server.base(), ..cell.clone() }
}

fn under_base(event: &mut Event) {
    let rename = |peer: &mut PeerId| *peer = peer.base();
    match event {
        Event::Planned { cells, .. } => cells.iter_mut().for_each(|planned| planned.cell = base(&planned.cell)),
        Event::CellRecorded { cell, .. } | Event::CellJudged { cell, .. } => *cell = base(cell),
        Event::BuildOutput { peer, .. }
        | Event::PeerBuilt { peer, .. }
        | Event::PeerStarted { peer, .. }
        | Event::PeerFailed { peer, .. }
        | Event::PeerDied { peer, .. }
        | Event::PeerStopped { peer, .. } => rename(peer),
        Event::RunStarted { .. } | Event::Note { .. } | Event::RunFinished { .. } => {}
    }
}
