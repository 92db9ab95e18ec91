use crate::input::Project;
use crate::judge::{CellEvidence, Judgement, Recording, judge};
use crate::model::{Case, CaseId, CellId, ClientExit, Driver, Peer, PeerId, PlannedCell, Side, Transport, WireRule};
use crate::proto::v1::{self, observation};
use crate::wire::build::{Exchange, message};
use crate::wire::{Transcript, flag};
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

fn empty_call(at_us: u64) -> Exchange {
    let request = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/grpc.testing.TestService/EmptyCall"),
        (":authority", "server"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    ];
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
