use super::played::Outcome;
use super::stage::Stage;
use crate::backend::fake::{Breaks, Crash};
use crate::model::Side;

/// A run that is played to its end, and what is to come of it.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) what: &'static str,
    pub(super) stage: Stage,
    /// Of the cells that do not pass.
    pub(super) outcomes: &'static [Outcome],
    /// Of the run as a whole.
    pub(super) error: Option<&'static str>,
}

/// Plays all rows at once.
pub(super) async fn check(rows: &'static [Row]) {
    let played = rows.iter().map(|row| (row.what, tokio::spawn(row.check())));
    for (what, row) in played.collect::<Vec<_>>() {
        assert!(row.await.is_ok(), "{what}: see above");
    }
}

impl Row {
    async fn check(&self) {
        let played = self.stage.play().await;
        played.check(self.outcomes);
        assert_eq!(played.error().as_deref(), self.error);
    }
}

/// The peer `birch` breaks here.
pub(super) const fn birch(role: Side, crash: Crash) -> Option<Breaks> {
    Some(Breaks { peer: "birch", role, crash })
}
