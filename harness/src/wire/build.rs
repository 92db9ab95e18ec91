//! Writes the bytes of a connection, good or broken, frame by frame: for fixtures and for explaining a rule by example.
//!
//! ```
//! use interop::model::Side::{Client, Server};
//! use interop::wire::build::{Exchange, message};
//! use interop::wire::flag::END_STREAM;
//!
//! let connection = Exchange::new()
//!     .preface()
//!     .settings(Client, &[])
//!     .settings(Server, &[])
//!     .headers(Client, 1, 0, &[(":method", "POST"), (":path", "/grpc.testing.TestService/EmptyCall")])
//!     .data(Client, 1, END_STREAM, message(0, b""))
//!     .headers(Server, 1, END_STREAM, &[(":status", "200"), ("grpc-status", "12")])
//!     .end(Server)
//!     .connection();
//! assert_eq!(connection.frames.len(), 5);
//! assert!(connection.defects.is_empty());
//! ```

use super::splitter::PREFACE;
use super::tls::{TlsConnection, TlsDecoder};
use super::{Budget, Connection, ConnectionDecoder, Decoder, Ending, Priority, SidePair, flag, kind};
use crate::model::Side;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use loona_hpack::Encoder;
use loona_hpack::encoder::encode_integer;
use std::fmt;
use std::io::Write;

/// Microseconds between two steps, unless [`Exchange::at`] sets the clock.
const STEP_US: u64 = 100;

/// One thing the tap saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Bytes of a side.
    Bytes {
        /// Who sent them.
        side: Side,
        /// When, in microseconds.
        at_us: u64,
        /// What.
        bytes: Bytes,
    },
    /// A side ended its direction.
    End {
        /// Who.
        side: Side,
        /// When, in microseconds.
        at_us: u64,
        /// How.
        ending: Ending,
    },
}

/// A connection being written. Every method adds one [`Step`] (a frame, unless it says otherwise) 100 µs after the last.
///
/// Nothing is checked: what is written may break every rule. Header fields go through one HPACK encoder for each side, so
/// [`Exchange::block`] and the methods with `fields` must be called in the order in which the blocks are sent.
#[derive(Default)]
pub struct Exchange {
    steps: Vec<Step>,
    encoders: SidePair<Encoder<'static>>,
    now_us: u64,
}

impl Exchange {
    /// Begins with nothing, not even the preface.
    pub fn new() -> Self {
        Exchange::default()
    }

    /// Sets the clock: the next step is at `us` microseconds.
    pub fn at(mut self, us: u64) -> Self {
        self.now_us = us;
        self
    }

    /// Adds any bytes.
    pub fn bytes(mut self, side: Side, bytes: impl Into<Bytes>) -> Self {
        self.steps.push(Step::Bytes { side, at_us: self.now_us, bytes: bytes.into() });
        self.now_us += STEP_US;
        self
    }

    /// Adds any frame: its 9 octets of header and `payload`.
    pub fn frame(self, side: Side, kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) -> Self {
        self.bytes(side, frame(kind, flags, stream, payload))
    }

    /// Adds the client's preface (RFC 9113 section 3.4), without the SETTINGS frame that must follow.
    pub fn preface(self) -> Self {
        self.bytes(Side::Client, PREFACE.as_slice())
    }

    /// Adds SETTINGS, see [`setting`](super::setting).
    pub fn settings(self, side: Side, settings: &[(u16, u32)]) -> Self {
        let payload: Vec<u8> = settings
            .iter()
            .flat_map(|(id, value)| [id.to_be_bytes().as_slice(), &value.to_be_bytes()].concat())
            .collect();
        self.frame(side, kind::SETTINGS, 0, 0, payload)
    }

    /// Adds an acknowledgement of SETTINGS.
    pub fn settings_ack(self, side: Side) -> Self {
        self.frame(side, kind::SETTINGS, flag::ACK, 0, [])
    }

