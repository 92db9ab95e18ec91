use super::played::{Outcome, Played, Said};
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Breaks, Crash};
use crate::cli::Exit;
use crate::model::Side;

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

/// Plays all rows at once.
pub(super) async fn check(rows: &'static [Row]) {
    let played = rows.iter().map(|row| (row.what, tokio::spawn(row.check())));
    for (what, row) in played.collect::<Vec<_>>() {
        assert!(row.await.is_ok(), "{what}: see above");
    }
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
