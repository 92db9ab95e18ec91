use super::capture::CaptureWriter;
use crate::model::Side;
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record;
use crate::wire::limits;
use bytes::Bytes;
use std::path::PathBuf;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Records that wait to be written; past that, the relay waits, and so do its peers.
const QUEUE: usize = 64;

/// What a relay hands its records to. One channel for both directions of all connections: its order is the sequence.
#[derive(Clone)]
pub struct Sink {
    started: Instant,
    queue: mpsc::Sender<CaptureRecord>,
}

impl Sink {
    /// Something that happened on a connection, now.
    pub(super) async fn record(&self, kind: capture_record::Kind, connection: u32, side: Option<Side>, detail: &str) {
        let detail = detail.to_owned();
        self.push(CaptureRecord { kind: kind.into(), connection, side: number(side), detail, ..Default::default() })
            .await;
    }

    /// Bytes that `side` sent, now.
    pub(super) async fn bytes(&self, connection: u32, side: Side, data: Bytes) {
        let kind = capture_record::Kind::Bytes.into();
        self.push(CaptureRecord { kind, connection, side: number(Some(side)), data, ..Default::default() }).await;
    }

    async fn push(&self, mut record: CaptureRecord) {
        // The time is taken only when there is room, so that times never run against the sequence.
        if let Ok(place) = self.queue.reserve().await {
            record.at_us = micros(self.started);
            place.send(record);
        }
    }
}

fn number(side: Option<Side>) -> i32 {
    let side = match side {
        None => capture_record::Side::Unspecified,
        Some(Side::Client) => capture_record::Side::Client,
        Some(Side::Server) => capture_record::Side::Server,
    };
    side.into()
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Writes the records of one tap to its capture, on a thread of its own.
pub struct Recorder {
    writer: JoinHandle<std::io::Result<()>>,
}

impl Recorder {
    /// Begins a capture file.
    pub fn start(path: PathBuf) -> (Sink, Recorder) {
        let started = Instant::now();
        let (queue, mut records) = mpsc::channel::<CaptureRecord>(QUEUE);
        let writer = tokio::task::spawn_blocking(move || {
            let mut capture = CaptureWriter::create(&path, limits::CAPTURE)?;
            while let Some(record) = records.blocking_recv() {
                capture.write(&record)?;
            }
            capture.seal(micros(started))
        });
        (Sink { started, queue }, Recorder { writer })
    }

    /// Waits until the file is complete. All sinks are to be dropped before.
    pub async fn finish(self) -> std::io::Result<()> {
        self.writer.await.map_err(std::io::Error::other)?
    }
}
