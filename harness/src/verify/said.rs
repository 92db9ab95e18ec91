use crate::model::Side;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// What a decoder says of captures, as far as both decoders can say it.
pub type Said = BTreeMap<Direction, Sent>;

/// One direction of a stream; of stream 0 it is that of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Direction {
    /// The cell's number among those of the sample.
    pub cell: usize,
    /// The connection's number among those of the cell.
    pub connection: usize,
    /// The stream.
    pub stream: u32,
    /// Who sends.
    pub side: Side,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connection {} stream {} {}", self.connection, self.stream, self.side)
    }
}

/// What was sent in a direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// Type and length of each frame, in order; over TLS, of each record.
    pub frames: Vec<(u8, u32)>,
    /// Header lists in order; over TLS, what the first ClientHello offers.
    pub headers: Vec<Vec<Field>>,
    /// Compressed flag and bytes of each message, in order.
    pub messages: Vec<(u8, u32)>,
    /// The code of each RST_STREAM.
    pub resets: Vec<u32>,
    /// How many frames have END_STREAM.
    pub ends: usize,
}

/// A header field, as far as tshark prints it: octets beyond ASCII are all alike, and a value is printed up to its first zero octet, with
/// its whole length. (It takes values for strings, FT_STRING in ENC_ASCII: `hf_http2_header_value` in
/// <https://gitlab.com/wireshark/wireshark/-/blob/release-4.4/epan/dissectors/packet-http2.c>. The `-bin` values that C core sends raw begin
/// with such an octet: <https://github.com/grpc/proposal/blob/master/G1-true-binary-metadata.md>.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value, so far.
    pub value: String,
    /// All octets of its value.
    pub length: usize,
}

impl Field {
    /// What tshark can print of these octets.
    pub fn of(name: &[u8], value: &[u8]) -> Field {
        let printed = value.split(|octet| *octet == 0).next().unwrap_or_default();
        Field { name: as_text(name), value: as_text(printed), length: value.len() }
    }
}

fn as_text(octets: &[u8]) -> String {
    octets.iter().map(|octet| if octet.is_ascii() { char::from(*octet) } else { char::REPLACEMENT_CHARACTER }).collect()
}
