//! One frame of each type, its octets written by hand after RFC 9113 section 6.

use super::{from_server, hex};
use crate::model::Side;
use crate::wire::{Budget, ConnectionDecoder, Decoder, Frame, Payload, Priority, Setting, code, kind};
use bytes::Bytes;

fn frame(octets: &str) -> Frame {
    let connection = from_server(hex(octets));
    assert_eq!(connection.defects, []);
    assert_eq!(connection.pending.server, None);
    let [frame] = <[Frame; 1]>::try_from(connection.frames).unwrap();
    frame
}

#[test]
fn data() {
    let frame = frame("000003 00 40 00000001 616263");
    assert_eq!(frame.payload, Payload::Data { data: Bytes::from_static(b"abc"), padding: None });
    assert_eq!((frame.stream, frame.flags, frame.length), (1, 0x40, 3));
}

#[test]
fn data_padded() {
    let frame = frame("000006 00 08 00000001 02 616263 0000");
    assert_eq!(frame.payload, Payload::Data { data: Bytes::from_static(b"abc"), padding: Some(2) });
    assert_eq!(frame.length, 6);
}

#[test]
fn data_all_padding() {
    let frame = frame("000003 00 08 00000001 02 0000");
    assert_eq!(frame.payload, Payload::Data { data: Bytes::new(), padding: Some(2) });
}

#[test]
fn headers() {
    let frame = frame("000002 01 04 00000003 88 8c");
    assert_eq!(frame.payload, Payload::Headers { fragment: 2, padding: None, priority: None });
}

#[test]
fn headers_padded_with_priority() {
    let frame = frame("000008 01 2c 00000003 01 80000001 0f 88 00");
    let priority = Some(Priority { exclusive: true, depends_on: 1, weight: 15 });
    assert_eq!(frame.payload, Payload::Headers { fragment: 1, padding: Some(1), priority });
}

#[test]
fn priority() {
    let frame = frame("000005 02 00 00000005 00000003 ff");
    assert_eq!(frame.payload, Payload::Priority(Priority { exclusive: false, depends_on: 3, weight: 255 }));
}

#[test]
fn rst_stream() {
    let frame = frame("000004 03 00 00000001 00000008");
    assert_eq!(frame.payload, Payload::RstStream { code: code::CANCEL });
}

#[test]
fn settings() {
    let frame = frame("00000c 04 00 00000000 0003 00000064 fe03 00000001");
    let settings = vec![Setting { id: 3, value: 100 }, Setting { id: 0xfe03, value: 1 }];
    assert_eq!(frame.payload, Payload::Settings { ack: false, settings });
}

#[test]
fn settings_ack() {
    assert_eq!(frame("000000 04 01 00000000").payload, Payload::Settings { ack: true, settings: vec![] });
}

#[test]
fn push_promise() {
    let frame = frame("000005 05 04 00000001 00000002 82");
    assert_eq!(frame.payload, Payload::PushPromise { promised: 2, fragment: 1, padding: None });
}

#[test]
fn push_promise_padded() {
    let frame = frame("000007 05 0c 00000001 01 00000002 82 00");
    assert_eq!(frame.payload, Payload::PushPromise { promised: 2, fragment: 1, padding: Some(1) });
}

#[test]
fn ping() {
    let frame = frame("000008 06 01 00000000 0102030405060708");
    assert_eq!(frame.payload, Payload::Ping { ack: true, data: [1, 2, 3, 4, 5, 6, 7, 8] });
}

#[test]
fn goaway() {
    let frame = frame("00000a 07 00 00000000 00000007 0000000b 6f6b");
    assert_eq!(frame.payload, Payload::GoAway { last_stream: 7, code: 11, debug: Bytes::from_static(b"ok") });
}

#[test]
fn window_update() {
    assert_eq!(frame("000004 08 00 00000000 00010000").payload, Payload::WindowUpdate { increment: 65_536 });
}

#[test]
fn continuation() {
    let connection = from_server(hex("000001 01 00 00000001 88  000001 09 04 00000001 8c"));
    assert_eq!(connection.defects, []);
    assert_eq!(connection.frames[0].payload, Payload::Headers { fragment: 1, padding: None, priority: None });
    assert_eq!(connection.frames[1].payload, Payload::Continuation { fragment: 1 });
    let [block] = connection.streams[&1].server.headers.as_slice() else { panic!("one header block") };
    assert_eq!((block.first_frame, block.last_frame), (0, 1));
    assert_eq!(block.get(":status"), Some(b"200".as_slice()));
}

#[test]
fn unknown() {
    assert_eq!(frame("000002 0a ff 00000009 0102").payload, Payload::Unknown { kind: 10 });
    assert_eq!(kind::name(10), "0x0a");
}

#[test]
fn reserved_bits_are_ignored() {
    assert_eq!(frame("000001 01 04 80000001 88").stream, 1);
    assert_eq!(frame("000004 08 00 80000000 80000001").payload, Payload::WindowUpdate { increment: 1 });
    let goaway = frame("000008 07 00 00000000 ffffffff 00000000").payload;
    assert_eq!(goaway, Payload::GoAway { last_stream: 0x7fff_ffff, code: 0, debug: Bytes::new() });
    let promise = frame("000004 05 04 00000001 80000002").payload;
    assert_eq!(promise, Payload::PushPromise { promised: 2, fragment: 0, padding: None });
}

#[test]
fn preface() {
    let mut decoder = ConnectionDecoder::new(3, &Budget::default());
    let bytes = hex("505249202a20485454502f322e300d0a0d0a534d0d0a0d0a 000000 04 00 00000000");
    decoder.push(Side::Client, 7, bytes.into());
    let connection = decoder.finish();
    assert!(connection.preface);
    assert_eq!((connection.index, connection.frames.len(), connection.defects.len()), (3, 1, 0));
    assert_eq!(connection.frames[0].at_us, 7);
}
