use super::PastRun;
use super::judging::{Judging, Record, unsupported};
use super::{FolderError, RunFolder, read_run};
use crate::input::{InputError, Project};
use crate::model::{CellId, Event, Verdict};
use std::collections::BTreeMap;
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
    let project = Project::load(inputs).map_err(ReplayError::Inputs)?;
    let judging = Judging { folder, project: &project };
    let before: BTreeMap<(CellId, u32), Verdict> = recorded.iter().filter_map(verdict).collect();

    let mut events = Vec::new();
    let mut plan = BTreeMap::new();
    let mut changed = Vec::new();
    for event in recorded {
        let mut judged = Vec::new();
        if let Event::CellJudged { .. } = event {
            continue;
        } else if let Event::Planned { cells, .. } = &event {
            judged.extend(cells.iter().filter_map(unsupported));
            plan.extend(cells.iter().map(|planned| (planned.cell.clone(), planned.clone())));
        } else if let Event::CellRecorded { cell, round, failure, exit, again, duration_ms } = &event
            && let Some(planned) = plan.get(cell)
        {
            let (failure, exit, again) = (failure.as_ref(), exit.as_ref(), again.as_deref());
            let (round, duration_ms) = (*round, *duration_ms);
            judged.push(judging.judge(&Record { planned, round, failure, exit, again, duration_ms }));
        }
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
    Ok(Replay { events, changed, gaps })
}

fn verdict(event: &Event) -> Option<((CellId, u32), Verdict)> {
    let Event::CellJudged { cell, round, verdict, .. } = event else { return None };
    Some(((cell.clone(), *round), *verdict))
}
