//! From the bytes of one connection to its frames, streams and messages.

use super::blocks::{Block, Blocks, Owner, Problem};
use super::budget::take;
use super::hpack::HeaderList;
use super::inflate::Inflater;
use super::payload::{self, Parsed};
use super::reader::Reader;
use super::splitter::{Piece, RawFrame, Splitter};
use super::{
    Budget, Connection, Decoder, Defect, Ending, Frame, Half, HeaderBlock, Layer, Payload, Pending, SidePair, Stream,
    flag, kind,
};
use crate::model::Side;
use bytes::Bytes;
use std::collections::HashMap;

/// Decodes one HTTP/2 connection. What is not decodable becomes a [`Defect`](super::Defect), and decoding goes on where
/// the specification allows to know how.
#[derive(Debug)]
pub struct ConnectionDecoder {
    connection: Connection,
    directions: SidePair<Direction>,
    inflater: Inflater,
    budget: Budget,
    /// Whether it was said that streams are left out, and whether that defects are.
    streams_left_out: bool,
    defects_left_out: bool,
}

/// What is known of one direction beyond the result.
#[derive(Debug)]
struct Direction {
    splitter: Splitter,
    blocks: Blocks,
    /// By stream.
    readers: HashMap<u32, Reader>,
}

impl Direction {
    fn new(side: Side, budget: &Budget) -> Self {
        Direction { splitter: Splitter::new(side), blocks: Blocks::new(budget), readers: HashMap::new() }
    }
}

impl Decoder for ConnectionDecoder {
    type Connection = Connection;

    fn new(index: usize, budget: &Budget) -> Self {
        let direction = |side| Direction::new(side, budget);
        ConnectionDecoder {
            connection: Connection { index, ..Connection::default() },
            directions: SidePair { client: direction(Side::Client), server: direction(Side::Server) },
            inflater: Inflater::new(budget),
            budget: budget.clone(),
            streams_left_out: false,
            defects_left_out: false,
        }
    }

    fn push(&mut self, side: Side, at_us: u64, mut bytes: Bytes) {
        self.stop_where_full();
        while let Some(piece) = self.directions.of_mut(side).splitter.next(&mut bytes) {
            match piece {
                Piece::Preface => self.connection.preface = true,
                Piece::Foreign(what) => {
                    // It was no frame that began.
                    *self.connection.pending.of_mut(side) = None;
                    let what = format!("the {side} {what}");
                    self.defect(side, None, Layer::Framing, what);
                }
                Piece::Frame(raw) => {
                    *self.connection.pending.of_mut(side) = None;
                    self.frame(side, at_us, raw);
                    self.stop_where_full();
                }
            }
        }
        if let Some((length, kind)) = self.directions.of(side).splitter.pending() {
            let after_frames = self.connection.frames.len();
            let pending = Pending { length, kind, after_frames, at_us };
            self.connection.pending.of_mut(side).get_or_insert(pending);
        }
    }

    fn end(&mut self, side: Side, ending: Ending) {
        self.connection.ends.of_mut(side).get_or_insert(ending);
        self.connection.closed_by.get_or_insert(side);
    }

    fn finish(mut self) -> Connection {
        for side in Side::BOTH {
            let leftover = self.directions.of(side).splitter.leftover();
            if leftover > 0 && self.is_full() {
                let what = "more frames than the decoder holds; the others are left over".to_owned();
                self.defect(side, None, Layer::Limit, what);
            }
        }
        self.connection
    }
}

