//! A server dies, in the middle of a cell or after it.

use super::row::{ROW, Row, birch, check};
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Answer, Crash, Death, News};
use crate::cli::Exit;
use crate::model::Side::Server;
use crate::model::Verdict::Fail;

/// One client and one server, so that it is known at which cell the server dies.
const fn pair(cases: &'static [&'static str], crash: Crash) -> Stage {
    Stage { cases, breaks: birch(Server, crash), clients: &["acorn"], servers: &["birch"], ..WHOLE }
}

const DIED: &str =
    "alive@server: expected a server that stays up, observed birch died: exit code 139: segmentation fault";

const GIVEN_UP: &str = "alive@server: expected a server that stays up, \
                        observed birch server.plaintext died 4 times, the last time with exit code 139";

const ROWS: &[Row] = &[
    Row {
        what: "once, and comes back at another address",
        stage: pair(&["first", "second", "third"], Crash::Dies(Death { lives: 1, news: News::First })),
        outcomes: &[("first/*/*/*", Fail, DIED)],
        said: &[("birch server.plaintext died: exit code 139: segmentation fault", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "at every cell, until it is given up",
        stage: pair(&["a", "b", "c", "d", "e", "f"], Crash::Dies(Death { lives: usize::MAX, news: News::First })),
        outcomes: &[("{a,b,c,d}/*/*/*", Fail, DIED), ("{e,f}/*/*/*", Fail, GIVEN_UP)],
        said: &[
            ("birch server.plaintext died: exit code 139", 4),
            ("birch server.plaintext failed: birch server.plaintext died 4 times", 1),
        ],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "which gets known after the client has reported",
        stage: pair(&["only"], Crash::Dies(Death { lives: 1, news: News::Late })),
        outcomes: &[("only/*/*/*", Fail, DIED)],
        said: &[("birch server.plaintext died: exit code 139", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "after each cell, which costs none",
        stage: pair(&["first", "second", "third"], Crash::Request(0, Answer::ThenDies)),
        said: &[("birch server.plaintext died: exit code 139", 3)],
        ..ROW
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_server_costs_the_cell_at_which_it_died() {
    check(ROWS).await;
}
