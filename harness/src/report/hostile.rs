//! A peer's text in each place where a peer has a say: none of it reaches an output as anything but text on its line.

use super::tests::{self, in_plain_lines};
use super::{PeerCheck, ShowCell, View, check_text, results, show, shown, summary};
use crate::input::Project;
use crate::judge::Recording;
use crate::model::{
    BackendKind, CellFailure, CellId, ClientExit, Event, Evidence, Fault, Finding, Level, PeerId, Place, PlannedCell,
    Role, Side, Tier, Verdict,
};
use crate::proto::testing::{EchoStatus, SimpleRequest};
use crate::run::{json_line, json_pretty};
use crate::wire::build::{Exchange, message};
use crate::wire::tls::TlsTranscript;
use crate::wire::tls::build::client_hello;
use crate::wire::{Transcript, flag};
use prost::Message;
use std::collections::BTreeMap;
use std::path::Path;

/// Escape sequences that begin with ESC and with the C1 control, a title for the window, BEL, the line written over, text from right to
/// left and in isolation, what cannot be seen, NUL, DEL, and a line of its own.
const NASTY: &str =
    "a\u{1b}[2J\u{9b}31m\u{1b}]0;t\u{7}\r\u{202e}\u{2066}\u{200b}\u{feff}\u{0}\u{7f}\u{2028}\nPASS it all";

fn is_harmless(what: &str, text: &str) {
    let harmless = |c: char| matches!(c, '\n' | ' ' | '✓') || c.is_ascii_graphic();
    assert!(text.chars().all(harmless), "{what}: {text:?}");
    assert!(!text.lines().any(|line| line.starts_with("PASS it")), "{what}: {text}");
    assert!(text.contains("PASS it all"), "{what} does not show it: {text}");
}

fn nasty() -> String {
    NASTY.to_owned()
}

fn cell(case: &str) -> CellId {
    tests::cell(case, "go", "go")
}

fn finding() -> Finding {
    Finding {
        check: "status".into(),
        level: Level::Must,
        fault: Fault::Server,
        expected: nasty(),
        observed: nasty(),
        place: Some(Place { connection: 0, frame: 1 }),
    }
}

/// Each event that a peer has a say in.
fn events() -> Vec<Event> {
    let peer = || PeerId::new("go");
    let cases = ["empty_unary", "large_unary", "ping_pong", "empty_stream"];
    let verdicts = [Verdict::Fail, Verdict::InfraError, Verdict::Unsupported, Verdict::Flaky];
    let planned = |case| PlannedCell { cell: cell(case), unsupported: None, proof: None };
    let mut events = vec![
        Event::RunStarted {
            format: 1,
            run: "20261123-160402-1".into(),
            harness: "0.1.0".into(),
            started_s: 0,
            backend: nasty(),
            kind: BackendKind::default(),
            repeat: 1,
            unfiltered: false,
            foreign: BTreeMap::from([(peer(), nasty())]),
        },
        Event::Planned {
            cells: cases.map(planned).to_vec(),
            absent: BTreeMap::from([(nasty(), 1)]),
            tier: Tier::Default,
            elsewhere: Vec::new(),
        },
        Event::Note { text: nasty() },
        Event::BuildOutput { peer: peer(), line: nasty() },
        Event::PeerFailed { peer: peer(), role: Role::Client, reason: nasty() },
        Event::PeerStarted { peer: peer(), role: Role::Client, version: Some(nasty()), duration_ms: 3 },
        Event::PeerDied { peer: peer(), role: Role::Client, detail: nasty() },
        Event::CellRecorded {
            cell: cell("empty_unary"),
            round: 0,
            failure: Some(CellFailure::ClientBroke { detail: nasty() }),
            exit: Some(ClientExit { code: 1, last_line: nasty() }),
            again: Some(nasty()),
            duration_ms: 1,
        },
    ];
    events.extend(cases.into_iter().zip(verdicts).map(|(case, verdict)| Event::CellJudged {
        cell: cell(case),
        round: 0,
        verdict,
        evidence: Evidence::Frames,
        reason: nasty(),
        link: Some(nasty()),
        findings: vec![finding()],
        duration_ms: 12,
    }));
    events.push(Event::RunFinished { duration_ms: 12_345, interrupted: false });
    events
}

