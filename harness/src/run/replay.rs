use super::PastRun;
use super::cores::on_all_cores;
use super::judging::{Judging, Record, unsupported};
use super::{FolderError, Forms, RunFolder, read_run};
use crate::input::{InputError, Project};
use crate::model::{CellId, Event, PlannedCell, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// A run judged again.
pub struct Replay {
    /// The run's events, each verdict made anew.
    pub events: Vec<Event>,
    /// Cells whose verdict is not the recorded one.
    pub changed: Vec<Change>,
    /// What the run's log lacks, in words.
    pub gaps: Vec<String>,
    /// The normal forms of the cells that passed.
    pub forms: Forms,
    /// The cases, peers and ledger it was judged by.
    pub project: Project,
}

/// A verdict that is another now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of which cell.
    pub cell: CellId,
    /// Of which round of it.
    pub round: u32,
    /// The recorded one.
    pub then: Verdict,
    /// And the new one.
    pub now: Verdict,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change { cell, round, then, now } = self;
        let round = if *round == 0 { String::new() } else { format!(" round {round}") };
        write!(f, "{cell}{round}: was {then}, is {now}")
    }
}

/// A run that cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Its folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Its inputs.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Inputs(Vec<InputError>),
    /// They are not there.
    #[error(
        "{path}: the cases and peers that the run was made from are missing; `interop replay --current` judges by those of this checkout"
    )]
    NoInputs {
        /// Where they were looked for.
        path: PathBuf,
    },
}

/// Judges a run again from its folder, with the rules of this harness and the cases in `inputs`: those the run was made from,
/// or the checkout's.
pub fn replay(folder: &RunFolder, inputs: &Path) -> Result<Replay, ReplayError> {
    let PastRun { events: recorded, gaps } = read_run(&folder.events())?;
    if !inputs.join("cases").is_dir() || !inputs.join("images").is_dir() {
        return Err(ReplayError::NoInputs { path: inputs.to_owned() });
    }
    let mut project = Project::load(inputs).map_err(ReplayError::Inputs)?;
    let ran: BTreeSet<&str> = recorded.iter().flat_map(planned).flat_map(|planned| peers(&planned.cell)).collect();
    project.add_variants(|name| ran.contains(name));
    let forms = Forms::default();
    let judging = Judging { folder, project: &project, forms: &forms };
    let before: BTreeMap<(CellId, u32), Verdict> = recorded.iter().filter_map(verdict).collect();
    let plan: BTreeMap<&CellId, &PlannedCell> =
        recorded.iter().flat_map(planned).map(|planned| (&planned.cell, planned)).collect();
    let judged = on_all_cores(&recorded, |event| record(event, &plan).map(|record| judging.judge(&record)));

    let mut events = Vec::new();
    let mut changed = Vec::new();
    for (event, judged) in recorded.into_iter().zip(judged) {
        if let Event::CellJudged { .. } = event {
            continue;
        }
        let judged: Vec<Event> = planned(&event).iter().filter_map(unsupported).chain(judged).collect();
        events.push(event);
        for event in judged {
            if let Some((key, now)) = verdict(&event)
                && let Some(then) = before.get(&key).copied()
                && then != now
            {
                let (cell, round) = key;
                changed.push(Change { cell, round, then, now });
            }
            events.push(event);
        }
    }
    Ok(Replay { events, changed, gaps, forms, project })
}

fn peers(cell: &CellId) -> [&str; 2] {
    [cell.client.as_str(), cell.server.as_str()]
}

/// The cells of a plan, if the event is one.
fn planned(event: &Event) -> &[PlannedCell] {
    let Event::Planned { cells, .. } = event else { return &[] };
    cells
}

/// What is on record of a cell, if the event says so and the cell was planned.
fn record<'a>(event: &'a Event, plan: &BTreeMap<&CellId, &'a PlannedCell>) -> Option<Record<'a>> {
    let Event::CellRecorded { cell, round, failure, exit, again, duration_ms } = event else { return None };
    let (failure, exit, again) = (failure.as_ref(), exit.as_ref(), again.as_deref());
    Some(Record { planned: plan.get(cell)?, round: *round, failure, exit, again, duration_ms: *duration_ms })
}

fn verdict(event: &Event) -> Option<((CellId, u32), Verdict)> {
    let Event::CellJudged { cell, round, verdict, .. } = event else { return None };
    Some(((cell.clone(), *round), *verdict))
}
