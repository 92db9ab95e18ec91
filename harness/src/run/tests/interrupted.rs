//! A run that the user ends.

use super::row::birch;
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Crash, Entry, Spoil};
use crate::model::Event;
use crate::model::Side::{Client, Server};
use crate::model::Verdict::Skipped;

const UNDONE: &str = "the run ended before this cell's turn";

fn interrupted(events: &[Event]) -> bool {
    matches!(events.last(), Some(Event::RunFinished { interrupted: true, .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_done_keep_their_verdicts_and_the_rest_is_skipped() {
    let stage = Stage { breaks: birch(Client, Crash::At("second", Spoil::Hangs)), ..WHOLE };
    let hanging = stage.play_until(async |diary| {
        diary.wait_for(2, Entry::Hangs).await;
        // All six of the other client, and the first of each pair of this one.
        diary.wait_for(8, Entry::Judged).await;
    });
    let played = hanging.await;
    played.check(&[("second/birch/*/*", Skipped, UNDONE), ("third/birch/*/*", Skipped, UNDONE)]);
    assert!(interrupted(&played.events));
    assert_eq!(played.error(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_on_their_way_up_are_stopped() {
    let stage = Stage { breaks: birch(Server, Crash::NeverReady), servers: &["birch"], ..WHOLE };
    let started = Entry::Started("birch server 1".to_owned());
    let played = stage.play_until(async |diary| diary.wait_for(1, started).await).await;
    played.check(&[("*/*/*/*", Skipped, UNDONE)]);
    assert!(interrupted(&played.events));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_interrupted_at_once_has_all_its_verdicts() {
    let played = WHOLE.play_until(async |_| {}).await;
    played.check(&[("*/*/*/*", Skipped, UNDONE)]);
    assert!(interrupted(&played.events));
}
