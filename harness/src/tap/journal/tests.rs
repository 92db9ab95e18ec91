use super::{BATCH, Journal};
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::Kind;
use crate::tap::read_capture;
use crate::wire::limits;
use bytes::Bytes;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::time::timeout;

/// A record with so many bytes, of which none is a zero.
fn record(number: u64, length: usize) -> CaptureRecord {
    let data: Vec<u8> = (0..length as u64).map(|at| (number ^ at) as u8 | 1).collect();
    CaptureRecord { kind: Kind::Bytes.into(), at_us: number, data: data.into(), ..Default::default() }
}

async fn push(journal: &mut Journal, record: &CaptureRecord) {
    journal.push(&CaptureRecord { data: Bytes::new(), ..record.clone() }, &record.data).await;
}

fn plain(path: &Path) -> usize {
    zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap().len()
}

#[tokio::test]
async fn many_batches_are_one_capture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture.zst");
    let mut journal = Journal::new(path.clone(), limits::CAPTURE);
    // Small ones, and one that is a batch and more.
    let sent: Vec<_> = (0..2_000).map(|number| record(number, if number == 77 { 3 * BATCH } else { 1_000 })).collect();
    for record in &sent {
        push(&mut journal, record).await;
    }
    journal.seal(2_000).await.unwrap();
    let records: Vec<_> = read_capture(&path).unwrap().collect();
    let [header, read @ .., seal] = &*records else { panic!("{} records", records.len()) };
    assert_eq!((header.kind(), seal.kind()), (Kind::Header, Kind::Sealed));
    assert!(read == sent, "what is read is not what was recorded");
}

#[tokio::test]
async fn more_than_is_read_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture.zst");
    let mut journal = Journal::new(path.clone(), 100_000);
    for number in 0..10_000 {
        push(&mut journal, &record(number, 1_000)).await;
    }
    journal.seal(0).await.unwrap();
    let plain = plain(&path);
    assert!((100_001..102_000).contains(&plain), "{plain} bytes");
    let sealed = read_capture(&path).unwrap().last().unwrap().kind() == Kind::Sealed;
    assert!(!sealed, "what is left out is no part of a whole");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::new(folder.path().join("missing").join("capture.zst"), limits::CAPTURE);
    for number in 0..10 {
        push(&mut journal, &record(number, BATCH)).await;
    }
    let error = journal.seal(0).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_file_that_lags_holds_up_what_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    // A pipe cannot even be opened before somebody reads.
    let path = folder.path().join("capture.zst");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let mut journal = Journal::new(path.clone(), limits::CAPTURE);
    let mut taken = 0;
    let endless = async {
        loop {
            push(&mut journal, &record(taken, BATCH)).await;
            taken += 1;
        }
    };
    assert!(timeout(Duration::from_millis(300), endless).await.is_err());
    assert_eq!(taken, 1, "one batch is on its way, another is full");

    let reader = std::thread::spawn(move || std::fs::read(path).unwrap());
    journal.seal(7).await.unwrap();
    drop(journal);
    let copy = folder.path().join("copy.zst");
    std::fs::write(&copy, reader.join().unwrap()).unwrap();
    let times: Vec<_> = read_capture(&copy).unwrap().map(|record| (record.kind(), record.at_us)).collect();
    assert_eq!(times, [(Kind::Header, 0), (Kind::Bytes, 0), (Kind::Bytes, 1), (Kind::Sealed, 7)]);
}
