//! Inflates messages (gRPC's `compression.md`): `gzip`, `deflate`, which means the zlib format (RFC 1950), and `identity`.

use super::budget::take;
use super::{Budget, Unreadable, limits};
use bytes::Bytes;
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// Inflates messages within a transcript's budget.
#[derive(Debug)]
pub(super) struct Inflater {
    budget: Budget,
}

impl Inflater {
    pub(super) fn new(budget: &Budget) -> Self {
        Inflater { budget: budget.clone() }
    }

    /// Whether one more message may be kept.
    pub(super) fn keeps_another(&self) -> bool {
        take(&self.budget.messages, 1)
    }

    /// The body of a message with this compressed flag in a direction with this `grpc-encoding`.
    pub(super) fn body(&self, flag: u8, raw: &Bytes, encoding: Option<&[u8]>) -> Result<Bytes, Unreadable> {
        match (flag, encoding) {
            (0, _) | (1, Some(b"identity")) => Ok(raw.clone()),
            (1, Some(b"gzip")) => self.read(MultiGzDecoder::new(raw.as_ref())).map(|(body, _)| body),
            (1, Some(b"deflate")) => {
                let (body, decoder) = self.read(ZlibDecoder::new(raw.as_ref()))?;
                // What stands behind the end of a gzip member is taken for another one; zlib just stops.
                match raw.len() as u64 - decoder.total_in().min(raw.len() as u64) {
                    0 => Ok(body),
                    extra => Err(Unreadable::Corrupt(format!("{extra} octets stand behind the end of the stream"))),
                }
            }
            (1, Some(other)) => Err(Unreadable::Unknown(other.escape_ascii().to_string())),
            (1, None) => Err(Unreadable::Unnamed),
            (flag, _) => Err(Unreadable::Flag(flag)),
        }
    }

    fn read<R: Read>(&self, mut decoder: R) -> Result<(Bytes, R), Unreadable> {
        let most = self.budget.inflated.get().min(limits::INFLATED_MESSAGE);
        let mut body = Vec::new();
        let read = (&mut decoder).take(most as u64 + 1).read_to_end(&mut body);
        take(&self.budget.inflated, body.len());
        match read {
            Ok(_) if body.len() > most => Err(Unreadable::Limit),
            Ok(_) => Ok((body.into(), decoder)),
            Err(error) => Err(Unreadable::Corrupt(error.to_string())),
        }
    }
}
