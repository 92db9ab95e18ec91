use super::played::{Outcome, Played, Said};
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Breaks, Crash};
use crate::cli::Exit;
use crate::model::Side;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A run that is played to its end, and what is to come of it.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) what: &'static str,
    pub(super) stage: Stage,
    /// Of the cells that do not pass.
    pub(super) outcomes: &'static [Outcome],
    /// Failures, deaths and notes.
    pub(super) said: &'static [Said],
    /// Of the run as a whole.
    pub(super) error: Option<&'static str>,
    /// What is left running.
    pub(super) left: &'static [&'static str],
    pub(super) exit: Exit,
}

/// A run in which nothing breaks.
pub(super) const ROW: Row =
    Row { what: "", stage: WHOLE, outcomes: &[], said: &[], error: None, left: &[], exit: Exit::AsExpected };

/// Time for all rows: a run that does not end is to be told by its row.
const PLAYED_WITHIN: Duration = Duration::from_secs(120);

/// Plays all rows at once.
pub(super) async fn check(rows: &'static [Row]) {
    let deadline = Instant::now() + PLAYED_WITHIN;
    let played = rows.iter().map(|row| (row.what, tokio::spawn(timeout_at(deadline, row.check()))));
    let mut failed = Vec::new();
    for (what, row) in played.collect::<Vec<_>>() {
        match row.await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => failed.push(format!("{what}: it does not end")),
            Err(_) => failed.push(format!("{what}: see above")),
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

impl Row {
    async fn check(&self) {
        self.check_played(&self.stage.play().await);
    }

    pub(super) fn check_played(&self, played: &Played) {
        played.check(self.outcomes);
        played.check_said(self.said);
        played.check_left(self.left);
        assert_eq!(played.error().as_deref(), self.error);
        assert_eq!(played.exit(), self.exit);
    }
}

/// The peer `birch` breaks here.
pub(super) const fn birch(role: Side, crash: Crash) -> Option<Breaks> {
    Some(Breaks { peer: "birch", role, crash })
}
