//! Splits the bytes of one direction into records (RFC 8446 section 5.1; the layout is the same since SSL 3.0).

use super::RecordKind;
use crate::wire::gather::Gatherer;
use crate::wire::limits;
use bytes::{Buf, Bytes};

/// Octets of a record before its content.
const RECORD_HEADER: usize = 5;

/// The next thing that ended.
#[derive(Debug)]
pub(super) enum Piece {
    Record {
        kind: RecordKind,
        body: Bytes,
    },
    /// Octets where this direction is no more TLS: all that is to be shown, in as many pieces as they come.
    NotTls(Bytes),
}

/// Splits one direction.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// Holds the start of a record that has not ended; its header stays in front.
    gatherer: Gatherer,
    /// How much of what is not TLS was handed out, once something is not.
    not_tls: Option<usize>,
}

impl Splitter {
    /// Takes the next piece off `input`; none when it is used up.
    pub(super) fn next(&mut self, input: &mut Bytes) -> Option<Piece> {
        if self.not_tls.is_none() {
            match self.record(input)? {
                Ok(record) => return Some(record),
                Err(NotARecord) => self.not_tls = Some(0),
            }
        }
        self.foreign(input)
    }

    /// Judges a header octet by octet, so that the finding does not depend on how the bytes were split.
    fn record(&mut self, input: &mut Bytes) -> Option<Result<Piece, NotARecord>> {
        let Some(kind) = self.gatherer.peek(input, 1)?.first().copied().and_then(RecordKind::of) else {
            return Some(Err(NotARecord));
        };
        // The minor version is to be ignored, and the major one was never another (RFC 8446 appendix D).
        if self.gatherer.peek(input, 2)?.get(1) != Some(&3) {
            return Some(Err(NotARecord));
        }
        let &[_, _, _, high, low] = self.gatherer.peek(input, RECORD_HEADER)?.first_chunk::<RECORD_HEADER>()?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > limits::TLS_RECORD {
            return Some(Err(NotARecord));
        }
        let mut body = self.gatherer.take(input, RECORD_HEADER + length)?;
        body.advance(RECORD_HEADER);
        Some(Ok(Piece::Record { kind, body }))
    }

    /// The next octets to be shown; the others are thrown away.
    fn foreign(&mut self, input: &mut Bytes) -> Option<Piece> {
        let shown = self.not_tls.as_mut()?;
        let mut octets = self.gatherer.take_held();
        if octets.is_empty() {
            octets = std::mem::take(input);
        }
        octets.truncate(limits::NOT_TLS - *shown);
        *shown += octets.len();
        (!octets.is_empty()).then_some(Piece::NotTls(octets))
    }
}

/// That octets are not the header of a record.
#[derive(Debug)]
struct NotARecord;