impl ConnectionDecoder {
    fn frame(&mut self, side: Side, at_us: u64, raw: RawFrame) {
        let index = self.connection.frames.len();
        let RawFrame { kind: type_octet, flags, stream, body } = raw;
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let Parsed { payload, fragment, wrong } = payload::parse(type_octet, flags, body);
        if let Some(wrong) = wrong {
            self.defect(side, Some(index), Layer::Framing, format!("{} {wrong}", kind::name(type_octet)));
        }
        if let Some(wrong) = misplaced(type_octet, stream) {
            self.defect(side, Some(index), Layer::Framing, format!("{} {wrong}", kind::name(type_octet)));
        }
        if type_octet != kind::CONTINUATION {
            let problem = self.directions.of_mut(side).blocks.interrupted_by(type_octet);
            self.problem(side, index, problem);
        }
        let frame = Frame { index, side, at_us, stream, flags, length, payload };
        match &frame.payload {
            Payload::Data { data, .. } => self.data(&frame, data.clone()),
            Payload::Headers { .. } | Payload::PushPromise { .. } | Payload::Continuation { .. } => {
                self.header_block(&frame, &fragment.unwrap_or_default());
            }
            Payload::RstStream { code } => {
                if let Some(half) = self.half(side, index, stream) {
                    half.reset.get_or_insert((index, *code));
                }
            }
            Payload::Malformed { kind: kind::HEADERS | kind::PUSH_PROMISE } => self.header_block_unreadable(&frame),
            Payload::Malformed { kind: kind::DATA } => self.data_unreadable(&frame),
            Payload::Priority(_)
            | Payload::Settings { .. }
            | Payload::Ping { .. }
            | Payload::GoAway { .. }
            | Payload::WindowUpdate { .. }
            | Payload::Unknown { .. }
            | Payload::Malformed { .. } => {}
        }
        self.connection.frames.push(frame);
        take(&self.budget.frames, 1);
    }

    /// Whether no more frames of the transcript are kept.
    fn is_full(&self) -> bool {
        self.budget.frames.get() == 0
    }

    fn stop_where_full(&mut self) {
        if self.is_full() {
            for side in Side::BOTH {
                self.directions.of_mut(side).splitter.stop();
                *self.connection.pending.of_mut(side) = None;
            }
        }
    }

    fn header_block(&mut self, frame: &Frame, fragment: &Bytes) {
        let (side, index, stream) = (frame.side, frame.index, frame.stream);
        let end_stream = frame.has(flag::END_STREAM);
        let end = frame.has(flag::END_HEADERS);
        let blocks = &mut self.directions.of_mut(side).blocks;
        let is_headers = matches!(frame.payload, Payload::Headers { .. });
        let block = if is_headers {
            blocks.begin(Owner::Headers { end_stream }, stream, index, fragment, end)
        } else if matches!(frame.payload, Payload::PushPromise { .. }) {
            blocks.begin(Owner::PushPromise, stream, index, fragment, end)
        } else {
            blocks.resume(stream, fragment, end)
        };
        if is_headers {
            self.head(frame);
        }
        match block {
            Ok(Some(block)) => self.block(side, index, block),
            Ok(None) => {}
            Err(problem) => self.problem(side, index, Some(problem)),
        }
    }

    /// A HEADERS frame: the stream exists from there on, and ends there if it says so, whether or not the block is readable.
    fn head(&mut self, frame: &Frame) {
        if let Some(half) = self.half(frame.side, frame.index, frame.stream) {
            half.heads.push(frame.index);
            if frame.has(flag::END_STREAM) {
                self.half_ended(frame.side, frame.index, frame.stream);
            }
        }
    }

    fn block(&mut self, side: Side, last_frame: usize, block: Block) {
        let Block { owner, stream, first_frame, list } = block;
        // A promised request is decoded for the compression state only: gRPC has no push.
        let Owner::Headers { end_stream } = owner else { return };
        if let Some(half) = self.half(side, last_frame, stream) {
            let HeaderList { fields, table_sizes, late_table_size } = list;
            half.headers.push(HeaderBlock {
                first_frame,
                last_frame,
                end_stream,
                fields,
                table_sizes,
                late_table_size,
            });
        }
    }

    fn header_block_unreadable(&mut self, frame: &Frame) {
        let blocks = &mut self.directions.of_mut(frame.side).blocks;
        if !blocks.is_lost() {
            let lost = blocks.lose::<()>(Layer::HeaderCompression, "a frame with a header block is malformed");
            self.problem(frame.side, frame.index, lost.err());
        }
        if matches!(frame.payload, Payload::Malformed { kind: kind::HEADERS }) {
            self.head(frame);
        }
    }

