use super::folder::io;
use super::{EventLog, FolderError, PastRun, RunFolder, read_run};
use crate::model::{CellId, Event, PlannedCell, Tier};
use crate::plan::{ELSEWHERE, Plan};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Shards that are not of one plan, or cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// They were not made from the same.
    #[error("{first} and {other} are not shards of one plan: {what} differ")]
    Unlike {
        /// The first shard's folder.
        first: String,
        /// The folder of one that is unlike it.
        other: String,
        /// In what.
        what: String,
    },
    /// Two of them ran the same cell.
    #[error("{cell} is in {first} and in {other}: each shard is given once")]
    Twice {
        /// Its id.
        cell: String,
        /// Where it is.
        first: String,
        /// And where else.
        other: String,
    },
}

/// Puts the shards of one plan together in a new run folder, evidence and all. A cell that no shard had has no verdict there. Says for
/// each shard what its log lacks.
pub fn merge(shards: &[RunFolder], into: &RunFolder) -> Result<Vec<Vec<String>>, MergeError> {
    let parts = shards.iter().map(Part::read).collect::<Result<Vec<_>, _>>()?;
    let whole = whole(&parts)?;
    let log = EventLog::create(&into.events(), Vec::new())?;
    events(&parts, &whole, into).into_iter().for_each(|event| log.emit(event));
    log.close()?;
    for (number, part) in parts.iter().enumerate() {
        if number == 0 {
            link_all(&part.folder.inputs(), &into.inputs())?;
        }
        link_all(&part.folder.path().join("cells"), &into.path().join("cells"))?;
        link_all(&part.folder.path().join("logs"), &into.path().join("logs").join(part.folder.run()))?;
    }
    Ok(parts.into_iter().map(|part| part.gaps).collect())
}

/// One shard, read.
struct Part<'a> {
    folder: &'a RunFolder,
    /// What it was made from and how, in which all shards of a plan are alike.
    made: Vec<(&'static str, String)>,
    cells: Vec<PlannedCell>,
    absent: BTreeMap<String, usize>,
    tier: Tier,
    /// The whole plan.
    all: BTreeSet<CellId>,
    events: Vec<Event>,
    gaps: Vec<String>,
}

