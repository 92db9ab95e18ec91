//! Few bytes that could mean much memory.

use super::{defects, from_server, hex, only_defect};
use crate::model::Side::{Client, Server};
use crate::wire::build::{Exchange, frame, gzip, message, table_size_update};
use crate::wire::flag::END_HEADERS;
use crate::wire::{Budget, Connection, ConnectionDecoder, Decoder, Layer, Pending, kind, limits};

#[test]
fn a_length_on_the_wire_allocates_nothing() {
    let connection = from_server(hex("ffffff 00 00 00000001 00"));
    let pending = Pending { length: 0xff_ffff, kind: kind::DATA, after_frames: 0, at_us: 0 };
    assert_eq!((connection.pending.server, connection.defects.len()), (Some(pending), 0));
    let connection = Exchange::new().headers(Server, 1, 0, &[("a", "1")]).data(Server, 1, 0, [0xff; 5]).connection();
    assert_eq!(connection.streams[&1].server.partial, 5);
}

#[test]
fn a_header_block_too_long() {
    let part = vec![0x82; limits::HEADER_BLOCK / 2 + 1];
    let in_two = Exchange::new()
        .preface()
        .frame(Client, kind::HEADERS, 0, 1, &part)
        .frame(Client, kind::CONTINUATION, 0, 1, &part)
        .frame(Client, kind::CONTINUATION, END_HEADERS, 1, &part);
    let in_one = Exchange::new().preface().frame(Client, kind::HEADERS, END_HEADERS, 1, [part.clone(), part].concat());
    for exchange in [in_two, in_one] {
        let connection = exchange.connection();
        let defect = only_defect(&connection);
        assert_eq!(defect.layer, Layer::Limit);
        assert!(defect.what.starts_with("a header block is longer than the decoder holds"), "{}", defect.what);
    }
}

#[test]
fn a_header_list_or_table_too_large() {
    let list = frame(kind::HEADERS, END_HEADERS, 1, vec![0x82; limits::HEADER_LIST / 42 + 1]);
    let table = frame(kind::HEADERS, END_HEADERS, 1, table_size_update(limits::HEADER_TABLE + 1));
    for (octets, what) in [
        (list, "a header list is larger than the decoder holds"),
        (table, "the dynamic table is set larger than the decoder holds"),
    ] {
        let connection = from_server(octets);
        let defect = only_defect(&connection);
        assert_eq!(defect.layer, Layer::Limit);
        assert!(defect.what.starts_with(what), "{}", defect.what);
    }
}

#[test]
fn a_message_that_inflates_too_far() {
    let bomb = gzip(vec![0; 1 << 20]).repeat((limits::INFLATED_MESSAGE >> 20) + 1);
    let connection = Exchange::new()
        .headers(Server, 1, 0, &[("content-type", "application/grpc"), ("grpc-encoding", "gzip")])
        .data(Server, 1, 0, message(1, bomb))
        .data(Server, 1, 0, message(1, gzip(b"small")))
        .connection();
    assert_eq!(defects(&connection), [(Layer::Limit, "a message inflates to more than the decoder holds")]);
    let messages = &connection.streams[&1].server.messages;
    assert!(messages[0].body.is_err());
    assert_eq!(messages[1].body.as_deref(), Ok(b"small".as_slice()));
}

#[test]
fn more_messages_than_are_kept() {
    let budget = Budget::default();
    budget.messages.set(3);
    for (index, kept) in [(0, 2), (1, 1)] {
        let mut decoder = ConnectionDecoder::new(index, &budget);
        decoder.push(Server, 0, frame(kind::DATA, 0, 1, message(0, b"").repeat(2)).into());
        decoder.push(Server, 0, frame(kind::DATA, 0, 1, b"\x09").into());
        let connection = decoder.finish();
        let half = &connection.streams[&1].server;
        assert_eq!((half.messages.len(), half.data.len()), (kept, 2));
        let told: Vec<_> = connection.defects.iter().map(|defect| defect.layer).collect();
        assert_eq!(told, if kept == 2 { vec![] } else { vec![Layer::Limit] });
    }
}

#[test]
fn more_streams_than_are_kept() {
    let mut octets = Vec::new();
    for stream in 1..=u32::try_from(limits::STREAMS).unwrap() + 2 {
        octets.extend(frame(kind::RST_STREAM, 0, stream, [0; 4]));
    }
    octets.extend(frame(kind::DATA, 0, 1, []));
    let connection = from_server(octets);
    assert_eq!(defects(&connection), [(Layer::Limit, "more streams than the decoder holds; the others are left out")]);
    assert_eq!(connection.streams.len(), limits::STREAMS);
    assert_eq!(connection.frames.len(), limits::STREAMS + 3, "frames are kept all the same");
    assert_eq!(connection.streams[&1].server.data.len(), 1, "streams there are go on");
}

#[test]
fn more_frames_than_are_kept() {
    let octets = frame(0xff, 0, 0, []).repeat(limits::FRAMES + 3);
    let connection = from_server(octets);
    assert_eq!(defects(&connection), [(Layer::Limit, "more frames than the decoder holds; the others are left over")]);
    assert_eq!(connection.frames.len(), limits::FRAMES);
    assert_eq!(connection.pending.server, None);
}

#[test]
fn more_defects_than_are_kept() {
    let connection = from_server(frame(kind::DATA, 0, 0, []).repeat(limits::DEFECTS + 3));
    assert_eq!(connection.defects.len(), limits::DEFECTS + 1);
    assert_eq!(connection.defects[limits::DEFECTS].layer, Layer::Limit);
    assert_eq!(connection.frames.len(), limits::DEFECTS + 3);
}

#[test]
fn connections_share_the_limits() {
    let budget = Budget::default();
    budget.frames.set(5);
    budget.streams.set(1);
    budget.defects.set(1);
    let of = |index| {
        let mut decoder = ConnectionDecoder::new(index, &budget);
        for octets in [frame(kind::DATA, 0, 1, []), frame(kind::DATA, 0, 0, []), frame(kind::PING, 0, 0, [0; 8])] {
            decoder.push(Server, 0, octets.into());
        }
        decoder.finish()
    };
    let (first, second) = (of(0), of(1));
    let kept = |connection: &Connection| (connection.frames.len(), connection.streams.len());
    assert_eq!((kept(&first), kept(&second)), ((3, 1), (2, 0)));
    assert_eq!(only_defect(&first).what, "DATA is on stream 0");
    let left_out = "more defects than the decoder holds; the others are left out";
    assert_eq!(defects(&second), [(Layer::Limit, left_out)]);
    assert_eq!(of(2).defects.len(), 1, "and one more that says so");
}

#[test]
fn frames_of_any_kind_without_end() {
    for kind in [kind::DATA, kind::HEADERS, kind::SETTINGS, kind::PING, kind::CONTINUATION, kind::WINDOW_UPDATE] {
        let budget = Budget::default();
        budget.frames.set(1_000);
        let mut decoder = ConnectionDecoder::new(0, &budget);
        decoder.push(Server, 0, frame(kind, 0, 1, []).repeat(1_100).into());
        let connection = decoder.finish();
        assert_eq!(connection.frames.len(), 1_000);
        assert!(connection.defects.iter().any(|defect| defect.layer == Layer::Limit), "frames of kind {kind}");
    }
}
