use super::{Ending, Frame, Message};
use crate::model::Side;
use bytes::Bytes;
use std::collections::BTreeMap;

/// Everything decoded from one cell's capture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// In the order they were accepted. Of one for which the server could not be reached there are only its number and its
    /// end.
    pub connections: Vec<Connection>,
    /// Whether the capture's seal was found: without it, bytes may be missing at the end.
    pub sealed: bool,
}

/// One TCP connection through the tap, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// Its number among those that the tap accepted, which is its place in the transcript.
    pub index: usize,
    /// Whether the client's first bytes were the connection preface (RFC 9113 section 3.4).
    pub preface: bool,
    /// Frames of both directions, in the order the tap saw them end.
    pub frames: Vec<Frame>,
    /// Streams by id; stream 0 is not one.
    pub streams: BTreeMap<u32, Stream>,
    /// What broke the framing, header compression or message layout, in order.
    pub defects: Vec<Defect>,
    /// The frame of each direction that began and did not end.
    pub pending: SidePair<Option<Pending>>,
    /// How each direction ended; absent while it is open.
    pub ends: SidePair<Option<Ending>>,
    /// Whose direction ended first.
    pub closed_by: Option<Side>,
}

/// One value for each side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SidePair<T> {
    /// The client's.
    pub client: T,
    /// The server's.
    pub server: T,
}

impl<T> SidePair<T> {
    /// The value of a side.
    pub fn of(&self, side: Side) -> &T {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    /// The value of a side, to change.
    pub fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

/// A frame of which length and type are there, and not all it announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// The length of the payload that it announces, in bytes.
    pub length: u32,
    /// The type octet, see [`kind`](super::kind).
    pub kind: u8,
    /// Frames seen on the connection before its length and type.
    pub after_frames: usize,
    /// When these reached the tap, in microseconds.
    pub at_us: u64,
}

/// Something that is not decodable as the specification says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Who sent it.
    pub side: Side,
    /// The frame it was found in, where there is one.
    pub frame: Option<usize>,
    /// Which layer it belongs to.
    pub layer: Layer,
    /// In words.
    pub what: String,
}

/// The layer a [`Defect`] belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// HTTP/2 framing (RFC 9113 sections 4 to 6).
    Framing,
    /// HPACK (RFC 7541).
    HeaderCompression,
    /// gRPC's length-prefixed messages.
    Message,
    /// A limit of the decoder itself was reached.
    Limit,
}

/// One stream: at most one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stream {
    /// Stream id.
    pub id: u32,
    /// What the client sent.
    pub client: Half,
    /// What the server sent.
    pub server: Half,
}

impl Stream {
    /// What a side sent.
    pub fn half(&self, side: Side) -> &Half {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    /// What a side sent, to change.
    pub fn half_mut(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// The header block with which the server ended the call; of a trailers-only response it is the only one.
    pub fn trailers(&self) -> Option<&HeaderBlock> {
        self.server.headers.iter().find(|block| block.end_stream)
    }
}

/// One direction of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Half {
    /// Header blocks: of a client the request's; of a server the response's and the trailers, or trailers alone.
    /// Blocks that could not be decoded are not here; a [`Defect`] tells of the first of a direction, and all after it are
    /// of that kind.
    pub headers: Vec<HeaderBlock>,
    /// Indices of all HEADERS frames, those whose block could not be decoded among them.
    pub heads: Vec<usize>,
    /// Whole gRPC messages; none where [`Half::is_grpc`] denies them.
    pub messages: Vec<Message>,
    /// Bytes of a message that began and did not end.
    pub partial: usize,
    /// Indices of all DATA frames.
    pub data: Vec<usize>,
    /// Frame that carried END_STREAM.
    pub end_stream: Option<usize>,
    /// First RST_STREAM: its frame and error code.
    pub reset: Option<(usize, u32)>,
}

impl Half {
    /// The block that says what this half is: the first one that is no informational response.
    pub fn head(&self) -> Option<&HeaderBlock> {
        self.headers.iter().find(|block| !block.is_informational())
    }

    /// The first value of a name in [`Half::head`].
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.head()?.get(name)
    }

    /// Whether the bytes of this half are to be read as gRPC messages: unless its headers say otherwise, by another
    /// `content-type` than `application/grpc`, or by a `:status` other than 200 and no `content-type`. So the body of a
    /// proxy's error page yields no messages, while a peer that forgot its `content-type` is still readable. Of a half
    /// whose headers could not be decoded nothing is known.
    pub fn is_grpc(&self) -> bool {
        if self.head().is_none() {
            return self.heads.len() == self.headers.len();
        }
        match (self.header("content-type"), self.header(":status")) {
            (Some(value), _) => is_grpc_type(value),
            (None, Some(status)) => status == b"200",
            (None, None) => true,
        }
    }
}

/// Whether a `content-type` is gRPC's: `application/grpc`, alone or followed by `+FORMAT` or `;PARAMETERS`.
/// `application/grpc-web` is another protocol.
pub(super) fn is_grpc_type(value: &[u8]) -> bool {
    const TYPE: &[u8] = b"application/grpc";
    value.split_at_checked(TYPE.len()).is_some_and(|(start, rest)| {
        let ends = matches!(rest.trim_ascii_start().first(), None | Some(b';'));
        start.eq_ignore_ascii_case(TYPE) && (ends || rest.starts_with(b"+"))
    })
}

/// One decoded header block: a HEADERS frame and its CONTINUATIONs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderBlock {
    /// The HEADERS frame.
    pub first_frame: usize,
    /// The frame with END_HEADERS.
    pub last_frame: usize,
    /// Whether the HEADERS frame had END_STREAM.
    pub end_stream: bool,
    /// Names and values in wire order, as HPACK gave them.
    pub fields: Vec<(Bytes, Bytes)>,
    /// Dynamic table size updates, in order (RFC 7541 section 6.3).
    pub table_sizes: Vec<u32>,
    /// Whether one of them stood behind a field, where none may be (RFC 7541 section 4.2).
    pub late_table_size: bool,
}

impl HeaderBlock {
    /// Whether it is a 1xx response (RFC 9110 section 15.2).
    pub fn is_informational(&self) -> bool {
        self.get(":status").is_some_and(|status| status.len() == 3 && status.starts_with(b"1"))
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|(n, _)| n == name.as_bytes()).map(|(_, value)| value.as_ref())
    }

    /// All values of a name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(n, _)| n == name.as_bytes()).map(|(_, v)| v.as_ref())
    }
}