    /// Adds HEADERS with a whole header block; END_HEADERS is set besides `flags`.
    pub fn headers<N: AsRef<[u8]>, V: AsRef<[u8]>>(
        mut self,
        side: Side,
        stream: u32,
        flags: u8,
        fields: &[(N, V)],
    ) -> Self {
        let block = self.block(side, fields);
        self.frame(side, kind::HEADERS, flags | flag::END_HEADERS, stream, block)
    }

    /// Adds HEADERS with the first `at` octets of a header block and CONTINUATION with the others: two steps.
    pub fn headers_in_two<N: AsRef<[u8]>, V: AsRef<[u8]>>(
        mut self,
        side: Side,
        stream: u32,
        flags: u8,
        fields: &[(N, V)],
        at: usize,
    ) -> Self {
        let block = self.block(side, fields);
        let (first, rest) = block.split_at_checked(at).unwrap_or((&block, &[]));
        self.frame(side, kind::HEADERS, flags, stream, first).frame(
            side,
            kind::CONTINUATION,
            flag::END_HEADERS,
            stream,
            rest,
        )
    }

    /// Encodes a header block with a side's HPACK encoder and adds no step, for frames written by hand.
    pub fn block<N: AsRef<[u8]>, V: AsRef<[u8]>>(&mut self, side: Side, fields: &[(N, V)]) -> Vec<u8> {
        self.encoders.of_mut(side).encode(fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref())))
    }

    /// Adds HEADERS whose block begins with a dynamic table size update (RFC 7541 section 6.3), which the encoder obeys.
    pub fn headers_with_table_size<N: AsRef<[u8]>, V: AsRef<[u8]>>(
        mut self,
        side: Side,
        stream: u32,
        flags: u8,
        table_size: usize,
        fields: &[(N, V)],
    ) -> Self {
        self.encoders.of_mut(side).set_max_table_size(table_size);
        let mut block = table_size_update(table_size);
        block.extend(self.block(side, fields));
        self.frame(side, kind::HEADERS, flags | flag::END_HEADERS, stream, block)
    }

    /// Adds one DATA frame.
    pub fn data(self, side: Side, stream: u32, flags: u8, data: impl AsRef<[u8]>) -> Self {
        self.frame(side, kind::DATA, flags, stream, data)
    }

    /// Adds DATA in frames of at most `most` octets, one step each; `flags` stand on the last.
    pub fn data_in_frames(mut self, side: Side, stream: u32, flags: u8, data: impl AsRef<[u8]>, most: usize) -> Self {
        let mut rest = data.as_ref();
        while let Some((first, others)) = rest.split_at_checked(most.max(1)).filter(|(_, others)| !others.is_empty()) {
            self = self.data(side, stream, 0, first);
            rest = others;
        }
        self.data(side, stream, flags, rest)
    }

    /// Adds one DATA frame with `padding` octets of padding.
    pub fn data_padded(self, side: Side, stream: u32, flags: u8, data: impl AsRef<[u8]>, padding: u8) -> Self {
        self.frame(side, kind::DATA, flags | flag::PADDED, stream, padded(padding, data))
    }

    /// Adds RST_STREAM with an error code, see [`code`](super::code).
    pub fn rst_stream(self, side: Side, stream: u32, code: u32) -> Self {
        self.frame(side, kind::RST_STREAM, 0, stream, code.to_be_bytes())
    }

    /// Adds WINDOW_UPDATE; stream 0 is the connection.
    pub fn window_update(self, side: Side, stream: u32, increment: u32) -> Self {
        self.frame(side, kind::WINDOW_UPDATE, 0, stream, increment.to_be_bytes())
    }

    /// Adds PING.
    pub fn ping(self, side: Side, data: [u8; 8]) -> Self {
        self.frame(side, kind::PING, 0, 0, data)
    }

    /// Adds an answer to PING.
    pub fn ping_ack(self, side: Side, data: [u8; 8]) -> Self {
        self.frame(side, kind::PING, flag::ACK, 0, data)
    }

    /// Adds GOAWAY.
    pub fn goaway(self, side: Side, last_stream: u32, code: u32, debug: &[u8]) -> Self {
        let payload = [&last_stream.to_be_bytes(), &code.to_be_bytes(), debug].concat();
        self.frame(side, kind::GOAWAY, 0, 0, payload)
    }

    /// Adds PRIORITY.
    pub fn priority(self, side: Side, stream: u32, priority: Priority) -> Self {
        self.frame(side, kind::PRIORITY, 0, stream, priority_fields(priority))
    }

    /// Adds PUSH_PROMISE with a whole header block.
    pub fn push_promise<N: AsRef<[u8]>, V: AsRef<[u8]>>(
        mut self,
        side: Side,
        stream: u32,
        promised: u32,
        fields: &[(N, V)],
    ) -> Self {
        let payload = [promised.to_be_bytes().as_slice(), &self.block(side, fields)].concat();
        self.frame(side, kind::PUSH_PROMISE, flag::END_HEADERS, stream, payload)
    }

    /// Ends a side's direction by FIN.
    pub fn end(self, side: Side) -> Self {
        self.ending(side, Ending::Closed)
    }

    /// Ends a side's direction by RST.
    pub fn broken(self, side: Side) -> Self {
        self.ending(side, Ending::Broken)
    }

    fn ending(mut self, side: Side, ending: Ending) -> Self {
        self.steps.push(Step::End { side, at_us: self.now_us, ending });
        self.now_us += STEP_US;
        self
    }

    /// What was written so far, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The same, to take out, change or reorder. Header blocks are already encoded there.
    pub fn steps_mut(&mut self) -> &mut Vec<Step> {
        &mut self.steps
    }

    /// Decodes what was written, as connection 0.
    pub fn connection(&self) -> Connection {
        self.connection_at(0)
    }

    /// Decodes what was written, as connection `index`.
    pub fn connection_at(&self, index: usize) -> Connection {
        self.decoded::<ConnectionDecoder>(index)
    }

    /// Decodes what was written as TLS, see [`tls::build`](super::tls::build), as connection 0.
    pub fn tls_connection(&self) -> TlsConnection {
        self.decoded::<TlsDecoder>(0)
    }

    fn decoded<D: Decoder>(&self, index: usize) -> D::Connection {
        let mut decoder = D::new(index, &Budget::default());
        for step in &self.steps {
            match step {
                Step::Bytes { side, at_us, bytes } => decoder.push(*side, *at_us, bytes.clone()),
                Step::End { side, ending, .. } => decoder.end(*side, *ending),
            }
        }
        decoder.finish()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("steps", &self.steps).field("now_us", &self.now_us).finish_non_exhaustive()
    }
}

