use crate::input::Project;
use crate::judge::{CellEvidence, Judgement, Recording, judge};
use crate::model::{
    BlindField, BlindSpot, CallKind, Case, CaseId, CellId, Level, Peer, PeerId, PlannedCell, SERVER_NAME, Side,
    Transport, Verdict, When, WireRule,
};
use crate::proto::testing::SimpleResponse;
use crate::proto::v1::{self, observation};
use crate::wire::build::Exchange;
use crate::wire::tls::TlsTranscript;
use crate::wire::tls::build::{alert, client_hello, protected, server_hello};
use std::path::Path;

/// A cell over TLS: what passed the tap and what the client reported; each test changes one thing.
struct Cell {
    case: Case,
    peer: Peer,
    transport: Transport,
    exchange: Exchange,
    observation: v1::Observation,
}

fn project() -> Project {
    Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A TLS 1.3 handshake with a server of this name, up to the client's Finished.
fn handshake(name: &str) -> Exchange {
    let hello = client_hello().server_name(name).alpn(&["h2"]).versions(&[0x0304, 0x0303]);
    Exchange::new()
        .bytes(Side::Client, hello.record())
        .bytes(Side::Server, server_hello().versions(&[0x0304]).record())
        .bytes(Side::Server, protected(600))
        .bytes(Side::Client, protected(53))
}

/// A handshake, then so many octets each way.
fn said(client: usize, server: usize) -> Exchange {
    let sent = |exchange: Exchange, side, octets: usize| {
        let whole = (0..octets / 16_000).fold(exchange, |exchange, _| exchange.bytes(side, protected(16_000)));
        whole.bytes(side, protected(octets % 16_000 + 100))
    };
    let asked = sent(handshake(SERVER_NAME), Side::Client, client);
    sent(asked, Side::Server, server)
}

fn reported(status: i32, messages: Vec<v1::Received>) -> v1::CallObservation {
    v1::CallObservation {
        initial_metadata: Some(v1::MetadataList::default()),
        trailing_metadata: Some(v1::MetadataList::default()),
        messages,
        status: Some(v1::Status { code: status, message: String::new() }),
        ..Default::default()
    }
}

fn body(size: u32) -> v1::Received {
    let response = Some(v1::received::Response::Simple(SimpleResponse::default()));
    v1::Received { response, body_size: Some(size), all_zero: true }
}

impl Cell {
    fn of(case: &str, exchange: Exchange, calls: Vec<v1::CallObservation>) -> Cell {
        let project = project();
        let case = project.case(&CaseId::new(case)).unwrap().clone();
        let peer = project.peer(&PeerId::new("go")).unwrap().peer.clone();
        let transport = case.transports.last().copied().unwrap();
        let result = observation::Result::Done.into();
        let observation = v1::Observation { case: case.id.to_string(), result, calls, ..Default::default() };
        Cell { case, peer, transport, exchange, observation }
    }

    fn good() -> Cell {
        Cell::of("large_unary", said(271_828, 314_159), vec![reported(0, vec![body(314_159)])])
    }

    fn judge(&self) -> Judgement {
        let client = self.peer.name.clone();
        let cell = CellId { case: self.case.id.clone(), server: client.clone(), client, transport: self.transport };
        let planned = &PlannedCell { cell, unsupported: None, proof: None };
        let connections = vec![self.exchange.tls_connection()];
        let recording = Recording::Tls(TlsTranscript { connections, sealed: true });
        let (recording, observation) = (Some(&recording), Some(&self.observation));
        let (case, client, server) = (&self.case, &self.peer, &self.peer);
        judge(&CellEvidence { planned, case, client, server, recording, observation, exit: None, failure: None }, &[])
    }

    /// What is wrong, and how binding it is.
    fn found(&self) -> Vec<(String, Level)> {
        let findings = self.judge().findings;
        findings.iter().map(|finding| (finding.fingerprint(), finding.level)).collect()
    }
}

fn must(prints: &[&str]) -> Vec<(String, Level)> {
    prints.iter().map(|print| ((*print).to_owned(), Level::Must)).collect()
}

#[test]
fn a_good_call_passes() {
    let judgement = Cell::good().judge();
    assert_eq!((judgement.verdict, judgement.findings), (Verdict::Pass, vec![]));
}

#[test]
fn a_client_that_asks_for_another_name_is_caught() {
    let mut cell = Cell::good();
    cell.exchange = handshake("other.test").bytes(Side::Client, protected(100));
    assert_eq!(cell.found(), must(&["W18@client", "volume@client", "volume@server"]));
}

#[test]
fn a_wrong_report_may_be_either_sides() {
    let mut cell = Cell::good();
    cell.observation.calls = vec![reported(0, vec![body(1)])];
    assert_eq!(cell.found(), must(&["observed.messages@unknown"]));
    cell.observation.calls = vec![reported(0, vec![])];
    assert_eq!(cell.found(), must(&["observed.messages@unknown"]));
    cell.observation.calls = vec![reported(13, vec![body(314_159)])];
    assert_eq!(cell.found(), must(&["observed.status@unknown"]));
    cell.observation.calls = vec![];
    assert_eq!(cell.found(), must(&["calls@client"]));
}

#[test]
fn a_bearer_token_is_seen_by_the_name_that_comes_back() {
    let named = |username: &str| {
        let response = SimpleResponse { username: username.to_owned(), ..Default::default() };
        let response = Some(v1::received::Response::Simple(response));
        reported(0, vec![v1::Received { response, body_size: Some(0), all_zero: true }])
    };
    let of = |names: [&str; 3]| Cell::of("bearer_token", said(100, 100), names.map(named).to_vec());
    assert_eq!(of(["ann", "bob", ""]).found(), []);
    for (names, why) in [
        (["", "bob", ""], "the token has not come, or is not echoed"),
        (["ann", "ann", ""], "it has stuck to the channel"),
        (["ann", "bob", "bob"], "it has leaked into the next call"),
    ] {
        assert_eq!(of(names).found(), must(&["observed.messages@unknown"]), "{why}");
    }
    let reason = of(["", "bob", ""]).judge().reason;
    assert!(reason.contains("username \"ann\", observed response 1: 0 zero bytes"), "{reason}");
}

#[test]
fn a_client_that_reports_what_it_cannot_have_got_is_caught() {
    let mut cell = Cell::good();
    cell.exchange = handshake(SERVER_NAME);
    assert_eq!(cell.found(), must(&["calls@client", "volume@client", "volume@server"]));
    // A small call in place of the one asked for.
    cell.exchange = said(0, 0);
    assert_eq!(cell.found(), must(&["volume@client", "volume@server"]));
}

#[test]
fn what_is_not_reported_is_declared_blind_and_then_unchecked() {
    let mut cell = Cell::good();
    cell.observation.calls[0].trailing_metadata = None;
    assert_eq!(cell.found(), must(&["observed.trailing_metadata@client"]));
    cell.peer.blind = vec![BlindSpot {
        field: BlindField::TrailingMetadata,
        calls: vec![CallKind::Unary],
        when: When::Always,
        reason: "r".into(),
        link: "https://example.test".into(),
    }];
    assert_eq!(cell.found(), [("observed.trailing_metadata@unknown".to_owned(), Level::Info)]);
    assert_eq!(cell.judge().verdict, Verdict::Pass);
}

#[test]
fn a_server_that_is_not_trusted_gets_no_application_data() {
    let refused = || handshake("wrong.example.test").bytes(Side::Client, protected(19));
    let good = Cell::of("tls_wrong_name", refused(), vec![reported(14, vec![])]);
    assert_eq!((good.judge().verdict, good.found()), (Verdict::Pass, vec![]));
    let sent = Cell::of("tls_wrong_name", refused().bytes(Side::Client, protected(100)), vec![reported(14, vec![])]);
    assert_eq!(sent.found(), must(&["wire.unsent@client"]));
    let ok = Cell::of("tls_wrong_name", handshake("wrong.example.test"), vec![reported(0, vec![])]);
    assert_eq!(ok.found(), must(&["observed.status@unknown"]));
}

#[test]
fn a_server_that_is_not_there_is_not_one_that_is_not_trusted() {
    let refused = Cell::of("tls_wrong_name", Exchange::new().broken(Side::Server), vec![reported(14, vec![])]);
    assert_eq!((refused.judge().verdict, refused.found()), (Verdict::Fail, must(&["reached@server"])));
    let left = Cell::of("tls_wrong_name", Exchange::new().broken(Side::Client), vec![reported(14, vec![])]);
    assert_eq!(left.found(), must(&[]));
}

#[test]
fn of_two_that_speak_differently_only_the_tls_side_is_asked_for_tls() {
    let hello = client_hello().server_name(SERVER_NAME).alpn(&["h2"]).versions(&[0x0304]);
    let answered = Exchange::new().bytes(Side::Client, hello.record()).settings(Side::Server, &[]);
    let cell = Cell::of("tls_plaintext_server", answered, vec![reported(14, vec![])]);
    assert_eq!((cell.judge().verdict, cell.found()), (Verdict::Pass, vec![]));

    let spoken = || Exchange::new().preface().settings(Side::Client, &[]);
    let refused = spoken().bytes(Side::Server, alert(2, 10));
    let cell = Cell::of("plaintext_to_tls_server", refused, vec![reported(2, vec![])]);
    assert_eq!(cell.judge().verdict, Verdict::Pass);
    assert_eq!(cell.found(), [("observed.status@unknown".to_owned(), Level::Info)], "which error it is goes on record");
    let answered = Cell::of("plaintext_to_tls_server", spoken().settings(Side::Server, &[]), vec![reported(0, vec![])]);
    assert_eq!(answered.found(), must(&["T1@server", "wire.unanswered@server", "observed.status@unknown"]));
}

#[test]
fn bodies_that_were_to_be_compressed_weigh_less_than_they_are() {
    let calls = || vec![reported(0, vec![body(314_159)]), reported(0, vec![body(314_159)])];
    let found = |server| Cell::of("server_compressed_unary", said(2 * 271_828, server), calls()).found();
    assert_eq!(found(314_159 + 500), vec![], "one of the two is compressed");
    assert_eq!(found(2 * 314_159), must(&["volume@server"]), "none is");
    assert_eq!(found(500), must(&["volume@server"]), "both are");
}

#[test]
fn calls_are_counted_by_connections_with_application_data() {
    let mut cell = Cell::good();
    cell.case.wire = vec![WireRule::Connections(1)];
    assert_eq!(cell.found(), must(&[]));
    cell.case.wire = vec![WireRule::Connections(2), WireRule::AtOnce(2)];
    assert_eq!(cell.found(), must(&["wire.connections@client"]));
    cell.observation.result = observation::Result::TimedOut.into();
    assert_eq!(cell.found(), must(&[]), "not all calls were made");
}

#[test]
fn a_call_may_expire_before_anything_is_sent() {
    let expired = |case, exchange, status| Cell::of(case, exchange, vec![reported(status, vec![])]).found();
    assert_eq!(expired("timeout_on_sleeping_server", handshake(SERVER_NAME), 4), must(&[]));
    assert_eq!(expired("timeout_on_sleeping_server", said(0, 0), 4), must(&[]));
    assert_eq!(expired("timeout_on_sleeping_server", said(0, 0), 1), must(&["observed.status@unknown"]));
    assert_eq!(expired("deadline_on_silent_server", handshake(SERVER_NAME), 4), must(&["calls@client"]));
    assert_eq!(expired("deadline_on_silent_server", said(27_182, 0), 4), must(&[]));
}

#[test]
fn what_a_client_has_when_its_time_is_up_is_no_report() {
    let mut cell = Cell::of("deadline_on_silent_server", said(27_182, 0), vec![v1::CallObservation::default()]);
    assert_eq!(cell.found()[0].0, "observed.status@client");
    cell.observation.result = observation::Result::TimedOut.into();
    assert_eq!((cell.judge().verdict, cell.found()), (Verdict::Timeout, must(&[])));
}
