use super::project::SmallProject;
use crate::backend::fake::Entry;
use crate::model::{Event, Verdict};
use crate::plan::Plan;
use crate::run::{RunError, RunFolder, replay};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeMap;

/// What came of a run.
pub(super) struct Played {
    pub(super) plan: Plan,
    pub(super) folder: RunFolder,
    pub(super) events: Vec<Event>,
    pub(super) diary: Vec<Entry>,
    pub(super) result: Result<(), RunError>,
    /// The run's folder is in there, as long as this lives.
    pub(super) _small: SmallProject,
}

/// Cells, by a glob of their ids, and what comes of them: the verdict, and something that its reason says.
pub(super) type Outcome = (&'static str, Verdict, &'static str);

impl Played {
    /// Checks what holds of every run, and each verdict: the first outcome whose glob fits a cell holds of it; other cells pass.
    pub(super) fn check(&self, outcomes: &[Outcome]) {
        self.check_events();
        self.check_left();
        self.check_replay();
        let outcomes: Vec<_> =
            outcomes.iter().map(|(glob, verdict, reason)| (matcher(glob), *verdict, *reason)).collect();
        for (cell, verdict, reason) in judged(&self.events) {
            let outcome = outcomes.iter().find(|(glob, ..)| glob.is_match(&cell));
            let (expected, says) = outcome.map_or((Verdict::Pass, ""), |(_, verdict, says)| (*verdict, *says));
            assert_eq!(verdict, expected, "{cell}: {reason}");
            assert!(reason.contains(says), "{cell}: {reason}\ndoes not say: {says}");
        }
        for (glob, ..) in outcomes {
            assert!(judged(&self.events).iter().any(|(cell, ..)| glob.is_match(cell)), "no cell is {}", glob.glob());
        }
    }

    /// Every planned cell has exactly one verdict, and the first and the last event stand where they belong.
    fn check_events(&self) {
        let mut cells: Vec<String> = judged(&self.events).into_iter().map(|(cell, ..)| cell).collect();
        let mut planned: Vec<String> = self.plan.cells.iter().map(|planned| planned.cell.to_string()).collect();
        cells.sort();
        planned.sort();
        assert_eq!(cells, planned);
        let is_start = |event: &Event| matches!(event, Event::RunStarted { .. });
        let is_end = |event: &Event| matches!(event, Event::RunFinished { .. });
        assert!(self.events.first().is_some_and(is_start) && self.events.last().is_some_and(is_end));
        assert_eq!(self.events.iter().filter(|event| is_start(event) || is_end(event)).count(), 2);
    }

    /// Everything that was started was stopped, once, and then the backend was told to finish.
    fn check_left(&self) {
        assert_eq!(self.diary.iter().filter(|entry| **entry == Entry::Finished).count(), 1);
        assert_eq!(self.diary.last(), Some(&Entry::Finished));
        let (mut started, mut stopped) = (Vec::new(), Vec::new());
        for entry in &self.diary {
            match entry {
                Entry::Started(name) => started.push(name),
                Entry::Stopped(name) => stopped.push(name),
                Entry::Reported | Entry::Hangs | Entry::Judged | Entry::Finished => {}
            }
        }
        started.sort();
        stopped.sort();
        assert_eq!(started, stopped);
    }

    /// Judged again, from its folder, the run is the same.
    fn check_replay(&self) {
        let folder = RunFolder::open(self.folder.path()).unwrap();
        let again = replay(&folder, &folder.inputs()).unwrap();
        assert_eq!(again.changed, Vec::new());
        assert_eq!(by_cell(&again.events), by_cell(&self.events));
    }

    /// What the run as a whole came to, in words.
    pub(super) fn error(&self) -> Option<String> {
        self.result.as_ref().err().map(ToString::to_string)
    }
}

fn matcher(glob: &str) -> GlobMatcher {
    GlobBuilder::new(glob).literal_separator(true).build().unwrap().compile_matcher()
}

/// Each verdict in the events: of which cell, and why.
fn judged(events: &[Event]) -> Vec<(String, Verdict, String)> {
    let mut judged = Vec::new();
    for event in events {
        if let Event::CellJudged { cell, verdict, reason, .. } = event {
            judged.push((cell.to_string(), *verdict, reason.clone()));
        }
    }
    judged
}

/// Each verdict with everything that goes with it.
fn by_cell(events: &[Event]) -> BTreeMap<String, &Event> {
    let mut cells = BTreeMap::new();
    for event in events {
        if let Event::CellJudged { cell, .. } = event {
            cells.insert(cell.to_string(), event);
        }
    }
    cells
}
