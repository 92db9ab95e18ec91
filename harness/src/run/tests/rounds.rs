//! Cells that are run several times.

use super::played::Played;
use super::row::birch;
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Answer, Crash, Spoil};
use crate::cli::Exit;
use crate::model::Side::{Client, Server};
use crate::model::Verdict::{self, Fail, Pass};
use crate::report::CellResult;

const PAIR: Stage = Stage { clients: &["birch"], servers: &["acorn"], repeat: 7, ..WHOLE };

fn counts(cell: &CellResult) -> Vec<(Verdict, usize, u32)> {
    cell.outcomes.iter().map(|outcome| (outcome.verdict, outcome.count, outcome.round)).collect()
}

/// What holds of every run, and how the rounds of its cells came out: the verdict, how often, and where first.
fn check(played: &Played, expected: &[&[(Verdict, usize, u32)]]) {
    let results = played.results();
    assert_eq!(results.cells.iter().map(counts).collect::<Vec<_>>(), expected);
    assert!(played.result.is_ok());
    played.check_left(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_are_counted_and_the_worst_is_the_cells() {
    let breaks = birch(Client, Crash::After(2, "second", Spoil::Garbage));
    let played = Stage { breaks, ..PAIR }.play().await;
    played.check_rounds();
    check(&played, &[&[(Pass, 7, 0)], &[(Fail, 2, 2), (Pass, 5, 0)], &[(Pass, 7, 0)]]);
    let cell = &played.results().cells[1];
    assert_eq!((cell.verdict, cell.round), (Fail, 2));
    assert!(cell.reason.starts_with("2 of 7: answer@client: "), "{}", cell.reason);
    assert_eq!(played.exit(), Exit::NotAsExpected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_after_every_cell_is_started_again_each_time() {
    let breaks = birch(Server, Crash::Request(0, Answer::ThenDies));
    let played = Stage { breaks, clients: &["acorn"], servers: &["birch"], ..PAIR }.play().await;
    played.check(&[]);
    check(&played, &[&[(Pass, 7, 0)][..]; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_not_up_fails_every_round() {
    let breaks = birch(Client, Crash::ReachesNothing);
    let played = Stage { breaks, ..PAIR }.play().await;
    check(&played, &[&[(Verdict::InfraError, 7, 0)][..]; 3]);
    assert_eq!(played.exit(), Exit::InfraError);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rounds_leave_no_file_open() {
    let played = Stage { cases: &["only"], repeat: 200, ..PAIR }.play().await;
    played.check(&[]);
    check(&played, &[&[(Pass, 200, 0)]]);
    // The log, the lock, and the capture of one round.
    assert!(played.open_files <= 4, "{} files", played.open_files);
}
