//! The end of a run breaks: that changes no verdict, and the run says so.

use super::row::{Row, birch, check};
use super::stage::{Stage, WHOLE};
use crate::backend::fake::Crash;
use crate::model::Side::{Client, Server};

const ROWS: [Row; 3] = [
    Row {
        what: "a client cannot be stopped",
        stage: Stage { breaks: birch(Client, Crash::Stop), ..WHOLE },
        outcomes: &[],
        error: Some("birch client 1 cannot be removed"),
    },
    Row {
        what: "a server cannot be stopped",
        stage: Stage { breaks: birch(Server, Crash::Stop), ..WHOLE },
        outcomes: &[],
        error: Some("birch server 1 cannot be removed"),
    },
    Row {
        what: "what is left cannot be removed",
        stage: Stage { breaks: birch(Server, Crash::Finish), ..WHOLE },
        outcomes: &[],
        error: Some("the network cannot be removed"),
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_cleaned_up_keeps_its_verdicts_and_says_so() {
    check(&ROWS).await;
}
