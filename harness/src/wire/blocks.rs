//! The header blocks of one direction: joins CONTINUATION frames (RFC 9113 sections 4.3 and 6.10) and keeps the
//! compression state, which every block depends on.

use super::hpack::{HeaderList, Hpack, HpackError};
use super::{Budget, Layer, kind, limits};
use bytes::Bytes;

/// Whose fields a header block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The stream of a HEADERS frame.
    Headers { end_stream: bool },
    /// The promised stream of a PUSH_PROMISE frame.
    PushPromise,
}

/// A header block that ended.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) owner: Owner,
    pub(super) stream: u32,
    pub(super) first_frame: usize,
    pub(super) list: HeaderList,
}

/// A header block that has begun.
#[derive(Debug)]
struct Open {
    owner: Owner,
    stream: u32,
    first_frame: usize,
    octets: Vec<u8>,
    /// Whether it was said already that a frame came between.
    interrupted: bool,
}

/// What is wrong, and in which layer.
pub(super) type Problem = (Layer, String);

/// The header blocks of one direction.
#[derive(Debug)]
pub(super) struct Blocks {
    hpack: Hpack,
    open: Option<Open>,
    /// Whether the compression state is lost: then no later block is decodable.
    lost: bool,
}

impl Blocks {
    pub(super) fn new(budget: &Budget) -> Self {
        Blocks { hpack: Hpack::new(budget), open: None, lost: false }
    }

    /// Says once for each block that a frame other than CONTINUATION came inside it.
    pub(super) fn interrupted_by(&mut self, type_octet: u8) -> Option<Problem> {
        let open = self.open.as_mut().filter(|open| !open.interrupted)?;
        open.interrupted = true;
        let what = format!("{} comes inside the header block of stream {}", kind::name(type_octet), open.stream);
        Some((Layer::Framing, what))
    }

    /// A HEADERS or PUSH_PROMISE frame.
    pub(super) fn begin(
        &mut self,
        owner: Owner,
        stream: u32,
        frame: usize,
        fragment: &Bytes,
        end: bool,
    ) -> Result<Option<Block>, Problem> {
        let abandoned = self.open.take().is_some();
        if self.lost {
            return Ok(None);
        }
        if abandoned {
            return self.lose(Layer::HeaderCompression, "the header block before it did not end");
        }
        if end {
            return self.decode(owner, stream, frame, fragment).map(Some);
        }
        let mut open = Open { owner, stream, first_frame: frame, octets: Vec::new(), interrupted: false };
        if !append(&mut open.octets, fragment) {
            return self.lose(Layer::Limit, TOO_LONG);
        }
        self.open = Some(open);
        Ok(None)
    }

    /// A CONTINUATION frame.
    pub(super) fn resume(&mut self, stream: u32, fragment: &Bytes, end: bool) -> Result<Option<Block>, Problem> {
        if self.lost {
            return Ok(None);
        }
        let Some(mut open) = self.open.take_if(|open| open.stream == stream) else {
            return self.lose(Layer::Framing, "CONTINUATION continues no header block");
        };
        if !append(&mut open.octets, fragment) {
            return self.lose(Layer::Limit, TOO_LONG);
        }
        if end {
            return self.decode(open.owner, open.stream, open.first_frame, &open.octets).map(Some);
        }
        self.open = Some(open);
        Ok(None)
    }

    /// Forgets the compression state, because a frame with a header block was not readable.
    pub(super) fn lose<T>(&mut self, layer: Layer, why: &str) -> Result<T, Problem> {
        self.lost = true;
        self.open = None;
        Err((layer, format!("{why}; this and all later header blocks of this direction cannot be decoded")))
    }

    /// Whether [`Blocks::lose`] was called.
    pub(super) fn is_lost(&self) -> bool {
        self.lost
    }

    fn decode(&mut self, owner: Owner, stream: u32, first_frame: usize, octets: &[u8]) -> Result<Block, Problem> {
        if octets.len() > limits::HEADER_BLOCK {
            return self.lose(Layer::Limit, TOO_LONG);
        }
        match self.hpack.decode(octets) {
            Ok(list) => Ok(Block { owner, stream, first_frame, list }),
            Err(HpackError::Invalid(why)) => self.lose(Layer::HeaderCompression, &why),
            Err(HpackError::Limit(why)) => self.lose(Layer::Limit, why),
        }
    }
}

const TOO_LONG: &str = "a header block is longer than the decoder holds";

fn append(octets: &mut Vec<u8>, fragment: &Bytes) -> bool {
    let fits = octets.len() + fragment.len() <= limits::HEADER_BLOCK;
    if fits {
        octets.extend_from_slice(fragment);
    }
    fits
}
