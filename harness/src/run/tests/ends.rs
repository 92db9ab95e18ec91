//! The end of a run breaks: that changes no verdict, and the run says so.

use super::row::{ROW, Row, birch, check};
use super::stage::{LIMITS, Stage, WHOLE};
use crate::backend::fake::{Crash, Told};
use crate::cli::Exit;
use crate::model::Side::{Client, Server};
use crate::run::Limits;
use std::time::Duration;

/// All pass, and then this.
const fn server(crash: Crash) -> Stage {
    Stage { breaks: birch(Server, crash), ..WHOLE }
}

/// The same, the engine having little time for it.
const fn silent(told: Told) -> Stage {
    Stage { limits: Limits { backend: Duration::from_secs(4), ..LIMITS }, ..server(Crash::Silent(told)) }
}

const ROWS: &[Row] = &[
    Row {
        what: "a client cannot be stopped, and goes in the end",
        stage: Stage { breaks: birch(Client, Crash::Stop), ..WHOLE },
        said: &[("birch client 1 cannot be removed", 1)],
        error: Some("birch client 1 cannot be removed"),
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "a server cannot be stopped, and goes in the end",
        stage: server(Crash::Stop),
        said: &[("birch server 1 cannot be removed", 1)],
        error: Some("birch server 1 cannot be removed"),
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "what is left cannot be removed",
        stage: server(Crash::Finish),
        said: &[("the network cannot be removed", 1)],
        error: Some("the network cannot be removed"),
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "a server cannot be stopped, nor removed in the end",
        stage: server(Crash::StopAndFinish),
        said: &[("birch server 1 cannot be removed", 1), ("the network cannot be removed", 1)],
        error: Some("birch server 1 cannot be removed"),
        left: &["birch server 1"],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "a server's log cannot be had",
        stage: server(Crash::Log),
        said: &[("birch server 1 has no log", 1)],
        error: Some("birch server 1 has no log"),
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "the engine does not answer when it is to stop a server",
        stage: silent(Told::Stop),
        said: &[("the backend did not stop an instance within 4000 ms", 1)],
        error: Some("the backend did not stop an instance within 4000 ms"),
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "the engine does not answer when it is to remove what is left",
        stage: silent(Told::Finish),
        said: &[("the backend did not remove what is left within 4000 ms", 1)],
        error: Some("the backend did not remove what is left within 4000 ms"),
        exit: Exit::InfraError,
        ..ROW
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_cleaned_up_keeps_its_verdicts_and_says_so() {
    check(ROWS).await;
}
