use crate::input::Project;
use crate::judge::{CellEvidence, Judgement, Recording, judge};
use crate::model::{
    Case, CaseId, CellId, ClientExit, Driver, Peer, PeerId, PlannedCell, Side, StatusCode, Transport, WireRule,
};
use crate::proto::testing::{Payload, StreamingOutputCallRequest};
use crate::proto::v1::{self, observation};
use crate::wire::build::{Exchange, message};
use crate::wire::{Transcript, code, flag};
use prost::Message;
use std::path::Path;

/// A cell over plaintext: what passed the tap and what the client said of it; each test changes one thing.
struct Cell {
    case: Case,
    peer: Peer,
    exchanges: Vec<Exchange>,
    observation: Option<v1::Observation>,
    exit: Option<ClientExit>,
}

impl Cell {
    fn of(case: &str) -> Cell {
        let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let case = project.case(&CaseId::new(case)).unwrap().clone();
        let peer = project.peer(&PeerId::new("go")).unwrap().peer.clone();
        Cell { case, peer, exchanges: vec![], observation: None, exit: None }
    }

    /// Two empty calls that a client made on a channel each, of a case with these rules.
    fn two_channels(rules: &[WireRule]) -> Cell {
        let mut cell = Cell::of("empty_unary");
        cell.case.wire = rules.to_vec();
        cell.case.calls[0].repeat = 2;
        cell.exchanges = vec![empty_call(0), empty_call(10_000)];
        let result = observation::Result::Done.into();
        let calls = vec![empty_call_reported(); 2];
        cell.observation = Some(v1::Observation { result, calls, ..Default::default() });
        cell
    }

    fn judge(&self) -> Judgement {
        let (case, client, server) = (&self.case, &self.peer, &self.peer);
        let name = client.name.clone();
        let cell =
            CellId { case: case.id.clone(), server: name.clone(), client: name, transport: Transport::Plaintext };
        let planned = &PlannedCell { cell, unsupported: None, proof: None };
        let connections = self.exchanges.iter().enumerate().map(|(index, exchange)| exchange.connection_at(index));
        let recording = Recording::Frames(Transcript { connections: connections.collect(), sealed: true });
        let (recording, observation, exit) = (Some(&recording), self.observation.as_ref(), self.exit.as_ref());
        judge(&CellEvidence { planned, case, client, server, recording, observation, exit, failure: None }, &[])
    }

    fn found(&self) -> Vec<String> {
        self.judge().findings.iter().map(|finding| finding.fingerprint()).collect()
    }
}

fn request_headers(path: &'static str) -> [(&'static str, &'static str); 7] {
    [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "server"),
        ("te", "trailers"),
        ("user-agent", "grpc-example/1.0"),
        ("content-type", "application/grpc"),
    ]
}

fn empty_call(at_us: u64) -> Exchange {
    let request = request_headers("/grpc.testing.TestService/EmptyCall");
    let begun = Exchange::new().at(at_us).preface().settings(Side::Client, &[]).settings(Side::Server, &[]);
    let asked = begun.headers(Side::Client, 1, 0, &request).data(Side::Client, 1, flag::END_STREAM, message(0, b""));
    let response = [(":status", "200"), ("content-type", "application/grpc")];
    let answered = asked.headers(Side::Server, 1, 0, &response).data(Side::Server, 1, 0, message(0, b""));
    answered.headers(Side::Server, 1, flag::END_STREAM, &[("grpc-status", "0")])
}

fn empty_call_reported() -> v1::CallObservation {
    let response = Some(v1::received::Response::Empty(crate::proto::testing::Empty {}));
    v1::CallObservation {
        initial_metadata: Some(v1::MetadataList::default()),
        trailing_metadata: Some(v1::MetadataList::default()),
        messages: vec![v1::Received { response, body_size: None, all_zero: true }],
        status: Some(v1::Status::default()),
        ..Default::default()
    }
}

#[test]
fn calls_are_judged_together() {
    let both = |connections| Cell::two_channels(&[WireRule::Connections(connections), WireRule::AtOnce(2)]).found();
    assert_eq!(both(2), ["wire.at_once@client"]);
    assert_eq!(both(1), ["wire.connections@client", "wire.at_once@client"]);
}

#[test]
fn of_calls_that_were_not_all_made_nothing_is_said_together() {
    let mut cell = Cell::two_channels(&[WireRule::Connections(2)]);
    cell.exchanges.pop();
    assert_eq!(cell.found(), ["calls@client", "wire.connections@client"]);
    cell.observation.as_mut().unwrap().result = observation::Result::TimedOut.into();
    assert_eq!(cell.found(), Vec::<String>::new());
}

#[test]
fn an_official_client_says_by_its_exit_code_that_it_made_all_calls() {
    let mut cell = Cell::two_channels(&[WireRule::Connections(1)]);
    (cell.observation, cell.peer.driver) = (None, Driver::Official);
    cell.exit = Some(ClientExit { code: 0, last_line: String::new() });
    assert_eq!(cell.found(), ["wire.connections@client"]);
    cell.exit = Some(ClientExit { code: 1, last_line: String::new() });
    assert_eq!(cell.found(), ["exit_code@client"]);
}

/// A call with a deadline of 500 ms, up to when it passes.
fn waiting(timeout: &'static str) -> Exchange {
    let mut request = request_headers("/grpc.testing.TestService/FullDuplexCall").to_vec();
    request.push(("grpc-timeout", timeout));
    let body = StreamingOutputCallRequest {
        payload: Some(Payload { body: vec![0; 27_182].into(), ..Default::default() }),
        ..Default::default()
    };
    let begun = Exchange::new().preface().settings(Side::Client, &[]).settings(Side::Server, &[]);
    let asked = begun.headers(Side::Client, 1, 0, &request);
    asked.data_in_frames(Side::Client, 1, 0, message(0, body.encode_to_vec()), 16_384).at(500_000)
}