    /// A DATA frame of which it is not known what it carries: what follows cannot be told to be messages.
    fn data_unreadable(&mut self, frame: &Frame) {
        let (side, index) = (frame.side, frame.index);
        let Some(half) = self.half(side, index, frame.stream) else { return };
        half.partial = 0;
        self.directions.of_mut(side).readers.insert(frame.stream, Reader::blind());
        if frame.has(flag::END_STREAM) {
            self.half_ended(side, index, frame.stream);
        }
    }

    fn data(&mut self, frame: &Frame, data: Bytes) {
        let (side, index) = (frame.side, frame.index);
        let Some(half) = self.half(side, index, frame.stream) else { return };
        half.data.push(index);
        // What comes behind the sender's own end is no more part of the call.
        if half.end_stream.is_some() || half.reset.is_some() {
            if frame.has(flag::END_STREAM) {
                self.half_ended(side, index, frame.stream);
            }
            return;
        }
        // Taken from the map again: the half, its reader and the budget lie in three places of this decoder.
        let Some(stream) = self.connection.streams.get_mut(&frame.stream) else { return };
        let half = stream.half_mut(side);
        let readers = &mut self.directions.of_mut(side).readers;
        let reader = readers.entry(frame.stream).or_insert_with(|| Reader::new(half));
        for problem in reader.read(half, index, data, &self.inflater) {
            self.problem(side, index, Some(problem));
        }
        if frame.has(flag::END_STREAM) {
            self.half_ended(side, index, frame.stream);
        }
    }

    /// A side ends its half of a stream, if it has not done so before: no message may be open then.
    fn half_ended(&mut self, side: Side, frame: usize, stream: u32) {
        let Some(half) = self.half(side, frame, stream).filter(|half| half.end_stream.is_none()) else { return };
        half.end_stream = Some(frame);
        let partial = half.partial;
        if partial > 0 && half.reset.is_none() {
            let what = format!("stream {stream} ends {partial} octets into a message");
            self.defect(side, Some(frame), Layer::Message, what);
        }
    }

    /// The half of a stream that a frame belongs to, made where it is new; none for stream 0 and beyond
    /// [`limits::STREAMS`](super::limits::STREAMS).
    fn half(&mut self, side: Side, frame: usize, id: u32) -> Option<&mut Half> {
        let streams = &self.connection.streams;
        if id == 0 {
            return None;
        }
        if !streams.contains_key(&id) && !take(&self.budget.streams, 1) {
            if !self.streams_left_out {
                self.streams_left_out = true;
                let what = "more streams than the decoder holds; the others are left out".to_owned();
                self.defect(side, Some(frame), Layer::Limit, what);
            }
            return None;
        }
        let stream = self.connection.streams.entry(id).or_insert_with(|| Stream { id, ..Stream::default() });
        Some(stream.half_mut(side))
    }

    fn problem(&mut self, side: Side, frame: usize, problem: Option<Problem>) {
        if let Some((layer, what)) = problem {
            self.defect(side, Some(frame), layer, what);
        }
    }

    fn defect(&mut self, side: Side, frame: Option<usize>, layer: Layer, what: String) {
        if take(&self.budget.defects, 1) {
            self.connection.defects.push(Defect { side, frame, layer, what });
        } else if !self.defects_left_out {
            self.defects_left_out = true;
            let what = "more defects than the decoder holds; the others are left out".to_owned();
            self.connection.defects.push(Defect { side, frame, layer: Layer::Limit, what });
        }
    }
}

/// Which frame types are about a stream, and which about the connection (RFC 9113 section 6).
fn misplaced(type_octet: u8, stream: u32) -> Option<&'static str> {
    match (type_octet, stream) {
        (
            kind::DATA | kind::HEADERS | kind::PRIORITY | kind::RST_STREAM | kind::PUSH_PROMISE | kind::CONTINUATION,
            0,
        ) => Some("is on stream 0"),
        (kind::SETTINGS | kind::PING | kind::GOAWAY, 1..) => Some("is not on stream 0"),
        _ => None,
    }
}
