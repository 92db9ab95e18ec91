use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::Kind;
use crate::wire::{CAPTURE_FORMAT, limits};
use bytes::{Buf, Bytes};
use prost::Message;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// A capture that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// It is missing, damaged, or no capture.
    #[error("{path}: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// In words.
        why: String,
    },
    /// There is more in it than [`limits::CAPTURE`].
    #[error("{path}: more than the {most} bytes that are read of a capture")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read, in bytes.
        most: usize,
    },
}

impl CaptureError {
    /// In words, without the file's name.
    pub fn why(&self) -> String {
        match self {
            CaptureError::Unreadable { why, .. } => why.clone(),
            CaptureError::TooLarge { most, .. } => {
                format!("the capture has more than the {most} bytes that are read of one")
            }
        }
    }
}

/// Reads the records of a capture, one as it is asked for. One that breaks off is read as far as it goes: its last record then is
/// no seal.
pub fn read_capture(path: &Path) -> Result<impl Iterator<Item = CaptureRecord> + use<>, CaptureError> {
    let refused = |why: String| CaptureError::Unreadable { path: path.to_owned(), why };
    let mut rest = Bytes::from(decompressed(path, limits::CAPTURE)?);
    let mut records = std::iter::from_fn(move || {
        let record = rest.has_remaining().then(|| CaptureRecord::decode_length_delimited(&mut rest));
        record?.ok()
    })
    .fuse()
    .peekable();
    match records.peek() {
        Some(first) if first.kind() == Kind::Header && first.format == CAPTURE_FORMAT => Ok(records),
        Some(first) if first.kind() == Kind::Header => {
            let found = first.format;
            Err(refused(format!("a capture of format {found}; this harness reads format {CAPTURE_FORMAT}")))
        }
        Some(_) => Err(refused("no capture: it does not begin with a header".to_owned())),
        None => Err(refused("it breaks off before its first record".to_owned())),
    }
}

/// What is in a capture file, `most` bytes of it.
fn decompressed(path: &Path, most: usize) -> Result<Vec<u8>, CaptureError> {
    let refused = |why: String| CaptureError::Unreadable { path: path.to_owned(), why };
    let file = File::open(path).map_err(|error| match error.kind() == ErrorKind::NotFound {
        true => refused("there is no capture".to_owned()),
        false => refused(error.to_string()),
    })?;
    let mut decoder = zstd::Decoder::new(file).map_err(|error| refused(error.to_string()))?;
    // Else the file says how much is allocated before its first byte.
    decoder.window_log_max(limits::CAPTURE_WINDOW_LOG).map_err(|error| refused(error.to_string()))?;
    let mut plain = Vec::new();
    match decoder.take(most as u64 + 1).read_to_end(&mut plain) {
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(refused(format!("damaged: {error}"))),
        Ok(_) | Err(_) => {}
    }
    if plain.len() > most { Err(CaptureError::TooLarge { path: path.to_owned(), most }) } else { Ok(plain) }
}

#[cfg(test)]
mod tests;
