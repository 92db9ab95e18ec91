//! A peer breaks before its first cell.

use super::row::{ROW, Row, birch, check};
use super::stage::{LIMITS, Stage, WHOLE};
use crate::backend::Failure;
use crate::backend::fake::{Crash, News, Told};
use crate::cli::Exit;
use crate::model::Side::{Client, Server};
use crate::model::Verdict::{Fail, InfraError, Skipped};
use crate::run::Limits;
use std::time::Duration;

const UNDONE: &str = "the run ended before this cell's turn";

const SILENT_START: Stage = Stage { breaks: birch(Server, Crash::Silent(Told::Start)), ..WHOLE };

const ROWS: &[Row] = &[
    Row { what: "nothing breaks", stage: WHOLE, ..ROW },
    Row {
        what: "a build fails",
        stage: Stage { breaks: birch(Server, Crash::Build), ..WHOLE },
        outcomes: &[
            ("*/birch/*/*", InfraError, "birch does not build"),
            ("*/acorn/birch/*", InfraError, "birch does not build"),
        ],
        said: &[("failed: birch does not build\nthe end of its output", 1)],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "a client does not start",
        stage: Stage { breaks: birch(Client, Crash::Start(Failure::Peer)), ..WHOLE },
        outcomes: &[("*/birch/*/*", Fail, "the client is not up: birch client did not start")],
        said: &[("birch client failed: birch client did not start", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "the engine does not start a client",
        stage: Stage { breaks: birch(Client, Crash::Start(Failure::Infra)), ..WHOLE },
        outcomes: &[("*/birch/*/*", InfraError, "birch client did not start")],
        said: &[("birch client failed: birch client did not start", 1)],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "a server does not start",
        stage: Stage { breaks: birch(Server, Crash::Start(Failure::Peer)), ..WHOLE },
        outcomes: &[("*/*/birch/*", Fail, "the server is not up: birch server did not start")],
        said: &[("birch server.plaintext failed: birch server did not start", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "the engine does not start a server",
        stage: Stage { breaks: birch(Server, Crash::Start(Failure::Infra)), ..WHOLE },
        outcomes: &[("*/*/birch/*", InfraError, "birch server did not start")],
        said: &[("birch server.plaintext failed: birch server did not start", 1)],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "a client ends by itself",
        stage: Stage { breaks: birch(Client, Crash::EndsAtOnce(News::First)), ..WHOLE },
        outcomes: &[(
            "*/birch/*/*",
            Fail,
            "the client is not up: birch client ended by itself: exit code 1: no such file",
        )],
        said: &[("birch client failed: birch client ended by itself: exit code 1: no such file", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "a client ends by itself, and what is run in it fails first",
        stage: Stage { breaks: birch(Client, Crash::EndsAtOnce(News::Late)), ..WHOLE },
        outcomes: &[(
            "*/birch/*/*",
            Fail,
            "the client is not up: birch client ended by itself: exit code 1: no such file",
        )],
        said: &[("birch client failed: birch client ended by itself: exit code 1: no such file", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "a server ends by itself",
        stage: Stage { breaks: birch(Server, Crash::EndsAtOnce(News::First)), ..WHOLE },
        outcomes: &[(
            "*/*/birch/*",
            Fail,
            "the server is not up: birch server.plaintext ended by itself: exit code 1: no such file",
        )],
        said: &[("birch server.plaintext failed: birch server.plaintext ended by itself: exit code 1", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
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
        said: &[("birch server.plaintext failed: birch server.plaintext: 127.0.0.1:", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
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
        said: &[("birch client failed: birch client: peer.yaml says that its name is", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "a server does not say what it is",
        stage: Stage { breaks: birch(Server, Crash::Describes("usage: server [--port=N]")), ..WHOLE },
        outcomes: &[("*/*/birch/*", Fail, "the server is not up: birch server: --describe printed no line of JSON")],
        said: &[("birch server.plaintext failed: birch server: --describe printed no line of JSON", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "a client reports success whatever it is told",
        stage: Stage { breaks: birch(Client, Crash::AcceptsAnything), ..WHOLE },
        outcomes: &[(
            "*/birch/*/*",
            Fail,
            "the client is not up: birch client: canary: it must refuse a case without a script as BAD_SCRIPT, said DONE",
        )],
        said: &[("birch client failed: birch client: canary: ", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "a client reaches no tap",
        stage: Stage { breaks: birch(Client, Crash::ReachesNothing), clients: &["birch"], ..WHOLE },
        outcomes: &[(
            "*/birch/*/*",
            InfraError,
            "a client does not reach 127.0.0.1, where taps listen (exit code 1: ); \
             a firewall of this host may be in the way: let in TCP from the containers' network to 127.0.0.1",
        )],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "a build hangs, to the end of the run's time",
        stage: Stage {
            breaks: birch(Server, Crash::BuildHangs),
            servers: &["birch"],
            limits: Limits { run: Duration::from_secs(3), ..LIMITS },
            ..WHOLE
        },
        outcomes: &[("*/*/birch/*", Skipped, UNDONE)],
        said: &[("the run was ended at its limit of 3 s", 1)],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "the engine does not answer when it is to start a server",
        stage: Stage { limits: Limits { backend: Duration::from_secs(4), ..LIMITS }, ..SILENT_START },
        outcomes: &[("*/*/birch/*", InfraError, "the backend did not start birch server within 4000 ms")],
        said: &[("birch server.plaintext failed: the backend did not start birch server within 4000 ms", 1)],
        exit: Exit::InfraError,
        ..ROW
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn cells_of_a_peer_that_is_not_up_say_why_and_others_run() {
    check(ROWS).await;
}
