//! A client breaks at a job: that costs its cell and no other.

use super::row::{ROW, Row, birch, check};
use super::stage::{LIMITS, Stage, WHOLE};
use crate::backend::fake::{Crash, Ending, Spoil, Told};
use crate::cli::Exit;
use crate::model::Side::Client;
use crate::model::Verdict::{Fail, Flaky, InfraError, Timeout};
use crate::run::Limits;
use std::time::Duration;

/// All pairs, the client of `birch` spoiling its second job of each.
const fn second(spoil: Spoil) -> Stage {
    Stage { breaks: birch(Client, Crash::At("second", spoil)), ..WHOLE }
}

/// One pair, the engine refusing to start its client's process so many times.
const fn refused(times: usize) -> Stage {
    Stage { servers: &["acorn"], clients: &["birch"], breaks: birch(Client, Crash::Refused("first", times)), ..WHOLE }
}

const ROWS: &[Row] = &[
    Row {
        what: "the engine refuses once to start it",
        stage: refused(1),
        outcomes: &[("*/birch/*/*", Flaky, "passed when run again; at first birch client 1 does not run")],
        ..ROW
    },
    Row {
        what: "the engine refuses to start it",
        stage: refused(usize::MAX),
        outcomes: &[("*/birch/*/*", InfraError, "birch client 1 does not run")],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "its process ends",
        stage: second(Spoil::Exits(1)),
        outcomes: &[(
            "second/birch/*/*",
            Fail,
            "answer@client: expected the client's observation, DONE, observed its standard output ended (exit code 1)",
        )],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "its process ends at the first job",
        stage: Stage { breaks: birch(Client, Crash::At("first", Spoil::Exits(1))), ..WHOLE },
        outcomes: &[("first/birch/*/*", Fail, "observed its standard output ended (exit code 1)")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "its process ends at the last job",
        stage: Stage { breaks: birch(Client, Crash::At("third", Spoil::Exits(1))), ..WHOLE },
        outcomes: &[("third/birch/*/*", Fail, "observed its standard output ended (exit code 1)")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "it hangs",
        stage: Stage { clients: &["birch"], short: Some("second"), ..second(Spoil::Hangs) },
        outcomes: &[("second/birch/*/*", Timeout, "no observation from the client in ")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "it writes garbage",
        stage: second(Spoil::Garbage),
        outcomes: &[(
            "second/birch/*/*",
            Fail,
            "observed it wrote something else than an observation to standard output: \"panic: index out of range",
        )],
        exit: Exit::NotAsExpected,
        ..ROW
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
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "it answers for another case",
        stage: second(Spoil::OtherCase),
        outcomes: &[("second/birch/*/*", Fail, "observed it answered for \"another\" when second was next")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "it lacks what it declares",
        stage: second(Spoil::Refuses),
        outcomes: &[(
            "second/birch/*/*",
            Fail,
            "observed refused for lack of \"unary\", which its peer.yaml does not declare",
        )],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "all of it dies",
        stage: Stage { servers: &["acorn"], clients: &["birch"], ..second(Spoil::Dies) },
        outcomes: &[("second/birch/*/*", Fail, "birch died: exit code 137: out of memory")],
        said: &[("birch client died: exit code 137: out of memory", 1)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "the engine does not answer when it is to start it",
        stage: Stage {
            servers: &["acorn"],
            clients: &["birch"],
            breaks: birch(Client, Crash::Silent(Told::Exec)),
            limits: Limits { backend: Duration::from_secs(4), ..LIMITS },
            ..WHOLE
        },
        outcomes: &[("*/birch/*/*", InfraError, "the backend did not begin a process within 4000 ms")],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "its process crashes",
        stage: second(Spoil::Exits(139)),
        outcomes: &[("second/birch/*/*", Fail, "observed its standard output ended (exit code 139)")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "its process closes its output and runs on",
        stage: second(Spoil::FallsSilent),
        outcomes: &[("second/birch/*/*", Fail, "observed its standard output ended (its process runs on)")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "it hangs and cannot be ended",
        stage: Stage {
            clients: &["birch"],
            short: Some("second"),
            breaks: birch(Client, Crash::Unkillable("second")),
            ..WHOLE
        },
        outcomes: &[("second/birch/*/*", Timeout, "no observation from the client in ")],
        said: &[("over plaintext cannot be ended: birch client 1 keeps its process", 2)],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "it runs the next job first",
        stage: second(Spoil::OutOfOrder),
        outcomes: &[("second/birch/*/*", Fail, "observed it answered for \"third\" when second was next")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "it writes more than its observation, which is found at the next job",
        stage: second(Spoil::Trails),
        outcomes: &[("third/birch/*/*", Fail, "observed it wrote something else than an observation")],
        exit: Exit::NotAsExpected,
        ..ROW
    },
    Row {
        what: "it writes more than its last observation",
        stage: Stage { breaks: birch(Client, Crash::At("third", Spoil::Trails)), ..WHOLE },
        said: &[("over plaintext wrote 16 bytes to standard output after its last observation", 2)],
        ..ROW
    },
    Row {
        what: "it ends with an error after its last job",
        stage: Stage { breaks: birch(Client, Crash::Finally(Ending::Fails)), ..WHOLE },
        said: &[("over plaintext ended with exit code 3 after its last job", 2)],
        ..ROW
    },
    Row {
        what: "it writes something after its last job",
        stage: Stage { breaks: birch(Client, Crash::Finally(Ending::Babbles)), ..WHOLE },
        said: &[("over plaintext wrote 4 bytes to standard output after its last observation", 2)],
        ..ROW
    },
    Row {
        what: "it does not end after its last job",
        stage: Stage { breaks: birch(Client, Crash::Finally(Ending::Lingers)), ..WHOLE },
        said: &[("over plaintext did not end within 2 s of its last job, and was ended", 2)],
        ..ROW
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_spoilt_job_costs_its_cell_and_no_other() {
    check(ROWS).await;
}
