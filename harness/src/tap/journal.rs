use super::squeeze::Squeezer;
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::Kind;
use crate::wire::CAPTURE_FORMAT;
use bytes::BufMut;
use prost::{Message, encode_length_delimiter, length_delimiter_len};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::{JoinHandle, spawn_blocking};

/// Compressed bytes that are written at once, or a little more. One batch fills while the one before is written; then the tap waits, and
/// so do its peers. Most captures are less than one batch, and cost nothing but its memory before they are sealed.
const BATCH: usize = 256 << 10;
/// The key of [`CaptureRecord::data`]: field 6, with its length before it.
const DATA: u8 = 6 << 3 | 2;

/// What a tap has recorded, on its way to the file. Beyond the most that is read of a capture nothing is added: peers that talk
/// without end fail by that limit, and do not fill the disk.
pub(super) struct Journal {
    squeezer: Squeezer,
    /// A record but for its data.
    head: Vec<u8>,
    most: usize,
    recorded: usize,
    file: Arc<Mutex<CaptureFile>>,
    /// The batch before this one; it gives back its room.
    writing: Option<JoinHandle<Vec<u8>>>,
}

impl Journal {
    /// Begins a capture of which `most` bytes, before they are compressed, are to be read.
    pub(super) fn new(path: PathBuf, most: usize) -> Journal {
        let file = Arc::new(Mutex::new(CaptureFile { path, open: None, broken: None }));
        let (squeezer, head) = (Squeezer::new(), Vec::new());
        let mut journal = Journal { squeezer, head, most, recorded: 0, file, writing: None };
        journal.add(&CaptureRecord { kind: Kind::Header.into(), format: CAPTURE_FORMAT, ..Default::default() }, &[]);
        journal
    }

    /// Takes the next record, which has no data but `data`. Waits where the file lags behind.
    pub(super) async fn push(&mut self, record: &CaptureRecord, data: &[u8]) {
        self.add(record, data);
        if self.squeezer.len() >= BATCH {
            self.write().await;
        }
    }

    /// Completes the file: the first error there was on the way.
    pub(super) async fn seal(&mut self, at_us: u64) -> io::Result<()> {
        self.add(&CaptureRecord { kind: Kind::Sealed.into(), at_us, ..Default::default() }, &[]);
        self.squeezer.end();
        self.write().await;
        self.written().await;
        self.file.lock().unwrap_or_else(PoisonError::into_inner).broken.take().map_or(Ok(()), Err)
    }

    /// Data go the short way: they are not copied into a record before they are compressed.
    fn add(&mut self, record: &CaptureRecord, data: &[u8]) {
        if self.recorded > self.most {
            return;
        }
        let field = if data.is_empty() { 0 } else { 1 + length_delimiter_len(data.len()) + data.len() };
        self.head.clear();
        // A vector never lacks room.
        let _ = encode_length_delimiter(record.encoded_len() + field, &mut self.head);
        let _ = record.encode(&mut self.head);
        if !data.is_empty() {
            self.head.put_u8(DATA);
            let _ = encode_length_delimiter(data.len(), &mut self.head);
        }
        self.squeezer.push(&self.head);
        self.squeezer.push(data);
        self.recorded += self.head.len() + data.len();
    }

    /// Begins to write the batch, once the one before is written.
    async fn write(&mut self) {
        let room = self.written().await;
        let mut batch = self.squeezer.take(room);
        let file = Arc::clone(&self.file);
        self.writing = Some(spawn_blocking(move || {
            file.lock().unwrap_or_else(PoisonError::into_inner).append(&batch);
            batch.clear();
            batch
        }));
    }

    /// Waits until the batch before this one is written; may be given up and called again.
    async fn written(&mut self) -> Vec<u8> {
        let Some(writing) = &mut self.writing else { return Vec::new() };
        let room = writing.await.unwrap_or_default();
        self.writing = None;
        room
    }
}

/// A file that will be there with its first batch. The first failure is kept, and nothing is written after it.
struct CaptureFile {
    path: PathBuf,
    open: Option<File>,
    broken: Option<io::Error>,
}

impl CaptureFile {
    fn append(&mut self, batch: &[u8]) {
        if self.broken.is_none() {
            self.broken = self.write(batch).err();
        }
    }

    fn write(&mut self, batch: &[u8]) -> io::Result<()> {
        let file = match self.open.take() {
            Some(file) => file,
            None => File::create(&self.path)?,
        };
        self.open.insert(file).write_all(batch)
    }
}

#[cfg(test)]
mod tests;
