//! A client breaks at a job: that costs its cell and no other.

use super::row::{Row, birch, check};
use super::stage::{Stage, WHOLE};
use crate::backend::fake::{Crash, Spoil};
use crate::model::Side::Client;
use crate::model::Verdict::{Fail, Flaky, InfraError, Timeout};

/// All pairs, the client of `birch` spoiling its second job of each.
const fn second(spoil: Spoil) -> Stage {
    Stage { breaks: birch(Client, Crash::At("second", spoil)), ..WHOLE }
}

/// One pair, the engine refusing to start its client's process so many times.
const fn refused(times: usize) -> Stage {
    Stage { servers: &["acorn"], clients: &["birch"], breaks: birch(Client, Crash::Refused("first", times)), ..WHOLE }
}

const ROWS: [Row; 11] = [
    Row {
        what: "the engine refuses once to start it",
        stage: refused(1),
        outcomes: &[("*/birch/*/*", Flaky, "passed when run again; at first birch client 1 does not run")],
        error: None,
    },
    Row {
        what: "the engine refuses to start it",
        stage: refused(usize::MAX),
        outcomes: &[("*/birch/*/*", InfraError, "birch client 1 does not run")],
        error: None,
    },
    Row {
        what: "its process ends",
        stage: second(Spoil::Exits),
        outcomes: &[(
            "second/birch/*/*",
            Fail,
            "answer@client: expected the client's observation, DONE, observed its standard output ended (exit code 1)",
        )],
        error: None,
    },
    Row {
        what: "its process ends at the first job",
        stage: Stage { breaks: birch(Client, Crash::At("first", Spoil::Exits)), ..WHOLE },
        outcomes: &[("first/birch/*/*", Fail, "observed its standard output ended (exit code 1)")],
        error: None,
    },
    Row {
        what: "its process ends at the last job",
        stage: Stage { breaks: birch(Client, Crash::At("third", Spoil::Exits)), ..WHOLE },
        outcomes: &[("third/birch/*/*", Fail, "observed its standard output ended (exit code 1)")],
        error: None,
    },
    Row {
        what: "it hangs",
        stage: Stage { short: Some("second"), ..second(Spoil::Hangs) },
        outcomes: &[("second/birch/*/*", Timeout, "no observation from the client in ")],
        error: None,
    },
    Row {
        what: "it writes garbage",
        stage: second(Spoil::Garbage),
        outcomes: &[(
            "second/birch/*/*",
            Fail,
            "observed it wrote something else than an observation to standard output: \"panic: index out of range",
        )],
        error: None,
    },
    Row {
        what: "its observation is cut short",
        stage: second(Spoil::CutShort),
        outcomes: &[(
            "second/birch/*/*",
            Fail,
            "answer@client: expected the client's observation, DONE, \
             observed its standard output ended in the middle of an observation",
        )],
        error: None,
    },
    Row {
        what: "it answers for another case",
        stage: second(Spoil::OtherCase),
        outcomes: &[("second/birch/*/*", Fail, "observed it answered for \"another\" when second was next")],
        error: None,
    },
    Row {
        what: "it lacks what it declares",
        stage: second(Spoil::Refuses),
        outcomes: &[(
            "second/birch/*/*",
            Fail,
            "observed refused for lack of \"unary\", which its peer.yaml does not declare",
        )],
        error: None,
    },
    Row {
        what: "all of it dies",
        stage: Stage { servers: &["acorn"], clients: &["birch"], ..second(Spoil::Dies) },
        outcomes: &[("second/birch/*/*", Fail, "birch died: exit code 137: out of memory")],
        error: None,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_spoilt_job_costs_its_cell_and_no_other() {
    check(&ROWS).await;
}