/// One frame: length, type, flags, stream id (with its reserved bit as given), payload.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let [_, length @ ..] = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    [length.as_slice(), &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A gRPC message: compressed flag, length, `body` as it is.
pub fn message(flag: u8, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    [&[flag], u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes().as_slice(), body].concat()
}

/// `body` in the gzip format.
pub fn gzip(body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    encoder.write_all(body.as_ref()).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// `body` in the zlib format, which gRPC calls `deflate`.
pub fn deflate(body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body.as_ref()).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// The payload of a padded frame: pad length, `content`, zeros.
pub fn padded(padding: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    [&[padding], content.as_ref(), &vec![0; usize::from(padding)]].concat()
}

/// The five octets of priority fields.
pub fn priority_fields(priority: Priority) -> [u8; 5] {
    let exclusive = if priority.exclusive { 0x8000_0000 } else { 0 };
    let [d1, d2, d3, d4] = (priority.depends_on | exclusive).to_be_bytes();
    [d1, d2, d3, d4, priority.weight]
}

/// A dynamic table size update, to stand at the start of a header block (RFC 7541 section 6.3).
pub fn table_size_update(size: usize) -> Vec<u8> {
    let mut update = encode_integer(size, 5);
    if let Some(first) = update.first_mut() {
        *first |= 0x20;
    }
    update
}
