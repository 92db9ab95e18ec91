//! A peer writes without end: that fills neither memory nor disk.

use super::played::Played;
use super::row::{ROW, Row, birch};
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Crash, Spoil};
use crate::cli::Exit;
use crate::model::Side::{self, Client, Server};
use crate::model::Verdict::Fail;

/// What a log may have, with the line that says that it is cut.
const LOG: u64 = (16 << 20) + 100;

async fn play(role: Side, crash: Crash) -> Played {
    Stage { breaks: birch(role, crash), clients: &["birch"], servers: &["birch"], ..WHOLE }.play().await
}

fn check_log(played: &Played, name: &str) {
    let log = std::fs::metadata(played.folder.path().join("logs").join(name)).unwrap().len();
    assert!((16 << 20..LOG).contains(&log), "{log} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_on_standard_output_costs_its_cell() {
    let played = play(Client, Crash::At("second", Spoil::Floods)).await;
    const SAYS: &str = "it wrote something else than an observation to standard output: \"\\x80\\x80@\\xff";
    Row { outcomes: &[("second/*/*/*", Fail, SAYS)], exit: Exit::NotAsExpected, ..ROW }.check_played(&played);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_on_standard_error_costs_nothing() {
    let played = play(Client, Crash::At("second", Spoil::FloodsErrors)).await;
    ROW.check_played(&played);
    check_log(&played, "birch.client.birch.plaintext.log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_floods_its_log_has_it_cut() {
    let played = play(Server, Crash::FloodsLog).await;
    ROW.check_played(&played);
    check_log(&played, "birch.server.plaintext.log");
}
