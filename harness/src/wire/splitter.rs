//! Splits the bytes of one direction into frames (RFC 9113 section 4.1), after the client's preface (section 3.4).

use crate::model::Side;
use bytes::{Buf, Bytes, BytesMut};

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
    /// The start of a piece that has not ended; the frame header stays in front.
    tail: BytesMut,
    /// Bytes thrown away after the direction was found foreign.
    dropped: usize,
}

impl Splitter {
    pub(super) fn new(side: Side) -> Self {
        let state = match side {
            Side::Client => State::Preface,
            Side::Server => State::First,
        };
        Splitter { state, tail: BytesMut::new(), dropped: 0 }
    }

    /// Bytes that belong to no whole frame so far.
    pub(super) fn leftover(&self) -> usize {
        self.dropped + self.tail.len()
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
        while input.has_remaining() {
            let octet = input.get_u8();
            self.tail.extend_from_slice(&[octet]);
            if PREFACE.get(self.tail.len() - 1) != Some(&octet) {
                self.state = State::Foreign;
                return Some(Piece::Foreign(format!(
                    "does not begin with the HTTP/2 preface but with \"{}\"",
                    self.tail.escape_ascii()
                )));
            }
            if self.tail.len() == PREFACE.len() {
                self.tail.clear();
                self.state = State::First;
                return Some(Piece::Preface);
            }
        }
        None
    }

    fn frame(&mut self, input: &mut Bytes) -> Option<Piece> {
        let header = self.gather(input, FRAME_HEADER)?.first_chunk::<FRAME_HEADER>().copied()?;
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
        let whole = FRAME_HEADER + length;
        self.gather(input, whole)?;
        let mut body = if self.tail.is_empty() { input.split_to(whole) } else { self.tail.split().freeze() };
        body.advance(FRAME_HEADER);
        Some(Piece::Frame(RawFrame { kind, flags, stream, body }))
    }

    /// The next `octets` octets, once they are there. They are copied only where they came in several pieces.
    fn gather<'a>(&'a mut self, input: &'a mut Bytes, octets: usize) -> Option<&'a [u8]> {
        if self.tail.is_empty() && input.len() >= octets {
            return Some(input);
        }
        let missing = octets.saturating_sub(self.tail.len()).min(input.len());
        self.tail.extend_from_slice(&input.split_to(missing));
        (self.tail.len() >= octets).then_some(&self.tail)
    }
}
