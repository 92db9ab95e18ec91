//! A run that the user ends: each pair finishes the cell it is at.

use super::played::Played;
use super::row::birch;
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Crash, Diary, Entry, Spoil};
use crate::cli::Exit;
use crate::model::Event;
use crate::model::Side::{Client, Server};
use crate::model::Verdict::{Skipped, Timeout};

const UNDONE: &str = "the run ended before this cell's turn";

/// One pair, whose client does this at its second job.
const fn at_second(spoil: Spoil) -> Stage {
    let breaks = birch(Client, Crash::At("second", spoil));
    Stage { breaks, clients: &["birch"], servers: &["acorn"], ..WHOLE }
}

/// Interrupted when it has got there.
async fn play(stage: Stage) -> Played {
    let there = async |diary: &Diary| {
        diary.wait_for(1, Entry::Judged).await;
        diary.wait_for(1, Entry::Hangs).await;
    };
    stage.play_until(there).await
}

fn check_interrupted(played: &Played) {
    assert!(matches!(played.events.last(), Some(Event::RunFinished { interrupted: true, .. })));
    assert_eq!((played.error(), played.exit()), (None, Exit::Interrupted));
    played.check_said(&[]);
    played.check_left(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cell_under_way_is_finished_and_none_is_begun() {
    let played = play(at_second(Spoil::Dawdles)).await;
    played.check(&[("third/*/*/*", Skipped, UNDONE)]);
    check_interrupted(&played);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_that_hangs_has_its_own_time_and_no_more() {
    let played = play(Stage { short: Some("second"), ..at_second(Spoil::Hangs) }).await;
    let hung = ("second/*/*/*", Timeout, "no observation from the client in ");
    played.check(&[hung, ("third/*/*/*", Skipped, UNDONE)]);
    check_interrupted(&played);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_under_way_does_not_begin_another_round() {
    let played = play(Stage { cases: &["first", "second"], repeat: 5, ..at_second(Spoil::Dawdles) }).await;
    played.check(&[]);
    check_interrupted(&played);
    for cell in played.results().cells {
        assert_eq!((cell.verdict, cell.reason.as_str()), (Skipped, "4 of 5: the run ended before this cell's turn"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_on_their_way_up_are_stopped() {
    let stage = Stage { breaks: birch(Server, Crash::NeverReady), servers: &["birch"], ..WHOLE };
    let started = Entry::Started("birch server 1".to_owned());
    let played = stage.play_until(async |diary| diary.wait_for(1, started).await).await;
    played.check(&[("*/*/*/*", Skipped, UNDONE)]);
    check_interrupted(&played);
}

#[tokio::test(flavor = "multi_thread")]
async fn builds_are_given_up() {
    let stage = Stage { breaks: birch(Server, Crash::BuildHangs), servers: &["birch"], ..WHOLE };
    let played = stage.play_until(async |diary| diary.wait_for(1, Entry::Hangs).await).await;
    played.check(&[("*/*/*/*", Skipped, UNDONE)]);
    check_interrupted(&played);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_interrupted_at_once_has_all_its_verdicts() {
    let played = WHOLE.play_until(async |_| {}).await;
    played.check(&[("*/*/*/*", Skipped, UNDONE)]);
    check_interrupted(&played);
}
