use super::Exit;
use super::args::PendingArgs;
use super::commands::bad_input;
use super::run::infra;
use crate::dialect::Form;
use crate::input::{Project, find_root};
use crate::model::{CellId, Event};
use crate::run::Replay;
use crate::snapshot::{self, Comparison, Counts, FOLDER, Refused};
use std::collections::BTreeMap;
use std::path::Path;

/// What is done about snapshots that are not as accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pending {
    /// They are told.
    Tell,
    /// They are also left for review.
    Write,
}

impl Pending {
    /// What the arguments ask for, unless the environment forbids it.
    pub(super) fn of(args: &PendingArgs) -> Result<Pending, Exit> {
        if !args.write_pending {
            return Ok(Pending::Tell);
        }
        let ci = std::env::var_os("CI").map(|value| value.to_string_lossy().into_owned());
        let allowed = snapshot::blessing_is_forbidden(ci.as_deref());
        allowed.map(|()| Pending::Write).map_err(|refused| bad_input(&refused.to_string()))
    }

    /// Refuses to write what only a run of the whole matrix can say.
    pub(super) fn check(self, whole: bool) -> Result<(), Exit> {
        match self {
            Pending::Write if !whole => Err(bad_input(&Refused::Part.to_string())),
            Pending::Write | Pending::Tell => Ok(()),
        }
    }
}

/// How a run's traffic compares with the accepted snapshots.
#[derive(Debug)]
pub(super) struct Compared {
    /// Nothing where there are none.
    pub(super) counts: Option<Counts>,
    /// What a person is to read.
    text: String,
    /// What went wrong with comparing.
    pub(super) beside: Exit,
}

impl Default for Compared {
    fn default() -> Compared {
        Compared { counts: None, text: String::new(), beside: Exit::AsExpected }
    }
}

impl Compared {
    /// Says what is not as accepted.
    pub(super) fn tell(&self) {
        if !self.text.is_empty() {
            eprintln!("{}", self.text.trim_end());
        }
    }
}

/// Compares what a run of the past shows with the snapshots of the checkout around the current folder, if there is one. Of a case that is not
/// as it was then nothing is compared.
pub(super) fn compare_replayed(replay: Replay, pending: Pending) -> Compared {
    let root = std::env::current_dir().ok().and_then(|here| find_root(&here).ok());
    let Some(root) = root.filter(|root| root.join(FOLDER).is_dir() || pending == Pending::Write) else {
        return Compared::default();
    };
    let project = match Project::load(&root) {
        Ok(project) => project,
        Err(errors) => {
            errors.iter().for_each(|error| eprintln!("warning: {error}"));
            eprintln!("warning: snapshots are not compared");
            return Compared::default();
        }
    };
    let Replay { events, forms, project: then, .. } = replay;
    let mut forms = forms.all();
    forms.retain(|cell, _| then.case(&cell.case) == project.case(&cell.case));
    compare((&root, &project), &events, forms, pending)
}

/// Compares what a run shows with the snapshots of a checkout.
pub(super) fn compare(
    (root, project): (&Path, &Project),
    events: &[Event],
    forms: BTreeMap<CellId, Vec<Form>>,
    pending: Pending,
) -> Compared {
    let folder = root.join(FOLDER);
    let failed = |error: std::io::Error| Compared {
        beside: infra(&format!("{}: {error}", folder.display())),
        ..Compared::default()
    };
    if pending == Pending::Write
        && let Err(error) = std::fs::create_dir_all(&folder)
    {
        return failed(error);
    }
    match snapshot::compare(&folder, project, events, &forms) {
        Err(error) => failed(error),
        Ok(None) => Compared::default(),
        Ok(Some(comparison)) => {
            let counts = Counts::of(&comparison);
            let mut text = snapshot::text(&comparison);
            let beside = match pending {
                Pending::Tell => {
                    if !counts.changed.is_empty() || !counts.new.is_empty() {
                        text.push_str(
                            "\nto accept: a whole run with --write-pending, then `make review` (cases/README.md)\n",
                        );
                    }
                    Exit::AsExpected
                }
                Pending::Write => write(&folder, &comparison),
            };
            Compared { counts: Some(counts), text, beside }
        }
    }
}

fn write(folder: &Path, comparison: &Comparison) -> Exit {
    if !comparison.whole {
        // An empty folder would have whole runs ask for all snapshots.
        let _ = std::fs::remove_dir(folder);
        return bad_input(&Refused::Part.to_string());
    }
    match snapshot::write_pending(folder, comparison) {
        Ok(written) => {
            eprintln!("{} to review: `make review`", crate::report::plural(written.len(), "snapshot"));
            Exit::AsExpected
        }
        Err(error) => infra(&format!("{}: {error}", folder.display())),
    }
}
