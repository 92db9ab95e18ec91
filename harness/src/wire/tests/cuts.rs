//! However bytes are cut, the connection is the same; whatever they are, nothing panics.

use super::pieces::{Event, WHOLE, any_side, damage, damaged, decode_pieces, events, sizes};
use crate::model::Side::{Client, Server};
use crate::wire::build::{Exchange, deflate, frame, gzip, message, priority_fields};
use crate::wire::flag::{END_HEADERS, END_STREAM, PADDED, PRIORITY};
use crate::wire::{Connection, ConnectionDecoder, Layer, Priority, kind, setting};
use proptest::collection::vec;
use proptest::prelude::*;

/// Two calls with everything in them that the decoder knows.
fn rich() -> Exchange {
    let zeros = vec![0; 40_000];
    let priority = Priority { exclusive: false, depends_on: 0, weight: 15 };
    let request = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/grpc.testing.TestService/UnaryCall"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("grpc-encoding", "gzip"),
    ];
    let mut exchange = Exchange::new()
        .preface()
        .settings(Client, &[(setting::ENABLE_PUSH, 0), (setting::INITIAL_WINDOW_SIZE, 65_535)])
        .settings(Server, &[(setting::MAX_FRAME_SIZE, 16_384)])
        .settings_ack(Server)
        .headers_in_two(Client, 1, 0, &request, 9)
        .settings_ack(Client)
        .window_update(Client, 0, 1_000_000)
        .data_in_frames(Client, 1, 0, [message(0, &zeros), message(1, gzip(&zeros))].concat(), 16_384)
        .ping(Server, *b"bdp ping")
        .data_padded(Client, 1, END_STREAM, message(0, b"last"), 7)
        .ping_ack(Client, *b"bdp ping")
        .priority(Client, 3, priority)
        .frame(Client, 0xbb, 0xff, 7, b"unknown");
    let mut block = exchange.block(Client, &request);
    block.splice(0..0, priority_fields(priority));
    block.insert(0, 3);
    block.extend([0; 3]);
    exchange = exchange
        .frame(Client, kind::HEADERS, END_HEADERS | PADDED | PRIORITY, 3, block)
        .headers(
            Server,
            1,
            0,
            &[(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "deflate")],
        )
        .push_promise(Server, 1, 2, &[(":method", "GET")])
        .data_in_frames(Server, 1, 0, message(1, deflate(&zeros)), 20)
        .headers_with_table_size(Server, 1, END_STREAM, 0, &[("grpc-status", "0"), ("grpc-message", "")])
        .data(Client, 3, 0, &message(0, b"unfinished")[..9])
        .rst_stream(Client, 3, 8)
        .goaway(Server, 3, 0, b"bye")
        .end(Server)
        .bytes(Client, vec![0, 0, 9, 0])
        .broken(Client);
    exchange
}

fn decode(events: &[Event], pieces: &[usize]) -> Connection {
    decode_pieces::<ConnectionDecoder>(events, pieces)
}

#[test]
fn the_rich_exchange_is_decoded() {
    let connection = rich().connection();
    assert_eq!(connection.defects, []);
    let kinds: std::collections::BTreeSet<_> = connection
        .frames
        .iter()
        .map(|frame| std::mem::discriminant(&frame.payload))
        .map(|kind| format!("{kind:?}"))
        .collect();
    assert_eq!(kinds.len(), 11, "all ten types and an unknown one");
    let first = &connection.streams[&1];
    let sizes: Vec<_> = first.client.messages.iter().map(|message| message.body.as_ref().unwrap().len()).collect();
    assert_eq!(sizes, [40_000, 40_000, 4]);
    assert_eq!(first.server.messages[0].body.as_ref().unwrap().len(), 40_000);
    assert_eq!(first.server.headers[1].get("grpc-status"), Some(b"0".as_slice()));
    assert_eq!(connection.streams[&3].client.partial, 9);
    let pending = connection.pending.client.map(|begun| (begun.length, begun.kind, begun.after_frames));
    assert_eq!(pending, Some((9, kind::DATA, connection.frames.len())));
}

#[test]
fn octet_by_octet_gives_the_same() {
    let events = events(&rich());
    assert_eq!(decode(&events, &[1]), decode(&events, WHOLE));
}

/// Frames of any type with any content, with small stream ids so that they meet.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    (0_u8..12, any::<u8>(), 0_u32..4, vec(any::<u8>(), 0..40))
        .prop_map(|(kind, flags, stream, payload)| frame(kind, flags, stream, payload))
}

proptest! {
    #[test]
    fn cuts_do_not_matter(sizes in sizes()) {
        let events = events(&rich());
        prop_assert_eq!(decode(&events, &sizes), decode(&events, WHOLE));
    }

    #[test]
    fn cuts_do_not_matter_for_damaged_bytes(
        sizes in sizes(),
        damage in damage(),
    ) {
        let events = damaged(events(&rich()), damage);
        prop_assert_eq!(decode(&events, &sizes), decode(&events, WHOLE));
    }

    #[test]
    fn cuts_do_not_matter_for_any_frames(
        sizes in sizes(),
        frames in vec((any_side(), any_frame()), 0..60),
    ) {
        let mut exchange = Exchange::new().preface();
        for (side, frame) in frames {
            exchange = exchange.bytes(side, frame);
        }
        let events = events(&exchange);
        let whole = decode(&events, WHOLE);
        prop_assert_eq!(&decode(&events, &sizes), &whole);
        prop_assert!(whole.defects.iter().all(|defect| defect.layer != Layer::Limit || !defect.what.is_empty()));
        prop_assert!(whole.frames.iter().enumerate().all(|(at, frame)| at == frame.index));
    }

    #[test]
    fn any_bytes_do_not_panic(
        sizes in sizes(),
        preface: bool,
        chunks in vec((any_side(), vec(any::<u8>(), 0..300)), 0..20),
    ) {
        let mut exchange = Exchange::new();
        if preface {
            exchange = exchange.preface();
        }
        for (side, bytes) in chunks {
            exchange = exchange.bytes(side, bytes);
        }
        let events = events(&exchange);
        prop_assert_eq!(decode(&events, &sizes), decode(&events, WHOLE));
    }
}
