use super::bounds;
use super::input::{Cuts, Input};
use crate::input::Project;
use crate::judge::{CellEvidence, Judgement, Recording, judge};
use crate::model::{CellFailure, CellId, ClientExit, Lack, PlannedCell, Side, Transport, Verdict};
use crate::proto::v1::capture_record::{Kind, Side as RecordSide};
use crate::proto::v1::{CaptureRecord, Observation};
use crate::report::{ShowCell, View, show, shown};
use crate::wire::rules::LIMIT_RULE;
use crate::wire::{CAPTURE_FORMAT, Layer, decode, decode_tls, limits};
use bytes::Bytes;
use prost::Message;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

/// The cases and peers of this checkout, which inputs choose from.
pub(super) static PROJECT: LazyLock<Project> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Project::load(root).expect("the checkout's own files are good")
});

/// Bits of an input's first octet; its two highest choose a failure.
pub(super) mod option {
    pub(crate) const TLS: u8 = 1;
    pub(crate) const NO_SEAL: u8 = 2;
    pub(crate) const EXIT: u8 = 4;
    pub(crate) const PROOF: u8 = 8;
}

/// Bits of the two octets before a piece of traffic; the twelve lowest are its length, or how a direction ends.
pub(super) mod piece {
    pub(crate) const SERVER: u16 = 1 << 15;
    pub(crate) const END: u16 = 1 << 14;
    pub(crate) const CONNECTION: u16 = 12;
    pub(crate) const LENGTH: u16 = (1 << 12) - 1;
}

/// A whole cell: which case, peers and transport, what the client reported, and the traffic of both directions. The transcript is the
/// same however its bytes were cut, what is kept is within the limits, a limit that was reached is told, the judge comes to a verdict,
/// and nothing of it can do anything to a terminal.
pub fn connection(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let options = input.octet();
    let has = |option| options & option != 0;
    let project = &*PROJECT;
    let case = input.one_of(&project.cases);
    let (client, server) = (&input.one_of(&project.peers).peer, &input.one_of(&project.peers).peer);
    let cuts = input.cuts();
    let length = input.pair().into();
    let observation = Observation::decode(input.bytes(length)).ok();
    let records = records(&mut input, has(option::NO_SEAL));
    let cut: Vec<_> = records.iter().flat_map(|record| pieces(record, &cuts)).collect();

    let transport = if has(option::TLS) { Transport::Tls } else { Transport::Plaintext };
    let plain = transport == Transport::Plaintext && case.server_config(transport).transport() == transport;
    let recording = if plain { frames(records, cut) } else { tls(records, cut) };
    let (name, server_name) = (client.name.clone(), server.name.clone());
    let cell = CellId { case: case.id.clone(), client: name, server: server_name, transport };
    let unsupported =
        has(option::PROOF).then(|| Lack { reason: "lacks it".into(), link: "https://example.test".into() });
    let planned = PlannedCell { cell, proof: has(option::PROOF).then_some(Side::Client), unsupported };
    let exit = has(option::EXIT).then(|| ClientExit { code: 1, last_line: "\u{1b}[2J\u{202e}".to_owned() });
    let failure = failure(options);
    let evidence = CellEvidence {
        planned: &planned,
        case,
        client,
        server,
        recording: Some(&recording),
        observation: observation.as_ref(),
        exit: exit.as_ref(),
        failure: failure.as_ref(),
    };
    let judgement = judge(&evidence, &project.ledger.entries);
    is_judged(&recording, &judgement);
    is_shown(&recording, &judgement);
}

fn failure(options: u8) -> Option<CellFailure> {
    let detail = "\u{9b}31m\r".to_owned();
    match options >> 6 {
        0 => None,
        1 => Some(CellFailure::NoAnswer { waited_ms: 1 }),
        2 => Some(CellFailure::ClientBroke { detail }),
        _ => Some(CellFailure::ServerBroke { detail }),
    }
}

