//! One connection for each way to be undecodable, and what is still decoded behind it.

use super::{defects, from_server, hex, only_defect};
use crate::model::Side::{Client, Server};
use crate::wire::build::{Exchange, frame};
use crate::wire::flag::{END_HEADERS, PADDED};
use crate::wire::{Budget, Connection, ConnectionDecoder, Decoder, Layer, Payload, kind};

/// Decodes a frame and a PING behind it: the frame is malformed, the PING is not.
fn malformed(octets: &str, what: &str) {
    let connection = from_server([hex(octets), frame(kind::PING, 0, 0, [0; 8])].concat());
    let defect = connection.defects.first().unwrap();
    assert_eq!((defect.side, defect.frame, defect.layer), (Server, Some(0), Layer::Framing), "{octets}");
    assert_eq!(defect.what, what, "{octets}");
    assert!(matches!(connection.frames[0].payload, Payload::Malformed { .. }), "{octets}");
    assert!(matches!(connection.frames[1].payload, Payload::Ping { .. }), "{octets}");
}

#[test]
fn payloads_that_break_their_layout() {
    malformed("000000 00 08 00000001", "DATA is too short for its fields");
    malformed("000002 00 08 00000001 02 00", "DATA has 2 octets of padding and only 1 to hold it");
    malformed("000004 01 24 00000001 00000000", "HEADERS is too short for its fields");
    malformed("000002 01 0c 00000001 02 88", "HEADERS has 2 octets of padding and only 1 to hold it");
    malformed("000004 02 00 00000001 00000000", "PRIORITY has 4 octets, not 5");
    malformed("000003 03 00 00000001 000000", "RST_STREAM has 3 octets, not 4");
    malformed("000005 04 00 00000000 0001000010", "SETTINGS has 5 octets, no multiple of 6");
    malformed("000006 04 01 00000000 000100001000", "SETTINGS acknowledges and has a payload");
    malformed("000003 05 04 00000001 000000", "PUSH_PROMISE is too short for its fields");
    malformed("000007 06 00 00000000 00000000000000", "PING has 7 octets, not 8");
    malformed("000007 07 00 00000000 00000000000000", "GOAWAY is too short for its fields");
    malformed("000005 08 00 00000000 0000000001", "WINDOW_UPDATE has 5 octets, not 4");
}

#[test]
fn frames_on_the_wrong_stream() {
    for (kind, stream, payload) in [
        (kind::DATA, 0, 0),
        (kind::HEADERS, 0, 0),
        (kind::PRIORITY, 0, 5),
        (kind::RST_STREAM, 0, 4),
        (kind::PUSH_PROMISE, 0, 4),
        (kind::SETTINGS, 1, 0),
        (kind::PING, 1, 8),
        (kind::GOAWAY, 1, 8),
    ] {
        let connection = from_server(frame(kind, END_HEADERS, stream, vec![0; payload]));
        let defect = only_defect(&connection);
        assert_eq!(defect.layer, Layer::Framing);
        assert!(defect.what.ends_with("on stream 0"), "{}", defect.what);
        assert!(!matches!(connection.frames[0].payload, Payload::Malformed { .. }));
        assert!(connection.streams.is_empty());
    }
    let orphan = from_server(frame(kind::CONTINUATION, END_HEADERS, 0, []));
    assert_eq!(orphan.defects[0].what, "CONTINUATION is on stream 0");
}

#[test]
fn padding_other_than_zeros() {
    let connection = from_server(frame(kind::DATA, PADDED, 1, [1, b'x', 7]));
    assert_eq!(defects(&connection), [(Layer::Framing, "DATA has padding other than zeros")]);
    assert!(matches!(connection.frames[0].payload, Payload::Data { padding: Some(1), .. }));
}

#[test]
fn a_client_without_preface() {
    let mut decoder = ConnectionDecoder::new(0, &Budget::default());
    decoder.push(Client, 0, "GET / HTTP/1.1\r\n\r\n".into());
    let connection = decoder.finish();
    assert!(!connection.preface);
    assert_eq!(
        defects(&connection),
        [(Layer::Framing, "the client does not begin with the HTTP/2 preface but with \"G\"")]
    );
    assert_eq!((connection.pending.client, connection.frames.len()), (None, 0));
}

