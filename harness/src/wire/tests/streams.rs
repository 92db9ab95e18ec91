//! What is put down for streams and connections beyond single frames.

use super::defects;
use crate::model::Side::{Client, Server};
use crate::wire::build::Exchange;
use crate::wire::flag::{END_HEADERS, END_STREAM};
use crate::wire::{Ending, Pending, code, kind};

#[test]
fn the_first_end_of_a_half_and_the_first_reset_count() {
    let connection = Exchange::new()
        .preface()
        .headers(Client, 1, END_STREAM, &[(":method", "POST")])
        .data(Client, 1, END_STREAM, "")
        .rst_stream(Client, 1, code::CANCEL)
        .rst_stream(Client, 1, code::NO_ERROR)
        .connection();
    let half = &connection.streams[&1].client;
    assert_eq!((half.end_stream, half.reset), (Some(0), Some((2, code::CANCEL))));
    assert_eq!(connection.streams[&1].server, Default::default());
}

#[test]
fn a_header_block_keeps_order_and_repetitions() {
    let connection = Exchange::new().headers(Server, 1, END_STREAM, &[("b", "1"), ("a", "2"), ("b", "3")]).connection();
    let half = &connection.streams[&1].server;
    assert!(half.headers[0].end_stream);
    assert_eq!(half.header("b"), Some(b"1".as_slice()));
    assert_eq!(half.headers[0].all("b").collect::<Vec<_>>(), [b"1", b"3"]);
    assert_eq!(half.headers[0].fields[1].0, "a");
}

#[test]
fn frames_of_both_sides_are_in_the_order_they_end() {
    let connection = Exchange::new()
        .preface()
        .at(1_000)
        .ping(Client, [1; 8])
        .ping_ack(Server, [1; 8])
        .settings_ack(Client)
        .connection();
    let order: Vec<_> = connection.frames.iter().map(|frame| (frame.index, frame.side, frame.at_us)).collect();
    assert_eq!(order, [(0, Client, 1_000), (1, Server, 1_100), (2, Client, 1_200)]);
}

#[test]
fn a_frame_stands_where_its_last_octet_came() {
    let connection = Exchange::new()
        .bytes(Server, vec![0, 0, 0, kind::SETTINGS])
        .preface()
        .settings(Client, &[])
        .bytes(Server, vec![0, 0, 0, 0, 0])
        .connection();
    let order: Vec<_> = connection.frames.iter().map(|frame| (frame.side, frame.at_us)).collect();
    assert_eq!(order, [(Client, 200), (Server, 300)]);
}

#[test]
fn endings_and_what_did_not_end() {
    let exchange = Exchange::new().preface().settings(Client, &[]).end(Client).broken(Client);
    let exchange = exchange.bytes(Server, vec![0, 0, 7]).at(900).bytes(Server, vec![kind::PING, 0]);
    let connection = exchange.bytes(Server, vec![0]).broken(Server).connection();
    assert_eq!((connection.ends.client, connection.ends.server), (Some(Ending::Closed), Some(Ending::Broken)));
    assert_eq!(connection.closed_by, Some(Client));
    let pending = Pending { length: 7, kind: kind::PING, after_frames: 1, at_us: 900 };
    assert_eq!((connection.pending.client, connection.pending.server), (None, Some(pending)));
    assert_eq!(connection.defects, []);
}

#[test]
fn a_promise_keeps_the_compression_state_and_makes_no_stream() {
    let mut exchange = Exchange::new();
    let promise = exchange.block(Server, &[("x-new", "1")]);
    let connection = exchange
        .frame(Server, kind::PUSH_PROMISE, 0, 1, [&2_u32.to_be_bytes(), &promise[..3]].concat())
        .frame(Server, kind::CONTINUATION, END_HEADERS, 1, &promise[3..])
        .headers(Server, 3, 0, &[("x-new", "1")])
        .connection();
    assert_eq!(defects(&connection), []);
    assert_eq!(connection.frames[2].length, 1, "taken from the table");
    assert_eq!(connection.streams.keys().collect::<Vec<_>>(), [&3]);
    assert_eq!(connection.streams[&3].server.header("x-new"), Some(b"1".as_slice()));
}

#[test]
fn table_sizes_stand_in_the_header_block() {
    let connection = Exchange::new()
        .headers(Server, 1, 0, &[("a", "1")])
        .headers_with_table_size(Server, 3, 0, 0, &[("a", "1")])
        .connection();
    let block = &connection.streams[&3].server.headers[0];
    assert_eq!((block.table_sizes.as_slice(), block.late_table_size), ([0].as_slice(), false));
    assert_eq!(connection.frames[1].length, 1 + 5, "nothing left in the table");
    assert_eq!(connection.streams[&3].server.header("a"), Some(b"1".as_slice()));

    let late = Exchange::new().frame(Server, kind::HEADERS, END_HEADERS, 1, [0x88, 0x20, 0x89]).connection();
    let block = &late.streams[&1].server.headers[0];
    assert_eq!((block.table_sizes.as_slice(), block.late_table_size, block.fields.len()), ([0].as_slice(), true, 2));
    assert_eq!(defects(&late), [], "the block is decoded all the same");
}

#[test]
fn connection_frames_and_priorities_make_no_stream() {
    let priority = crate::wire::Priority { exclusive: false, depends_on: 0, weight: 1 };
    let connection = Exchange::new().priority(Server, 5, priority).window_update(Server, 7, 1).connection();
    assert_eq!(connection.frames.len(), 2);
    assert!(connection.streams.is_empty());
}
