//! Splits the bytes of one direction into frames (RFC 9113 section 4.1), after the client's preface (section 3.4).

use super::gather::Gatherer;
use crate::model::Side;
use bytes::{Buf, Bytes};

/// What a client says first (RFC 9113 section 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Octets of a frame before its payload.
const FRAME_HEADER: usize = 9;

/// The next thing that ended.
#[derive(Debug)]
pub(super) enum Piece {
    Preface,
    Frame(RawFrame),
    /// This direction is not HTTP/2: nothing more will come of it.
    Foreign(String),
}

/// A frame before its payload is looked into.
#[derive(Debug)]
pub(super) struct RawFrame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) body: Bytes,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Preface,
    /// Before the first frame, which is checked to be one.
    First,
    Frames,
    Foreign,
}

/// Splits one direction.
#[derive(Debug)]
pub(super) struct Splitter {
    state: State,
    /// Holds the start of a piece that has not ended; the frame header stays in front.
    gatherer: Gatherer,
    /// Bytes thrown away after the direction was found foreign.
    dropped: usize,
}

impl Splitter {
    pub(super) fn new(side: Side) -> Self {
        let state = match side {
            Side::Client => State::Preface,
            Side::Server => State::First,
        };
        Splitter { state, gatherer: Gatherer::default(), dropped: 0 }
    }

    /// Bytes that belong to no whole frame so far.
    pub(super) fn leftover(&self) -> usize {
        self.dropped + self.gatherer.len()
    }

    /// Length and type of the frame that has begun, once they are there.
    pub(super) fn pending(&self) -> Option<(u32, u8)> {
        let &[l1, l2, l3, kind] = self.gatherer.held().first_chunk::<4>()?;
        matches!(self.state, State::First | State::Frames).then(|| (u32::from_be_bytes([0, l1, l2, l3]), kind))
    }

    /// Gives up on this direction.
    pub(super) fn stop(&mut self) {
        self.state = State::Foreign;
    }

    /// Takes the next piece off `input`; none when it is used up.
    pub(super) fn next(&mut self, input: &mut Bytes) -> Option<Piece> {
        match self.state {
            State::Preface => self.preface(input),
            State::First | State::Frames => self.frame(input),
            State::Foreign => {
                self.dropped += input.len();
                input.clear();
                None
            }
        }
    }

    /// Compares octet by octet, so that the finding does not depend on how the bytes were split.
    fn preface(&mut self, input: &mut Bytes) -> Option<Piece> {
        for octets in 1..=PREFACE.len() {
            let seen = self.gatherer.peek(input, octets)?;
            if seen.get(octets - 1) != PREFACE.get(octets - 1) {
                let start = self.gatherer.take(input, octets)?;
                self.dropped += start.len();
                self.state = State::Foreign;
                return Some(Piece::Foreign(format!(
                    "does not begin with the HTTP/2 preface but with \"{}\"",
                    start.escape_ascii()
                )));
            }
        }
        self.gatherer.take(input, PREFACE.len())?;
        self.state = State::First;
        Some(Piece::Preface)
    }

    fn frame(&mut self, input: &mut Bytes) -> Option<Piece> {
        let header = self.gatherer.peek(input, FRAME_HEADER)?.first_chunk::<FRAME_HEADER>().copied()?;
        if matches!(self.state, State::First) {
            // Read as a frame it would announce 4.7 MB, to be waited for in vain.
            if header.starts_with(b"HTTP/") {
                self.state = State::Foreign;
                return Some(Piece::Foreign("answers in another version of HTTP: it begins with \"HTTP/\"".to_owned()));
            }
            self.state = State::Frames;
        }
        let [l1, l2, l3, kind, flags, s1, s2, s3, s4] = header;
        let length = u32::from_be_bytes([0, l1, l2, l3]) as usize;
        let stream = u32::from_be_bytes([s1, s2, s3, s4]) & 0x7fff_ffff;
        let mut body = self.gatherer.take(input, FRAME_HEADER + length)?;
        body.advance(FRAME_HEADER);
        Some(Piece::Frame(RawFrame { kind, flags, stream, body }))
    }
}
