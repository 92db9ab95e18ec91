use super::{Progress, Results, results, summary};
use crate::model::{
    BackendKind, CaseId, CellId, Event, Evidence, Fault, Finding, Level, PeerId, Place, PlannedCell, Role, Tier,
    Transport, Verdict,
};
use crate::run::Consumer;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

pub(super) fn cell(case: &str, client: &str, server: &str) -> CellId {
    let (client, server) = (PeerId::new(client), PeerId::new(server));
    CellId { case: CaseId::new(case), client, server, transport: Transport::Plaintext }
}

fn judged(cell: CellId, verdict: Verdict, reason: &str, findings: Vec<Finding>) -> Event {
    let link = matches!(verdict, Verdict::Xfail | Verdict::Unsupported).then(|| "https://example.test/7".to_owned());
    Event::CellJudged {
        cell,
        round: 0,
        verdict,
        evidence: Evidence::Frames,
        reason: reason.into(),
        link,
        findings,
        duration_ms: 12,
    }
}

/// A run with one cell of every verdict.
fn events() -> Vec<Event> {
    let cells = [
        (cell("empty_unary", "go", "go"), Verdict::Pass, ""),
        (cell("empty_unary", "go", "rust-tonic"), Verdict::Xfail, "known difference"),
        (cell("empty_unary", "rust-tonic", "go"), Verdict::Unsupported, "rust-tonic client lacks this"),
        (cell("empty_unary", "rust-tonic", "rust-tonic"), Verdict::Flaky, "passed when run again"),
        (cell("ping_pong", "go", "go"), Verdict::Fail, "W9@server"),
        (cell("ping_pong", "go", "rust-tonic"), Verdict::Timeout, "no observation from the client in 12000 ms"),
        (cell("ping_pong", "rust-tonic", "go"), Verdict::InfraError, "the engine went away\u{1b}[31m"),
        (cell("ping_pong", "rust-tonic", "rust-tonic"), Verdict::Xpass, "passed, but the ledger says it always fails"),
        (cell("large_unary", "go", "go"), Verdict::Skipped, "the run ended before this cell's turn"),
    ];
    let planned =
        cells.iter().map(|(cell, ..)| PlannedCell { cell: cell.clone(), unsupported: None, proof: None }).collect();
    let finding = Finding {
        check: "W9".into(),
        level: Level::Must,
        fault: Fault::Server,
        expected: "one grpc-status, 0 to 16".into(),
        observed: "none, \u{1b}[2J".into(),
        place: Some(Place { connection: 0, frame: 12 }),
    };
    let note = Finding { check: "W17".into(), level: Level::Should, fault: Fault::Client, ..finding.clone() };
    let mut events = vec![
        Event::RunStarted {
            format: 1,
            run: "20261123-160402-1".into(),
            harness: "0.1.0".into(),
            started_s: 0,
            backend: "containers".into(),
            kind: BackendKind::Containers,
            repeat: 1,
            unfiltered: false,
            foreign: BTreeMap::new(),
        },
        Event::Planned {
            cells: planned,
            absent: BTreeMap::from([("left out by --case".into(), 27)]),
            tier: Tier::Default,
            elsewhere: Vec::new(),
        },
        Event::PeerStarted { peer: PeerId::new("go"), role: Role::Client, version: Some("1.2".into()), duration_ms: 3 },
    ];
    events.extend(cells.into_iter().map(|(cell, verdict, reason)| {
        let findings = if verdict == Verdict::Fail { vec![finding.clone(), note.clone()] } else { vec![] };
        judged(cell, verdict, reason, findings)
    }));
    events.push(Event::RunFinished { duration_ms: 12_345, interrupted: false });
    events
}

fn told() -> Results {
    results(&events())
}

#[test]
fn the_summary_of_every_verdict() {
    insta::assert_snapshot!(summary(&told()));
}

#[test]
fn results_json() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&told()).unwrap());
}

#[test]
fn totals_add_up_and_a_run_that_broke_off_is_interrupted() {
    let mut events = events();
    let whole = results(&events);
    assert_eq!(whole.totals.planned, whole.totals.verdicts.values().sum::<usize>());
    events.truncate(5);
    let broken = results(&events);
    assert!(broken.interrupted);
    assert_eq!(broken.totals.planned, 9);
    assert_eq!(broken.totals.verdicts[&Verdict::Skipped], 7);
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What progress prints of events where there is no terminal.
pub(super) fn in_plain_lines<'a>(events: impl IntoIterator<Item = &'a Event>) -> String {
    let out = Shared::default();
    let mut progress = Progress::plain(Box::new(out.clone()));
    events.into_iter().for_each(|event| progress.consume(event));
    let bytes = out.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn progress_in_plain_lines() {
    insta::assert_snapshot!(in_plain_lines(&events()));
}

#[test]
fn every_event_survives_its_log() {
    for event in events() {
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }
}
