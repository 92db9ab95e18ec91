//! A server dies in the middle of a cell.

use super::row::{Row, birch, check};
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Crash, Death, News};
use crate::model::Side::Server;
use crate::model::Verdict::Fail;

/// One client and one server, so that it is known at which cell the server dies.
const fn pair(cases: &'static [&'static str], death: Death) -> Stage {
    let breaks = birch(Server, Crash::Dies(death));
    Stage { cases, breaks, clients: &["acorn"], servers: &["birch"], ..WHOLE }
}

const DIED: &str =
    "alive@server: expected a server that stays up, observed birch died: exit code 139: segmentation fault";

const GIVEN_UP: &str = "alive@server: expected a server that stays up, \
                        observed birch server.plaintext died 4 times, the last time with exit code 139";

const ROWS: [Row; 3] = [
    Row {
        what: "once, and comes back at another address",
        stage: pair(&["first", "second", "third"], Death { lives: 1, news: News::First }),
        outcomes: &[("first/*/*/*", Fail, DIED)],
        error: None,
    },
    Row {
        what: "at every cell, until it is given up",
        stage: pair(&["a", "b", "c", "d", "e", "f"], Death { lives: usize::MAX, news: News::First }),
        outcomes: &[("{a,b,c,d}/*/*/*", Fail, DIED), ("{e,f}/*/*/*", Fail, GIVEN_UP)],
        error: None,
    },
    Row {
        what: "which gets known after the client has reported",
        stage: pair(&["only"], Death { lives: 1, news: News::Late }),
        outcomes: &[("only/*/*/*", Fail, DIED)],
        error: None,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_server_costs_the_cell_at_which_it_died() {
    check(&ROWS).await;
}