#[test]
fn a_preface_cut_short_is_nothing() {
    let mut decoder = ConnectionDecoder::new(0, &Budget::default());
    decoder.push(Client, 0, "PRI * HTTP/2.0\r\n".into());
    let connection = decoder.finish();
    assert_eq!(connection, Connection::default());
}

#[test]
fn a_server_of_another_version() {
    let connection = from_server("HTTP/1.1 400 Bad Request\r\n\r\n");
    let what = "the server answers in another version of HTTP: it begins with \"HTTP/\"";
    assert_eq!(defects(&connection), [(Layer::Framing, what)]);
    assert_eq!((connection.pending.server, connection.frames.len()), (None, 0));
}

const LOST: &str = "; this and all later header blocks of this direction cannot be decoded";

#[test]
fn a_header_block_that_does_not_decode() {
    let connection = Exchange::new()
        .preface()
        .frame(Server, kind::HEADERS, END_HEADERS, 1, [0x80])
        .headers(Server, 3, 0, &[("a", "1")])
        .headers(Client, 5, 0, &[("a", "1")])
        .connection();
    let defect = only_defect(&connection);
    assert_eq!((defect.side, defect.frame, defect.layer), (Server, Some(0), Layer::HeaderCompression));
    assert_eq!(defect.what, format!("Header index out of bounds{LOST}"));
    assert_eq!(connection.frames.len(), 3);
    assert!(connection.streams[&1].server.headers.is_empty());
    assert!(connection.streams[&3].server.headers.is_empty());
    assert_eq!(connection.streams[&5].client.headers.len(), 1, "the other direction is not concerned");
}

#[test]
fn a_header_frame_without_its_layout_loses_the_state_once() {
    let connection = Exchange::new()
        .frame(Server, kind::HEADERS, END_HEADERS | PADDED, 1, [9])
        .frame(Server, kind::HEADERS, END_HEADERS | PADDED, 1, [9])
        .headers(Server, 1, 0, &[("a", "1")])
        .connection();
    let layers: Vec<_> = connection.defects.iter().map(|defect| defect.layer).collect();
    assert_eq!(layers, [Layer::Framing, Layer::HeaderCompression, Layer::Framing]);
}

#[test]
fn a_frame_inside_a_header_block() {
    let mut exchange = Exchange::new();
    let block = exchange.block(Server, &[("a", "1"), ("b", "2")]);
    let connection = exchange
        .preface()
        .frame(Server, kind::HEADERS, 0, 1, &block[..4])
        .ping(Client, [0; 8])
        .ping(Server, [0; 8])
        .ping(Server, [1; 8])
        .frame(Server, kind::CONTINUATION, END_HEADERS, 1, &block[4..])
        .connection();
    let defect = only_defect(&connection);
    assert_eq!((defect.frame, defect.layer), (Some(2), Layer::Framing));
    assert_eq!(defect.what, "PING comes inside the header block of stream 1");
    assert_eq!(connection.streams[&1].server.headers[0].fields.len(), 2, "it is read all the same");
}

#[test]
fn a_header_block_inside_a_header_block() {
    let connection = Exchange::new()
        .frame(Server, kind::HEADERS, 0, 1, [])
        .headers(Server, 3, 0, &[("a", "1")])
        .headers(Server, 5, 0, &[("a", "1")])
        .connection();
    let lost = format!("the header block before it did not end{LOST}");
    assert_eq!(
        defects(&connection),
        [
            (Layer::Framing, "HEADERS comes inside the header block of stream 1"),
            (Layer::HeaderCompression, lost.as_str())
        ]
    );
}

#[test]
fn a_continuation_of_nothing_or_of_another_stream() {
    let nothing = Exchange::new().frame(Server, kind::CONTINUATION, END_HEADERS, 1, []);
    let other = Exchange::new()
        .frame(Server, kind::HEADERS, 0, 1, [])
        .frame(Server, kind::CONTINUATION, END_HEADERS, 3, [])
        .headers(Server, 1, 0, &[("a", "1")]);
    for exchange in [nothing, other] {
        let lost = format!("CONTINUATION continues no header block{LOST}");
        assert_eq!(defects(&exchange.connection()), [(Layer::Framing, lost.as_str())]);
    }
}
