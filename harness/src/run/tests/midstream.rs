//! A call breaks in the middle, and both peers go on.

use super::row::{ROW, Row, birch, check};
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Answer, Crash, Spoil};
use crate::cli::Exit;
use crate::model::Side::{Client, Server};
use crate::model::Verdict::{Fail, Timeout};

/// One client and one server, which answers the second request so.
const fn second(answer: Answer) -> Stage {
    let breaks = birch(Server, Crash::Request(1, answer));
    Stage { breaks, clients: &["acorn"], servers: &["birch"], short: Some("second"), ..WHOLE }
}

const ROWS: &[Row] = &[
    Row {
        what: "the server takes a request and never answers",
        stage: second(Answer::Never),
        outcomes: &[(
            "second/*/*/*",
            Timeout,
            "the client's job was not done in 2000 ms; response@server: expected 1 response, observed 0",
        )],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "the server closes in the middle of a response",
        stage: Stage { short: None, ..second(Answer::Half) },
        outcomes: &[("second/*/*/*", Fail, "response@server: expected 1 response, observed 0")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "the client stops reading",
        stage: Stage {
            breaks: birch(Client, Crash::At("second", Spoil::StopsReading)),
            clients: &["birch"],
            short: Some("second"),
            ..WHOLE
        },
        outcomes: &[("second/birch/*/*", Timeout, "no observation from the client in ")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_breaks_costs_its_cell_and_says_who_broke_it() {
    check(ROWS).await;
}
