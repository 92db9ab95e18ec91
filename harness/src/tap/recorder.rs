use super::Journal;
use crate::model::Side;
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::{self, Kind};
use crate::wire::limits;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

/// Records what a tap sees to its capture. One for both directions of all connections: the order in which they come to it is the
/// sequence.
#[derive(Clone)]
pub(super) struct Recorder {
    started: Instant,
    journal: Arc<Mutex<Journal>>,
}

impl Recorder {
    /// Begins a capture.
    pub(super) fn start(path: PathBuf) -> Recorder {
        Recorder { started: Instant::now(), journal: Arc::new(Mutex::new(Journal::new(path, limits::CAPTURE))) }
    }

    /// Something that happened on a connection, now.
    pub(super) async fn event(&self, kind: Kind, connection: u32, side: Option<Side>, detail: &str) {
        let detail = detail.to_owned();
        let record = CaptureRecord { kind: kind.into(), connection, side: number(side), detail, ..Default::default() };
        self.push(record, &[]).await;
    }

    /// Bytes that `side` sent, now.
    pub(super) async fn bytes(&self, connection: u32, side: Side, data: &[u8]) {
        let (kind, side) = (Kind::Bytes.into(), number(Some(side)));
        self.push(CaptureRecord { kind, connection, side, ..Default::default() }, data).await;
    }

    async fn push(&self, mut record: CaptureRecord, data: &[u8]) {
        let mut journal = self.journal.lock().await;
        // The time is taken in turn, so that times never run against the sequence.
        record.at_us = micros(self.started);
        journal.push(&record, data).await;
    }

    /// Completes the capture. Nothing is to be recorded after that.
    pub(super) async fn seal(self) -> io::Result<()> {
        self.journal.lock().await.seal(micros(self.started)).await
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
