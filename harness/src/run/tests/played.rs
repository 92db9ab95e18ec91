use super::project::SmallProject;
use crate::backend::fake::Entry;
use crate::cli::Exit;
use crate::model::{Event, Verdict};
use crate::plan::Plan;
use crate::report::{Results, results};
use crate::run::{RunError, RunFolder, replay};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::{BTreeMap, BTreeSet};

/// What came of a run.
pub(super) struct Played {
    pub(super) plan: Plan,
    pub(super) folder: RunFolder,
    pub(super) events: Vec<Event>,
    pub(super) diary: Vec<Entry>,
    pub(super) result: Result<(), RunError>,
    /// Most files of the run's folder that were open at once.
    pub(super) open_files: usize,
    /// The run's folder is in there, as long as this lives.
    pub(super) _small: SmallProject,
}

/// Cells, by a glob of their ids, and what comes of them: the verdict, and something that its reason says.
pub(super) type Outcome = (&'static str, Verdict, &'static str);

/// Something that is in the text of a failure, a death or a note, and how often.
pub(super) type Said = (&'static str, usize);

impl Played {
    /// Checks what holds of every run, and each verdict: the first outcome whose glob fits a cell holds of it; other cells pass.
    pub(super) fn check(&self, outcomes: &[Outcome]) {
        self.check_rounds();
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

    /// Checks what holds of every run.
    pub(super) fn check_rounds(&self) {
        self.check_events();
        self.check_stopped();
        self.check_replay();
    }

    /// Every planned cell has exactly one verdict a round, and the first and the last event stand where they belong.
    fn check_events(&self) {
        let results = self.results();
        assert_eq!(results.totals.planned, self.plan.cells.len());
        assert_eq!(results.totals.verdicts.values().sum::<usize>(), self.plan.cells.len());
        let cells: BTreeSet<String> = judged(&self.events).into_iter().map(|(cell, ..)| cell).collect();
        let planned: BTreeSet<String> = self.plan.cells.iter().map(|planned| planned.cell.to_string()).collect();
        assert_eq!(cells, planned);
        assert_eq!(judged(&self.events).len(), by_round(&self.events).len(), "a round was judged twice");
        let is_start = |event: &Event| matches!(event, Event::RunStarted { .. });
        let is_end = |event: &Event| matches!(event, Event::RunFinished { .. });
        assert!(self.events.first().is_some_and(is_start) && self.events.last().is_some_and(is_end));
        assert_eq!(self.events.iter().filter(|event| is_start(event) || is_end(event)).count(), 2);
    }

    /// Everything that was started was told to stop, once, and then the backend to finish.
    fn check_stopped(&self) {
        assert_eq!(self.diary.iter().filter(|entry| **entry == Entry::Finished).count(), 1);
        assert_eq!(self.diary.last(), Some(&Entry::Finished));
        let told = |event: &Event| {
            let Event::PeerStopped { peer, role, .. } = event else { return None };
            Some(format!("{peer} {}", role.side()))
        };
        let mut stopped: Vec<String> = self.events.iter().filter_map(told).collect();
        let mut started: Vec<String> = self.started().iter().map(|name| kind(name)).collect();
        started.sort();
        stopped.sort();
        assert_eq!(started, stopped);
    }

    fn started(&self) -> Vec<&str> {
        fn started(entry: &Entry) -> Option<&str> {
            let Entry::Started(name) = entry else { return None };
            Some(name)
        }
        self.diary.iter().filter_map(started).collect()
    }

    /// Of what was started these are left running; no other ends more than once.
    pub(super) fn check_left(&self, left: &[&str]) {
        let mut running = self.started();
        for entry in &self.diary {
            if let Entry::Stopped(name) | Entry::Swept(name) = entry {
                let place = running.iter().position(|started| started == name);
                running.swap_remove(place.expect("it runs"));
            }
        }
        assert_eq!(running, left);
    }

    /// What went wrong with peers, and every note.
    pub(super) fn check_said(&self, expected: &[Said]) {
        let said: Vec<String> = self.events.iter().filter_map(said).collect();
        for (text, count) in expected {
            assert_eq!(said.iter().filter(|line| line.contains(text)).count(), *count, "{text}: {said:#?}");
        }
        assert_eq!(said.len(), expected.iter().map(|(_, count)| count).sum::<usize>(), "{said:#?}");
    }

    pub(super) fn results(&self) -> Results {
        results(&self.events)
    }

    /// The exit code of the run.
    pub(super) fn exit(&self) -> Exit {
        let beside = if self.result.is_err() { Exit::InfraError } else { Exit::AsExpected };
        Exit::of_run(&self.results()).and(beside)
    }

    /// Judged again, from its folder, the run is the same.
    fn check_replay(&self) {
        let folder = RunFolder::open(self.folder.path()).unwrap();
        let again = replay(&folder, &folder.inputs()).unwrap();
        assert_eq!(again.changed, Vec::new());
        assert_eq!(by_round(&again.events), by_round(&self.events));
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
fn by_round(events: &[Event]) -> BTreeMap<(String, u32), &Event> {
    let mut rounds = BTreeMap::new();
    for event in events {
        if let Event::CellJudged { cell, round, .. } = event {
            rounds.insert((cell.to_string(), *round), event);
        }
    }
    rounds
}

fn said(event: &Event) -> Option<String> {
    if let Event::PeerFailed { peer, role, reason } = event {
        Some(format!("{peer} {role} failed: {reason}"))
    } else if let Event::PeerDied { peer, role, detail } = event {
        Some(format!("{peer} {role} died: {detail}"))
    } else if let Event::Note { text } = event {
        Some(format!("note: {text}"))
    } else {
        None
    }
}

/// An instance's name without its number.
fn kind(name: &str) -> String {
    name.rsplit_once(' ').unwrap().0.to_owned()
}
