//! Puts the gRPC messages of one half of a stream together, across DATA frames as they come (gRPC's `PROTOCOL-HTTP2.md`,
//! "Length-Prefixed-Message").

use bytes::{Bytes, BytesMut};

/// A message before it is inflated.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawMessage {
    pub(super) first_frame: usize,
    pub(super) flag: u8,
    pub(super) raw: Bytes,
}

/// Octets before a message: its compressed flag and its length.
const PREFIX: usize = 5;

/// The messages of one half.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    /// The prefix of the message that has begun, as far as it is there.
    prefix: Vec<u8>,
    /// Its bytes so far, as slices of the frames they came in.
    parts: Vec<Bytes>,
    /// Bytes in `parts`.
    held: usize,
    first_frame: usize,
}

impl Assembler {
    /// Bytes of a message that began and did not end.
    pub(super) fn partial(&self) -> usize {
        self.prefix.len() + self.held
    }

    /// Takes the next whole message off `data`, which frame `frame` carried; none when it is used up.
    pub(super) fn next(&mut self, frame: usize, data: &mut Bytes) -> Option<RawMessage> {
        if self.prefix.is_empty() {
            self.first_frame = frame;
        }
        let missing = PREFIX.saturating_sub(self.prefix.len()).min(data.len());
        self.prefix.extend_from_slice(&data.split_to(missing));
        let &[flag, l1, l2, l3, l4] = self.prefix.as_slice() else { return None };
        let length = u32::from_be_bytes([l1, l2, l3, l4]) as usize;
        let part = data.split_to(length.saturating_sub(self.held).min(data.len()));
        self.held += part.len();
        if !part.is_empty() {
            self.parts.push(part);
        }
        if self.held < length {
            return None;
        }
        let raw = self.join();
        self.prefix.clear();
        Some(RawMessage { first_frame: self.first_frame, flag, raw })
    }

    fn join(&mut self) -> Bytes {
        let held = std::mem::take(&mut self.held);
        if self.parts.len() <= 1 {
            return self.parts.pop().unwrap_or_default();
        }
        let mut whole = BytesMut::with_capacity(held);
        for part in self.parts.drain(..) {
            whole.extend_from_slice(&part);
        }
        whole.freeze()
    }
}