/// The rest of an input as a capture of four connections at most.
fn records(input: &mut Input<'_>, no_seal: bool) -> Vec<CaptureRecord> {
    let record = |kind: Kind| CaptureRecord { kind: kind.into(), ..Default::default() };
    let mut records = vec![CaptureRecord { format: CAPTURE_FORMAT, ..record(Kind::Header) }];
    let mut opened = 0;
    while !input.is_empty() {
        let head = input.pair();
        let connection = u32::from(head >> piece::CONNECTION & 3).min(opened);
        if connection == opened {
            records.push(CaptureRecord { connection, ..record(Kind::Opened) });
            opened += 1;
        }
        let side = if head & piece::SERVER == 0 { RecordSide::Client } else { RecordSide::Server };
        let kind = match (head & piece::END, head & 1) {
            (0, _) => Kind::Bytes,
            (_, 0) => Kind::HalfClosed,
            (_, _) => Kind::Broken,
        };
        let length = if kind == Kind::Bytes { usize::from(head & piece::LENGTH) } else { 0 };
        let data = Bytes::copy_from_slice(input.bytes(length));
        let at_us = records.len() as u64 * 100;
        records.push(CaptureRecord { connection, side: side.into(), at_us, data, ..record(kind) });
    }
    records.extend((!no_seal).then(|| record(Kind::Sealed)));
    records
}

/// The same record, its bytes in pieces.
fn pieces(record: &CaptureRecord, cuts: &Cuts) -> Vec<CaptureRecord> {
    if record.data.is_empty() {
        return vec![record.clone()];
    }
    let data = cuts.pieces(&record.data).into_iter().map(|piece| record.data.slice_ref(piece));
    data.map(|data| CaptureRecord { data, ..record.clone() }).collect()
}

fn frames(records: Vec<CaptureRecord>, cut: Vec<CaptureRecord>) -> Recording {
    let whole = decode(records).expect("it is a capture");
    assert_eq!(whole, decode(cut).expect("it is a capture"));
    bounds::transcript(&whole);
    Recording::Frames(whole)
}

fn tls(records: Vec<CaptureRecord>, cut: Vec<CaptureRecord>) -> Recording {
    let whole = decode_tls(records).expect("it is a capture");
    assert_eq!(whole, decode_tls(cut).expect("it is a capture"));
    bounds::tls(&whole);
    Recording::Tls(whole)
}

fn is_judged(recording: &Recording, judgement: &Judgement) {
    assert_eq!(judgement.verdict == Verdict::Pass, judgement.reason.is_empty());
    if !recording.sealed() {
        assert_eq!(judgement.verdict, Verdict::InfraError);
        return;
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for finding in judgement.findings.iter().filter(|finding| finding.place.is_some()) {
        *counts.entry(finding.fingerprint()).or_default() += 1;
    }
    assert!(counts.values().all(|count| *count <= 2 * limits::FINDINGS), "{counts:?}");
    if let Recording::Frames(transcript) = recording {
        let defects = || transcript.connections.iter().flat_map(|connection| &connection.defects);
        let limited = defects().any(|defect| defect.layer == Layer::Limit);
        assert_eq!(limited, judgement.findings.iter().any(|finding| finding.check == LIMIT_RULE));
        assert!(!limited || judgement.verdict != Verdict::Pass);
    }
}

fn is_shown(recording: &Recording, judgement: &Judgement) {
    let verdict = format!("{} {}", judgement.verdict, judgement.reason);
    let (id, findings) = ("case/client/server/plaintext", &judgement.findings);
    let cell = ShowCell { id, verdict: &verdict, recording, findings };
    for view in [View::Calls, View::Frames] {
        let text = show(&shown(&cell, view));
        let harmless = |byte: u8| byte == b'\n' || byte == b' ' || byte.is_ascii_graphic();
        assert!(text.bytes().all(harmless), "{text:?}");
    }
}
