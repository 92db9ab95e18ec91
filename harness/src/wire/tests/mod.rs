//! Tests of the decoder as a whole.

mod broken;
mod cuts;
mod frames;
mod hpack;
mod messages;
mod over_limits;
pub(super) mod pieces;
mod streams;
pub(super) mod transcript;

use super::{Budget, Connection, ConnectionDecoder, Decoder, Defect, Layer};
use crate::model::Side;
use bytes::Bytes;

/// The octets of a hexadecimal text; white space is free.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|digit| !digit.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// What comes of bytes a server sends first.
fn from_server(bytes: impl Into<Bytes>) -> Connection {
    let mut decoder = ConnectionDecoder::new(0, &Budget::default());
    decoder.push(Side::Server, 0, bytes.into());
    decoder.finish()
}

/// The layers and words of all defects.
fn defects(connection: &Connection) -> Vec<(Layer, &str)> {
    connection.defects.iter().map(|defect| (defect.layer, defect.what.as_str())).collect()
}

/// The only defect there is.
fn only_defect(connection: &Connection) -> &Defect {
    assert_eq!(connection.defects.len(), 1, "{:#?}", connection.defects);
    &connection.defects[0]
}