#[test]
fn in_progress() {
    let silent = |event: &Event| match event {
        // Neither the backend's name nor the plan is a peer's to say.
        Event::RunStarted { .. } | Event::Planned { .. } | Event::RunFinished { .. } | Event::CellRecorded { .. } => {
            true
        }
        Event::CellJudged { verdict, .. } => verdict.is_expected() && *verdict != Verdict::Flaky,
        Event::Note { .. }
        | Event::BuildOutput { .. }
        | Event::PeerBuilt { .. }
        | Event::PeerStarted { .. }
        | Event::PeerFailed { .. }
        | Event::PeerDied { .. }
        | Event::PeerStopped { .. } => false,
    };
    for event in events().iter().filter(|event| !silent(event)) {
        is_harmless("progress", &in_plain_lines([event]));
    }
}

#[test]
fn in_the_summary_and_in_json() {
    let results = results(&events());
    is_harmless("summary", &summary(&results));
    is_harmless("results.json", &json_pretty(&results).unwrap());
    for event in events().iter().filter(|event| !matches!(event, Event::RunFinished { .. })) {
        is_harmless("events.jsonl", &json_line(event).unwrap());
    }
}

#[test]
fn in_a_peers_check() {
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut peer = project.peer(&PeerId::new("go")).unwrap().peer.clone();
    peer.library = nasty();
    let (events, proofs) = (events(), []);
    let results = results(&events);
    is_harmless(
        "peer check",
        &check_text(&PeerCheck { peer: &peer, events: &events, results: &results, proofs: &proofs }),
    );
}

#[test]
fn in_shown_frames() {
    let exchange = Exchange::new()
        .preface()
        .headers(Side::Client, 1, 0, &[(":path", NASTY), (NASTY, "x")])
        .headers(Side::Server, 1, flag::END_STREAM, &[("grpc-message", NASTY), ("grpc-encoding", NASTY)])
        .goaway(Side::Server, 1, 0, NASTY.as_bytes())
        .goaway(Side::Server, 1, 0, b"\xff\xfe\x9b");
    let connections = vec![exchange.connection(), Exchange::new().bytes(Side::Client, NASTY).connection()];
    let recording = Recording::Frames(Transcript { connections, sealed: true });
    let findings = [finding(), Finding { place: None, ..finding() }];
    are_harmless(&ShowCell { id: NASTY, verdict: NASTY, recording: &recording, findings: &findings });
}

#[test]
fn in_shown_tls() {
    let hello = client_hello().server_name(NASTY).alpn(&[NASTY]).versions(&[0x0304]).record();
    let connection = Exchange::new().bytes(Side::Client, hello).bytes(Side::Server, NASTY).tls_connection();
    let recording = Recording::Tls(TlsTranscript { connections: vec![connection], sealed: true });
    are_harmless(&ShowCell { id: NASTY, verdict: NASTY, recording: &recording, findings: &[finding()] });
}

/// In all views, and as data.
fn are_harmless(cell: &ShowCell<'_>) {
    for view in [View::Calls, View::Frames] {
        let shown = shown(cell, view);
        is_harmless("show", &show(&shown));
        is_harmless("show --json", &json_pretty(&shown).unwrap());
    }
}

#[test]
fn in_shown_messages() {
    let status = EchoStatus { code: 2, message: NASTY.to_owned() };
    let request = SimpleRequest { response_status: Some(status), ..SimpleRequest::default() };
    let exchange = Exchange::new()
        .preface()
        .headers(Side::Client, 1, 0, &[(":path", "/grpc.testing.TestService/UnaryCall")])
        .data(Side::Client, 1, 0, message(0, request.encode_to_vec()))
        .data(Side::Client, 1, 0, message(0, NASTY));
    let recording = Recording::Frames(Transcript { connections: vec![exchange.connection()], sealed: true });
    are_harmless(&ShowCell { id: NASTY, verdict: NASTY, recording: &recording, findings: &[] });
}
