use super::bounds;
use super::input::{Cuts, Input};
use crate::model::Side;
use crate::wire::build::Exchange;
use crate::wire::flag::END_STREAM;
use crate::wire::{Connection, Half, Layer, Message, Unreadable};

/// What `grpc-encoding` says.
pub(super) const ENCODINGS: [Option<&str>; 5] = [None, Some("identity"), Some("gzip"), Some("deflate"), Some("snappy")];

/// The DATA of one call: read as gRPC messages it gives the same ones however it is cut into frames, and each octet is in a message or
/// in the one that did not end.
pub fn messages(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let encoding = *input.one_of(&ENCODINGS);
    let flags = if input.octet() & 1 == 0 { 0 } else { END_STREAM };
    let cuts = input.cuts();
    let data = input.rest();
    let whole = call(encoding, flags, &[data]);
    let cut = call(encoding, flags, &pieces(&cuts, data));
    bounds::connection(&whole);
    bounds::connection(&cut);
    let (whole, cut) = (half(&whole), half(&cut));
    assert_eq!(whole.messages.len(), cut.messages.len());
    assert!(whole.messages.iter().zip(&cut.messages).all(|(one, other)| is_same(one, other)));
    assert_eq!(whole.partial, cut.partial);
    let in_messages: usize = whole.messages.iter().map(|message| 5 + message.raw.len()).sum();
    assert_eq!(in_messages + whole.partial, data.len());
    for message in &whole.messages {
        match (message.flag, &message.body) {
            (0, Ok(body)) => assert_eq!(*body, message.raw),
            (1, Ok(_)) => assert!(encoding.is_some()),
            (2.., Err(Unreadable::Flag(flag))) => assert_eq!(*flag, message.flag),
            (flag, body) => assert!(flag == 1 && body.is_err(), "flag {flag}, {body:?}"),
        }
    }
}

fn pieces<'a>(cuts: &Cuts, data: &'a [u8]) -> Vec<&'a [u8]> {
    // END_STREAM needs a frame to stand on.
    if data.is_empty() { vec![data] } else { cuts.pieces(data) }
}

fn call(encoding: Option<&str>, flags: u8, pieces: &[&[u8]]) -> Connection {
    let mut fields = vec![(":status", "200"), ("content-type", "application/grpc")];
    fields.extend(encoding.map(|name| ("grpc-encoding", name)));
    let mut exchange = Exchange::new().headers(Side::Server, 1, 0, &fields);
    for (at, piece) in pieces.iter().enumerate() {
        exchange = exchange.data(Side::Server, 1, if at + 1 == pieces.len() { flags } else { 0 }, piece);
    }
    let connection = exchange.connection();
    assert!(connection.defects.iter().all(|defect| defect.layer == Layer::Message), "{:?}", connection.defects);
    connection
}

fn half(connection: &Connection) -> &Half {
    &connection.streams[&1].server
}

/// Whether two messages are the same but for the frames they came in.
fn is_same(one: &Message, other: &Message) -> bool {
    (one.flag, &one.raw, &one.body) == (other.flag, &other.raw, &other.body)
}
