//! Capture files that say more than they hold.

use super::{CaptureError, decompressed, read_capture};
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::Kind;
use crate::wire::CAPTURE_FORMAT;
use prost::Message;
use std::path::PathBuf;

/// A file with these bytes, and the folder it is in.
fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture.zst");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn header() -> Vec<u8> {
    let header = CaptureRecord { kind: Kind::Header.into(), format: CAPTURE_FORMAT, ..Default::default() };
    header.encode_length_delimited_to_vec()
}

#[test]
fn one_that_decompresses_without_end_is_not_read() {
    let (_folder, path) = file(&zstd::encode_all(&vec![0; 100_000][..], 1).unwrap());
    assert_eq!(decompressed(&path, 100_000).unwrap().len(), 100_000);
    let error = decompressed(&path, 99_999).unwrap_err();
    assert!(matches!(error, CaptureError::TooLarge { most: 99_999, .. }), "{error}");
}

#[test]
fn a_window_that_is_announced_is_not_allocated() {
    // RFC 8878 section 3.1.1: magic number, frame header, a window of 2^27 bytes, one empty block.
    let (_folder, path) = file(&[0x28, 0xb5, 0x2f, 0xfd, 0, (27 - 10) << 3, 1, 0, 0]);
    let error = decompressed(&path, 100).unwrap_err();
    assert!(error.to_string().contains("too much memory"), "{error}");
}

#[test]
fn a_record_that_announces_4_gib_ends_the_capture() {
    let plain = [header(), vec![0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2]].concat();
    let (_folder, path) = file(&zstd::encode_all(&plain[..], 1).unwrap());
    assert_eq!(read_capture(&path).unwrap().count(), 1);
}

#[test]
fn records_are_read_one_by_one() {
    // A zero is a whole record of which nothing is known: there may be as many as bytes.
    let plain = [header(), vec![0; 1_000]].concat();
    let (_folder, path) = file(&zstd::encode_all(&plain[..], 1).unwrap());
    let mut records = read_capture(&path).unwrap();
    assert_eq!(records.next().unwrap().kind(), Kind::Header);
    assert!(crate::wire::decode(read_capture(&path).unwrap()).is_err());
    assert_eq!(records.count(), 1_000);
}
