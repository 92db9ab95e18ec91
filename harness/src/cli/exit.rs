use crate::backend::{BackendError, Failure};
use crate::model::Verdict;
use crate::report::Results;
use crate::snapshot::Counts;
use std::process::ExitCode;

/// What a command's exit code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All as expected; flaky cells are counted and shown.
    AsExpected,
    /// A cell failed, timed out or passed unexpectedly, or a verdict or a snapshot changed.
    NotAsExpected,
    /// A file or an argument is wrong.
    BadInput,
    /// The filters left no cell.
    NothingRan,
    /// No engine answers, or not one we can use.
    NoEngine,
    /// The harness or its environment failed.
    InfraError,
    /// A signal ended the run.
    Interrupted,
}

impl Exit {
    /// The number a shell sees.
    pub fn number(self) -> u8 {
        match self {
            Exit::AsExpected => 0,
            Exit::NotAsExpected => 1,
            Exit::BadInput => 2,
            Exit::NothingRan => 3,
            Exit::NoEngine => 4,
            Exit::InfraError => 5,
            Exit::Interrupted => 130,
        }
    }

    /// What a run came to. A real failure is told before one of the environment.
    pub fn of_run(results: &Results) -> Exit {
        let has = |verdicts: &[Verdict]| results.cells.iter().any(|cell| verdicts.contains(&cell.verdict));
        let as_accepted = results.snapshots.as_ref().is_none_or(Counts::is_as_accepted);
        if results.interrupted {
            Exit::Interrupted
        } else if results.cells.is_empty() {
            Exit::NothingRan
        } else if has(&[Verdict::Fail, Verdict::Timeout, Verdict::Xpass]) || !as_accepted {
            Exit::NotAsExpected
        } else if has(&[Verdict::InfraError, Verdict::Skipped]) {
            Exit::InfraError
        } else {
            Exit::AsExpected
        }
    }

    /// What it comes to where something beside its cells went wrong: that is told where they are as expected.
    pub fn and(self, beside: Exit) -> Exit {
        if self == Exit::AsExpected { beside } else { self }
    }

    /// What a backend's failure comes to.
    pub fn of_backend(error: &BackendError) -> Exit {
        match error.failure {
            Failure::NoEngine => Exit::NoEngine,
            Failure::Build => Exit::BadInput,
            Failure::Peer => Exit::NotAsExpected,
            Failure::Infra => Exit::InfraError,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.number())
    }
}
