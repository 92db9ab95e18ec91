//! From the records of a capture to a transcript.

use super::tls::{TlsDecoder, TlsTranscript};
use super::{Budget, ConnectionDecoder, Decoder, Ending, Transcript, limits};
use crate::model::Side;
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::{Kind, Side as RecordSide};
use thiserror::Error;

/// The capture format this decoder reads.
pub const CAPTURE_FORMAT: u32 = 1;

/// Why records are not a capture that is read. What peers did wrong is no such error but a [`Defect`](super::Defect).
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum CaptureError {
    /// The first record is missing, or not the header.
    #[error("the capture does not begin with a header")]
    NoHeader,
    /// The capture was written by another version of the tap.
    #[error("the capture has format {0}, and this program reads format {CAPTURE_FORMAT}")]
    Format(u32),
    /// There is one more than [`limits::CONNECTIONS`].
    #[error("there are more connections than the {} that are read", limits::CONNECTIONS)]
    Connections,
    /// A record that cannot stand where it stands.
    #[error("record {record} of the capture: {what}")]
    Record {
        /// Its position, from 0.
        record: usize,
        /// In words.
        what: String,
    },
}

/// Decodes a capture as HTTP/2. One without its seal is decoded as far as it goes.
pub fn decode(records: impl IntoIterator<Item = CaptureRecord>) -> Result<Transcript, CaptureError> {
    let Walked { connections, sealed } = walk::<ConnectionDecoder>(records)?;
    Ok(Transcript { connections, sealed })
}

/// Decodes a capture as TLS, as far as that can be read without keys. One without its seal is decoded as far as it goes.
pub fn decode_tls(records: impl IntoIterator<Item = CaptureRecord>) -> Result<TlsTranscript, CaptureError> {
    let Walked { connections, sealed } = walk::<TlsDecoder>(records)?;
    Ok(TlsTranscript { connections, sealed })
}

/// All connections of a capture, and whether its seal was found.
struct Walked<C> {
    connections: Vec<C>,
    sealed: bool,
}

fn walk<D: Decoder>(records: impl IntoIterator<Item = CaptureRecord>) -> Result<Walked<D::Connection>, CaptureError> {
    let mut records = records.into_iter().enumerate();
    match records.next() {
        Some((_, header)) if header.kind() == Kind::Header => match header.format {
            CAPTURE_FORMAT => {}
            other => return Err(CaptureError::Format(other)),
        },
        _ => return Err(CaptureError::NoHeader),
    }
    let budget = Budget::default();
    let mut decoders: Vec<D> = Vec::new();
    let mut sealed = false;
    for (record, content) in records {
        let wrong = |what| CaptureError::Record { record, what };
        if sealed {
            return Err(wrong("comes after the seal".to_owned()));
        }
        if content.kind() == Kind::Sealed {
            sealed = true;
        } else if content.kind() == Kind::Opened && decoders.len() == limits::CONNECTIONS {
            return Err(CaptureError::Connections);
        } else {
            apply(&mut decoders, content, &budget).map_err(wrong)?;
        }
    }
    Ok(Walked { connections: decoders.into_iter().map(D::finish).collect(), sealed })
}

/// Hands a record to the connection it is about.
fn apply<D: Decoder>(decoders: &mut Vec<D>, record: CaptureRecord, budget: &Budget) -> Result<(), String> {
    let index = usize::try_from(record.connection).unwrap_or(usize::MAX);
    let kind = record.kind();
    if kind == Kind::Opened {
        if index != decoders.len() {
            return Err(format!("opens connection {index} where {} is next", decoders.len()));
        }
        decoders.push(D::new(index, budget));
        return Ok(());
    }
    let side = match record.side() {
        RecordSide::Client => Side::Client,
        RecordSide::Server => Side::Server,
        RecordSide::Unspecified => return Err("names no side".to_owned()),
    };
    let decoder = decoders.get_mut(index).ok_or_else(|| format!("connection {index} was not opened"))?;
    match kind {
        Kind::Bytes => decoder.push(side, record.at_us, record.data),
        Kind::HalfClosed => decoder.end(side, Ending::Closed),
        Kind::Broken => decoder.end(side, Ending::Broken),
        Kind::Unspecified | Kind::Header | Kind::Opened | Kind::Sealed => {
            return Err(format!("is of kind {} out of place", record.kind));
        }
    }
    Ok(())
}