impl<'a> Part<'a> {
    fn read(folder: &'a RunFolder) -> Result<Part<'a>, FolderError> {
        let PastRun { events, gaps } = read_run(&folder.events())?;
        let mut part = Part {
            folder,
            made: vec![("the cases, peers or ledger", texts(&folder.inputs())?)],
            cells: Vec::new(),
            absent: BTreeMap::new(),
            tier: Tier::default(),
            all: BTreeSet::new(),
            events: Vec::new(),
            gaps,
        };
        for event in events {
            if let Event::RunStarted { harness, kind, repeat, foreign, .. } = &event {
                part.made.push(("the harnesses", harness.clone()));
                part.made.push(("the backends", kind.to_string()));
                part.made.push(("the repeats", repeat.to_string()));
                part.made.push(("the peers from elsewhere", format!("{:?}", foreign.keys())));
            }
            if let Event::Planned { cells, absent, tier, elsewhere } = event {
                part.plan(cells, absent, tier, elsewhere);
            } else {
                part.events.push(event);
            }
        }
        Ok(part)
    }

    fn plan(
        &mut self,
        cells: Vec<PlannedCell>,
        mut absent: BTreeMap<String, usize>,
        tier: Tier,
        elsewhere: Vec<CellId>,
    ) {
        absent.remove(ELSEWHERE);
        self.all = cells.iter().map(|planned| planned.cell.clone()).chain(elsewhere).collect();
        self.made.push(("the plans", format!("{tier} {absent:?} {:?}", self.all)));
        (self.cells, self.absent, self.tier) = (cells, absent, tier);
    }

    fn name(&self) -> String {
        self.folder.path().display().to_string()
    }
}

/// The plan that the shards are of.
fn whole(parts: &[Part<'_>]) -> Result<Plan, MergeError> {
    let mut cells: BTreeMap<CellId, (PlannedCell, String)> = BTreeMap::new();
    for part in parts {
        if let Some(first) = parts.first()
            && let Some((what, _)) = first.made.iter().find(|made| !part.made.contains(made))
        {
            return Err(MergeError::Unlike { first: first.name(), other: part.name(), what: (*what).to_owned() });
        }
        for planned in &part.cells {
            if let Some((_, first)) = cells.insert(planned.cell.clone(), (planned.clone(), part.name())) {
                return Err(MergeError::Twice { cell: planned.cell.to_string(), first, other: part.name() });
            }
        }
    }
    let Some(first) = parts.first() else { return Ok(Plan::default()) };
    // Those that no shard had are to be seen to lack a verdict.
    let mut all: Vec<PlannedCell> = first
        .all
        .iter()
        .map(|cell| match cells.remove(cell) {
            Some((planned, _)) => planned,
            None => PlannedCell { cell: cell.clone(), unsupported: None, proof: None },
        })
        .collect();
    all.sort_by_key(|PlannedCell { cell: CellId { case, client, server, transport }, .. }| {
        (client.clone(), server.clone(), *transport, case.clone())
    });
    Ok(Plan { cells: all, absent: first.absent.clone(), tier: first.tier, ..Plan::default() })
}

/// All that happened, shard by shard, between one beginning and one end.
fn events(parts: &[Part<'_>], plan: &Plan, into: &RunFolder) -> Vec<Event> {
    let started = parts.iter().flat_map(|part| &part.events).find(|event| matches!(event, Event::RunStarted { .. }));
    let started = started.cloned().map(|event| of_all(event, plan, into));
    let mut events: Vec<Event> = started.into_iter().chain([plan.event()]).collect();
    let (mut longest, mut broke_off) = (0, false);
    for part in parts {
        broke_off |= !part.events.iter().any(|event| matches!(event, Event::RunFinished { .. }));
        for event in &part.events {
            if let Event::RunFinished { duration_ms, interrupted } = event {
                // They ran side by side.
                longest = longest.max(*duration_ms);
                broke_off |= *interrupted;
            } else if let Event::PeerStopped { peer, role, log } = event {
                let log = match log.strip_prefix("logs/") {
                    Some(name) => format!("logs/{}/{name}", part.folder.run()),
                    None => log.clone(),
                };
                events.push(Event::PeerStopped { peer: peer.clone(), role: *role, log });
            } else if !matches!(event, Event::RunStarted { .. }) {
                events.push(event.clone());
            }
        }
    }
    events.push(Event::RunFinished { duration_ms: longest, interrupted: broke_off });
    events
}

/// The beginning of a shard as that of the whole.
fn of_all(mut started: Event, plan: &Plan, into: &RunFolder) -> Event {
    if let Event::RunStarted { run, unfiltered, .. } = &mut started {
        into.run().clone_into(run);
        *unfiltered = plan.is_unfiltered();
    }
    started
}

/// Every file below a folder with its content.
fn texts(folder: &Path) -> Result<String, FolderError> {
    let mut text = String::new();
    for path in files(folder)? {
        let content = fs::read(&path).map_err(io(&path))?;
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        text.push_str(&format!("{name}\n{}\n", String::from_utf8_lossy(&content)));
    }
    Ok(text)
}

/// Puts every file below a folder below another too, in no more room where they are on one file system.
fn link_all(from: &Path, to: &Path) -> Result<(), FolderError> {
    for path in files(from)? {
        let target = to.join(path.strip_prefix(from).unwrap_or(&path));
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(io(folder))?;
        }
        fs::hard_link(&path, &target).or_else(|_| fs::copy(&path, &target).map(drop)).map_err(io(&target))?;
    }
    Ok(())
}

/// The files below a folder, in order; none where it does not exist.
fn files(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(io(&folder))? {
            let path = entry.map_err(io(&folder))?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
