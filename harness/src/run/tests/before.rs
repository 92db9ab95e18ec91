//! A peer breaks before its first cell.

use super::row::{Row, birch, check};
use super::stage::{LIMITS, Stage, WHOLE};
use crate::backend::Failure;
use crate::backend::fake::{Crash, News};
use crate::model::Side::{Client, Server};
use crate::model::Verdict::{Fail, InfraError};
use crate::run::Limits;
use std::time::Duration;

const ROWS: [Row; 14] = [
    Row { what: "nothing breaks", stage: WHOLE, outcomes: &[], error: None },
    Row {
        what: "a build fails",
        stage: Stage { breaks: birch(Server, Crash::Build), ..WHOLE },
        outcomes: &[
            ("*/birch/*/*", InfraError, "birch does not build"),
            ("*/acorn/birch/*", InfraError, "birch does not build"),
        ],
        error: None,
    },
    Row {
        what: "a client does not start",
        stage: Stage { breaks: birch(Client, Crash::Start(Failure::Peer)), ..WHOLE },
        outcomes: &[("*/birch/*/*", Fail, "the client is not up: birch client did not start")],
        error: None,
    },
    Row {
        what: "the engine does not start a client",
        stage: Stage { breaks: birch(Client, Crash::Start(Failure::Infra)), ..WHOLE },
        outcomes: &[("*/birch/*/*", InfraError, "birch client did not start")],
        error: None,
    },
    Row {
        what: "a server does not start",
        stage: Stage { breaks: birch(Server, Crash::Start(Failure::Peer)), ..WHOLE },
        outcomes: &[("*/*/birch/*", Fail, "the server is not up: birch server did not start")],
        error: None,
    },
    Row {
        what: "the engine does not start a server",
        stage: Stage { breaks: birch(Server, Crash::Start(Failure::Infra)), ..WHOLE },
        outcomes: &[("*/*/birch/*", InfraError, "birch server did not start")],
        error: None,
    },
    Row {
        what: "a client ends by itself",
        stage: Stage { breaks: birch(Client, Crash::EndsAtOnce(News::First)), ..WHOLE },
        outcomes: &[(
            "*/birch/*/*",
            Fail,
            "the client is not up: birch client ended by itself: exit code 1: no such file",
        )],
        error: None,
    },
    Row {
        what: "a client ends by itself, and what is run in it fails first",
        stage: Stage { breaks: birch(Client, Crash::EndsAtOnce(News::Late)), ..WHOLE },
        outcomes: &[(
            "*/birch/*/*",
            Fail,
            "the client is not up: birch client ended by itself: exit code 1: no such file",
        )],
        error: None,
    },
    Row {
        what: "a server ends by itself",
        stage: Stage { breaks: birch(Server, Crash::EndsAtOnce(News::First)), ..WHOLE },
        outcomes: &[(
            "*/*/birch/*",
            Fail,
            "the server is not up: birch server.plaintext ended by itself: exit code 1: no such file",
        )],
        error: None,
    },
    Row {
        what: "a server is never ready",
        stage: Stage {
            breaks: birch(Server, Crash::NeverReady),
            servers: &["birch"],
            limits: Limits { ready: Duration::from_secs(1), ..LIMITS },
            ..WHOLE
        },
        outcomes: &[("*/*/birch/*", Fail, "the server is not up: birch server.plaintext: 127.0.0.1:")],
        error: None,
    },
    Row {
        what: "a client says it is another",
        stage: Stage {
            breaks: birch(
                Client,
                Crash::Describes(
                    r#"{"name":"oak","language":"Go","library":"grpc-go","version":"1.79.3","features":[]}"#,
                ),
            ),
            ..WHOLE
        },
        outcomes: &[(
            "*/birch/*/*",
            Fail,
            "the client is not up: birch client: peer.yaml says that its name is \"birch\", --describe says \"oak\"",
        )],
        error: None,
    },
    Row {
        what: "a server does not say what it is",
        stage: Stage { breaks: birch(Server, Crash::Describes("usage: server [--port=N]")), ..WHOLE },
        outcomes: &[("*/*/birch/*", Fail, "the server is not up: birch server: --describe printed no line of JSON")],
        error: None,
    },
    Row {
        what: "a client reports success whatever it is told",
        stage: Stage { breaks: birch(Client, Crash::AcceptsAnything), ..WHOLE },
        outcomes: &[(
            "*/birch/*/*",
            Fail,
            "the client is not up: birch client: canary: it must refuse a case without a script as BAD_SCRIPT, said DONE",
        )],
        error: None,
    },
    Row {
        what: "a client reaches no tap",
        stage: Stage { breaks: birch(Client, Crash::ReachesNothing), clients: &["birch"], ..WHOLE },
        outcomes: &[("*/birch/*/*", InfraError, "a client does not reach 127.0.0.1, where taps listen (exit code 1")],
        error: None,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn cells_of_a_peer_that_is_not_up_say_why_and_others_run() {
    check(&ROWS).await;
}