fn cancelled(exchange: Exchange) -> Exchange {
    exchange.rst_stream(Side::Client, 1, code::CANCEL)
}

fn ended(exchange: Exchange, status: &str) -> Exchange {
    let trailers =
        [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", status), ("grpc-message", "late")];
    exchange.headers(Side::Server, 1, flag::END_STREAM, &trailers)
}

/// What is found where a client reports this status of a call that expires.
fn expired(case: &str, exchange: Exchange, status: StatusCode, message: &str) -> Vec<String> {
    let mut cell = Cell::of(case);
    cell.exchanges = vec![exchange];
    let status = Some(v1::Status { code: status.number(), message: message.to_owned() });
    let call = v1::CallObservation { messages: vec![], status, ..empty_call_reported() };
    let result = observation::Result::Done.into();
    cell.observation = Some(v1::Observation { result, calls: vec![call], ..Default::default() });
    cell.found()
}

fn silent(exchange: Exchange, status: StatusCode) -> Vec<String> {
    expired("deadline_on_silent_server", exchange, status, "own words")
}

const NOTHING: [String; 0] = [];

#[test]
fn a_client_whose_deadline_passes_says_so() {
    let (late, cancel) = (StatusCode::DeadlineExceeded, StatusCode::Cancelled);
    assert_eq!(silent(cancelled(waiting("500m")), late), NOTHING);
    assert_eq!(silent(cancelled(waiting("500m")), cancel), ["observed.status@client"]);
    assert_eq!(silent(cancelled(waiting("500m")), StatusCode::Ok), ["observed.status@client"]);
    assert_eq!(silent(cancelled(ended(waiting("500m"), "4")), late), NOTHING);
    assert_eq!(silent(cancelled(ended(waiting("500m"), "4")), cancel), ["observed.status@client"]);
    assert_eq!(silent(ended(waiting("500m"), "4"), late), NOTHING, "by its own clock, at the same time");
    let told = expired("deadline_on_silent_server", ended(waiting("500m"), "4"), late, "late");
    assert_eq!(told, NOTHING);
    assert_eq!(silent(waiting("500m"), late), ["wire.expires@client"]);
}

#[test]
fn a_server_that_ends_the_call_says_why() {
    let status = ["status@server", "wire.expires@server"];
    let told = |status| expired("deadline_on_silent_server", ended(waiting("500m"), "1"), status, "late");
    assert_eq!(told(StatusCode::Cancelled), status, "the client reports what it was told");
    assert_eq!(told(StatusCode::DeadlineExceeded), status, "or what it knows");
    assert_eq!(told(StatusCode::Unknown), ["status@server", "observed.status@client", "wire.expires@server"]);
}

#[test]
fn a_server_may_cancel_the_call_and_answer_a_cancel() {
    let reset = |reason| waiting("500m").rst_stream(Side::Server, 1, reason);
    assert_eq!(silent(reset(code::CANCEL), StatusCode::DeadlineExceeded), NOTHING);
    assert_eq!(silent(reset(code::CANCEL), StatusCode::Cancelled), ["observed.status@client"]);
    assert_eq!(silent(reset(2), StatusCode::Internal), ["wire.expires@server"], "there the client has to choose");
    let answered = || ended(cancelled(waiting("500m")), "1");
    assert_eq!(silent(answered(), StatusCode::DeadlineExceeded), NOTHING);
    let told = expired("deadline_on_silent_server", answered(), StatusCode::Cancelled, "late");
    assert_eq!(told, ["observed.status@client"], "this came after the deadline, of which the client knew");
}

#[test]
fn a_server_is_told_what_is_left_of_the_deadline() {
    let end = |timeout| silent(cancelled(waiting(timeout)), StatusCode::DeadlineExceeded);
    assert_eq!(end("400m"), NOTHING);
    assert_eq!(end("399999u"), ["deadline@client"]);
    assert_eq!(end("600001u"), ["deadline@client", "wire.expires@client"], "more than that is no slow clock");
}

#[test]
fn metadata_that_a_deadline_cuts_off_need_not_be_reported() {
    let mut cell = Cell::of("deadline_on_silent_server");
    cell.exchanges = vec![cancelled(ended(waiting("500m"), "4"))];
    let status = Some(v1::Status { code: 4, message: String::new() });
    let calls = vec![v1::CallObservation { status, ..Default::default() }];
    cell.observation = Some(v1::Observation { result: observation::Result::Done.into(), calls, ..Default::default() });
    assert_eq!(cell.found(), NOTHING);
}

#[test]
fn a_call_may_expire_before_it_has_a_stream() {
    let nothing = || Exchange::new().preface().settings(Side::Client, &[]).settings(Side::Server, &[]);
    let sleeping = |exchange, status| expired("timeout_on_sleeping_server", exchange, status, "own words");
    let late = StatusCode::DeadlineExceeded;
    assert_eq!(sleeping(nothing(), late), NOTHING);
    assert_eq!(sleeping(nothing(), StatusCode::Ok), ["observed.status@unknown"]);
    assert_eq!(sleeping(cancelled(waiting("1m")), late), NOTHING);
    assert_eq!(sleeping(cancelled(waiting("101m")), late), NOTHING);
    assert_eq!(sleeping(cancelled(waiting("101001u")), late), ["deadline@client"]);
    assert_eq!(sleeping(waiting("1m"), late), ["wire.expires@client"]);
    assert_eq!(silent(nothing(), late), ["calls@client"], "this one may not");
}
