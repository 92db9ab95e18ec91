//! Records to transcripts.

use crate::model::Side;
use crate::model::Side::{Client, Server};
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::{Kind, Side as RecordSide};
use crate::wire::build::{Exchange, Step};
use crate::wire::tls::build::{client_hello, server_hello};
use crate::wire::{CaptureError, Ending, decode, decode_tls, limits};

fn record(kind: Kind, connection: u32) -> CaptureRecord {
    CaptureRecord { kind: kind.into(), connection, ..CaptureRecord::default() }
}

fn header() -> CaptureRecord {
    CaptureRecord { format: 1, ..record(Kind::Header, 0) }
}

fn of_side(record: CaptureRecord, side: Side) -> CaptureRecord {
    let side = match side {
        Client => RecordSide::Client,
        Server => RecordSide::Server,
    };
    CaptureRecord { side: side.into(), ..record }
}

fn steps(exchange: &Exchange, connection: u32) -> impl Iterator<Item = CaptureRecord> {
    exchange.steps().iter().map(move |step| match step {
        Step::Bytes { side, at_us, bytes } => {
            CaptureRecord { at_us: *at_us, data: bytes.clone(), ..of_side(record(Kind::Bytes, connection), *side) }
        }
        Step::End { side, ending: Ending::Closed, .. } => of_side(record(Kind::HalfClosed, connection), *side),
        Step::End { side, ending: Ending::Broken, .. } => of_side(record(Kind::Broken, connection), *side),
    })
}

/// A sealed capture of one connection.
pub(in crate::wire) fn capture(exchange: &Exchange) -> Vec<CaptureRecord> {
    let start = [header(), record(Kind::Opened, 0)];
    start.into_iter().chain(steps(exchange, 0)).chain([record(Kind::Sealed, 0)]).collect()
}

#[test]
fn a_capture_is_also_read_as_tls() {
    let exchange = Exchange::new().bytes(Client, client_hello().record()).bytes(Server, server_hello().record());
    let exchange = exchange.end(Server).broken(Client);
    let transcript = decode_tls(capture(&exchange)).unwrap();
    assert!(transcript.sealed);
    assert_eq!(transcript.connections, [exchange.tls_connection()]);
    assert_eq!(decode_tls([]), Err(CaptureError::NoHeader));
}

#[test]
fn interleaved_connections_are_told_apart() {
    let first = Exchange::new().preface().settings(Client, &[]).settings(Server, &[]).end(Client).broken(Server);
    let second = Exchange::new().preface().headers(Client, 1, 0, &[("a", "1")]).ping(Server, [0; 8]).end(Server);
    let mut records = vec![header(), record(Kind::Opened, 0), record(Kind::Opened, 1)];
    let (mut left, mut right) = (steps(&first, 0), steps(&second, 1));
    loop {
        let pair: Vec<_> = left.next().into_iter().chain(right.next()).collect();
        if pair.is_empty() {
            break;
        }
        records.extend(pair);
    }
    records.push(record(Kind::Sealed, 0));
    let transcript = decode(records).unwrap();
    assert!(transcript.sealed);
    assert_eq!(transcript.connections, [first.connection_at(0), second.connection_at(1)]);
}

#[test]
fn a_capture_cut_short_is_not_sealed() {
    let transcript = decode([header(), record(Kind::Opened, 0)]).unwrap();
    assert!(!transcript.sealed);
    assert_eq!(transcript.connections.len(), 1);
}

#[test]
fn a_capture_begins_with_a_header_of_this_format() {
    assert_eq!(decode([]), Err(CaptureError::NoHeader));
    assert_eq!(decode([record(Kind::Opened, 0)]), Err(CaptureError::NoHeader));
    assert_eq!(decode([CaptureRecord { format: 2, ..header() }]), Err(CaptureError::Format(2)));
}

#[test]
fn records_out_of_place_are_refused() {
    let bytes = of_side(record(Kind::Bytes, 0), Client);
    for (records, what) in [
        (vec![header(), bytes.clone()], "record 1 of the capture: connection 0 was not opened"),
        (vec![header(), record(Kind::Opened, 1)], "record 1 of the capture: opens connection 1 where 0 is next"),
        (vec![header(), record(Kind::Opened, 0), record(Kind::Bytes, 0)], "record 2 of the capture: names no side"),
        (vec![header(), record(Kind::Sealed, 0), bytes], "record 2 of the capture: comes after the seal"),
        (
            vec![header(), record(Kind::Opened, 0), of_side(header(), Client)],
            "record 2 of the capture: is of kind 1 out of place",
        ),
    ] {
        assert_eq!(decode(records).unwrap_err().to_string(), what);
    }
}

#[test]
fn more_connections_than_are_read() {
    let opened = |most| (0..most).map(|connection| record(Kind::Opened, connection));
    let most = u32::try_from(limits::CONNECTIONS).unwrap();
    let whole = [header()].into_iter().chain(opened(most));
    assert_eq!(decode(whole).unwrap().connections.len(), limits::CONNECTIONS);
    let many = || [header()].into_iter().chain(opened(most + 1));
    assert_eq!(decode(many()), Err(CaptureError::Connections));
    assert_eq!(decode_tls(many()), Err(CaptureError::Connections));
}
