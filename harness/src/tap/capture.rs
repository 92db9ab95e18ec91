use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::Kind;
use crate::wire::CAPTURE_FORMAT;
use bytes::{Buf, Bytes};
use prost::Message;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// zstd level: captures are mostly zeros, so that more effort buys little.
const LEVEL: i32 = 1;

/// Writes one capture file, compressed as it is written.
pub(super) struct CaptureWriter {
    encoder: zstd::Encoder<'static, BufWriter<File>>,
    buffer: Vec<u8>,
}

impl CaptureWriter {
    pub(super) fn create(path: &Path) -> std::io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        let mut writer = Self { encoder: zstd::Encoder::new(file, LEVEL)?, buffer: Vec::new() };
        writer.write(&CaptureRecord { kind: Kind::Header.into(), format: CAPTURE_FORMAT, ..Default::default() })?;
        Ok(writer)
    }

    pub(super) fn write(&mut self, record: &CaptureRecord) -> std::io::Result<()> {
        self.buffer.clear();
        record.encode_length_delimited(&mut self.buffer).map_err(std::io::Error::other)?;
        self.encoder.write_all(&self.buffer)
    }

    pub(super) fn seal(mut self, at_us: u64) -> std::io::Result<()> {
        self.write(&CaptureRecord { kind: Kind::Sealed.into(), at_us, ..Default::default() })?;
        self.encoder.finish()?.flush()
    }
}

/// A capture that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub struct CaptureError {
    /// The file.
    pub path: PathBuf,
    /// In words.
    pub why: String,
}

/// Reads the records of a capture. One that breaks off is read as far as it goes: its last record then is no seal.
pub fn read_capture(path: &Path) -> Result<Vec<CaptureRecord>, CaptureError> {
    let refused = |why: String| CaptureError { path: path.to_owned(), why };
    let file = File::open(path).map_err(|error| match error.kind() == ErrorKind::NotFound {
        true => refused("there is no capture".to_owned()),
        false => refused(error.to_string()),
    })?;
    let mut plain = Vec::new();
    let mut decoder = zstd::Decoder::new(file).map_err(|error| refused(error.to_string()))?;
    match decoder.read_to_end(&mut plain) {
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(refused(format!("damaged: {error}"))),
        Ok(_) | Err(_) => {}
    }
    let mut rest = Bytes::from(plain);
    let mut records = Vec::new();
    while rest.has_remaining() {
        match CaptureRecord::decode_length_delimited(&mut rest) {
            Ok(record) => records.push(record),
            Err(_) => break,
        }
    }
    match records.first() {
        Some(first) if first.kind() == Kind::Header && first.format == CAPTURE_FORMAT => Ok(records),
        Some(first) if first.kind() == Kind::Header => {
            let found = first.format;
            Err(refused(format!("a capture of format {found}; this harness reads format {CAPTURE_FORMAT}")))
        }
        Some(_) => Err(refused("no capture: it does not begin with a header".to_owned())),
        None => Err(refused("it breaks off before its first record".to_owned())),
    }
}
