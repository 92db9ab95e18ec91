//! Inputs to begin with, written as the bodies read them: recorded runs of real peers, the rules' fixtures, the checkout's own files.

use super::connection::{PROJECT, option, piece};
use super::messages::ENCODINGS;
use crate::model::{Side, Transport};
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::{Kind, Side as RecordSide};
use crate::run::{RunFolder, read_events};
use crate::tap::read_capture;
use crate::wire::Ending;
use crate::wire::build::{Exchange, Step, deflate, gzip, message};
use crate::wire::rules::fixtures::exchanges;
use std::path::{Path, PathBuf};

/// Sizes of pieces: one octet, a frame's header, some frames, more than most pieces have.
const CUTS: [u8; 4] = [0, 8, 99, 255];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One traffic's bytes, direction by direction.
pub(super) fn frames() -> Vec<Vec<u8>> {
    let of_side = |exchange: &Exchange, side: Side| {
        let bytes = |step: &Step| match step {
            Step::Bytes { side: sender, bytes, .. } if *sender == side => bytes.to_vec(),
            Step::Bytes { .. } | Step::End { .. } => Vec::new(),
        };
        let options = if side == Side::Server { 1 } else { 2 };
        [vec![options], CUTS.to_vec(), exchange.steps().iter().flat_map(bytes).collect()].concat()
    };
    exchanges().flat_map(|exchange| Side::BOTH.map(|side| of_side(&exchange, side))).collect()
}

/// Messages in each encoding, good and broken.
pub(super) fn messages() -> Vec<Vec<u8>> {
    let body = [vec![8, 3, 26, 40], vec![0; 40]].concat();
    let compressed = [gzip(&body), deflate(&body), [gzip(b"a"), gzip(b"b")].concat(), body.clone()];
    let compressed = compressed.map(|body| message(1, body)).concat();
    let data = [message(0, &body), message(0, b""), compressed, message(2, b"flag"), message(0, b"cut")[..6].to_vec()];
    let seed = |encoding: usize| [&[u8::try_from(encoding).unwrap(), 1], &CUTS[..], &data.concat()].concat();
    (0..ENCODINGS.len()).map(seed).collect()
}

/// Cells: the fixtures as traffic of some case, and recorded cells as they were.
pub(super) fn connection() -> Vec<Vec<u8>> {
    let fixtures = exchanges().enumerate().map(|(at, exchange)| {
        let traffic: Vec<u8> = exchange.steps().iter().flat_map(step).collect();
        let tls = if traffic.get(2) == Some(&22) { option::TLS } else { 0 };
        [vec![tls, u8::try_from(at % 256).unwrap(), 0, 1], CUTS.to_vec(), vec![0, 0], traffic].concat()
    });
    fixtures.chain(recorded_cells()).collect()
}

fn step(step: &Step) -> Vec<u8> {
    match step {
        Step::Bytes { side, bytes, .. } => traffic(*side, 0, bytes),
        Step::End { side, ending, .. } => end(*side, 0, *ending),
    }
}

fn side_bit(side: Side) -> u16 {
    if side == Side::Server { piece::SERVER } else { 0 }
}

/// Bytes of a side, in pieces that are not too long for their heads.
fn traffic(side: Side, connection: u16, bytes: &[u8]) -> Vec<u8> {
    let piece = |bytes: &[u8]| {
        let head = side_bit(side) | connection << piece::CONNECTION | u16::try_from(bytes.len()).unwrap();
        [&head.to_be_bytes(), bytes].concat()
    };
    bytes.chunks(piece::LENGTH.into()).flat_map(piece).collect()
}

fn end(side: Side, connection: u16, ending: Ending) -> Vec<u8> {
    let broken = u16::from(ending == Ending::Broken);
    (side_bit(side) | piece::END | connection << piece::CONNECTION | broken).to_be_bytes().to_vec()
}

/// The cells of the recorded run that replay is tested with.
fn recorded_cells() -> Vec<Vec<u8>> {
    let folder = RunFolder::open(&root().join("harness/tests/data/run")).expect("the recorded run is there");
    let events = read_events(&folder.events()).expect("it has events");
    let results = crate::report::results(&events);
    let ran = results.cells.into_iter().map(|result| result.cell).filter(|cell| folder.capture(cell, 0).exists());
    ran.map(|cell| {
        let observation = std::fs::read(folder.observation(&cell, 0)).unwrap_or_default();
        let records = read_capture(&folder.capture(&cell, 0)).expect("it has captures");
        let case = PROJECT.cases.iter().position(|case| case.id == cell.case).expect("the case is there still");
        let peer = |name| PROJECT.peers.iter().position(|folder| folder.peer.name == name);
        let (client, server) = (peer(cell.client.clone()), peer(cell.server.clone()));
        let tls = if cell.transport == Transport::Tls { option::TLS } else { 0 };
        let octet = |at: usize| u8::try_from(at).unwrap();
        let head = [tls, octet(case), octet(client.expect("so is it")), octet(server.expect("so is it"))];
        let length = u16::try_from(observation.len()).unwrap().to_be_bytes();
        let traffic: Vec<u8> = records.flat_map(|record| recorded(&record)).collect();
        [&head[..], &CUTS, &length, &observation, &traffic].concat()
    })
    .collect()
}

fn recorded(record: &CaptureRecord) -> Vec<u8> {
    let side = if record.side() == RecordSide::Server { Side::Server } else { Side::Client };
    let connection = u16::try_from(record.connection).unwrap();
    match record.kind() {
        Kind::Bytes => traffic(side, connection, &record.data),
        Kind::HalfClosed => end(side, connection, Ending::Closed),
        Kind::Broken => end(side, connection, Ending::Broken),
        Kind::Opened | Kind::Header | Kind::Sealed | Kind::Unspecified => Vec::new(),
    }
}

/// Observations as clients wrote them, alone and all behind one another.
pub(super) fn observations() -> Vec<Vec<u8>> {
    let delimited = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        let mut whole = Vec::new();
        prost::encode_length_delimiter(bytes.len(), &mut whole).unwrap();
        [whole, bytes].concat()
    };
    let mut outputs: Vec<_> = files_in("harness/tests/data/run", ".binpb").iter().map(delimited).collect();
    outputs.push(outputs.concat());
    outputs.push(b"panic: \x1b[31moops\nat once\n".to_vec());
    outputs.into_iter().map(|output| [&CUTS[..], &output].concat()).collect()
}

/// The checkout's own YAML files.
pub(super) fn files() -> Vec<Vec<u8>> {
    let files = [files_in("cases", ".yaml"), files_in("images", "peer.yaml"), files_in("harness/tests/data", ".yaml")];
    files.concat().iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// All files below a folder of the checkout with this end of a name.
fn files_in(folder: &str, end: &str) -> Vec<PathBuf> {
    let mut folders = vec![root().join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
