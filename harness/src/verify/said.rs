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
    /// Header lists in order, names and values as text; over TLS, what the hello offers or chooses.
    pub headers: Vec<Vec<(String, String)>>,
    /// Compressed flag and bytes of each message, in order.
    pub messages: Vec<(u8, u32)>,
    /// The code of each RST_STREAM.
    pub resets: Vec<u32>,
    /// How many frames have END_STREAM.
    pub ends: usize,
}
