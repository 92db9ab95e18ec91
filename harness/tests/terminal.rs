//! What a run folder has of its peers does nothing to a terminal: the real program, what it prints, and the files it writes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod recorded;

use interop::proto::v1::{CaptureRecord, Observation, capture_record::Kind, observation};
use prost::Message;
use recorded::copy;
use std::path::PathBuf;
use std::process::Command;

/// ESC and C1 sequences, a carriage return, BEL, text from right to left, what cannot be seen, NUL, DEL, a line of its own.
const NASTY: &str = "a\u{1b}[2J\u{9b}31m\u{1b}]0;t\u{7}\r\u{202e}\u{200b}\u{0}\u{7f}\nPASS it all";

const CELL: &str = "status_code_and_message/go/rust-tonic/plaintext";

/// The recorded run, to be changed.
fn run_to_change() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    copy(&recorded::run_folder(), folder.path());
    let path = folder.path().to_owned();
    (folder, path)
}

/// Both outputs of the program.
fn interop(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
    let output = command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear().output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

fn is_harmless(text: &str) {
    let harmless = |c: char| matches!(c, '\n' | ' ' | '✓') || c.is_ascii_graphic();
    assert!(text.chars().all(harmless), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("PASS it")), "{text}");
    assert!(text.contains("PASS it all"), "it is not shown: {text}");
}

#[test]
fn what_a_client_reports() {
    let (_folder, run) = run_to_change();
    let report = Observation {
        case: "status_code_and_message".into(),
        result: observation::Result::ConnectFailed.into(),
        detail: NASTY.into(),
        ..Default::default()
    };
    std::fs::write(run.join("cells").join(CELL).join("observation.binpb"), report.encode_to_vec()).unwrap();
    is_harmless(&interop(&["replay", run.to_str().unwrap()]));
    is_harmless(&interop(&["replay", "--json", run.to_str().unwrap()]));
}

#[test]
fn what_the_events_of_a_run_have_of_its_peers() {
    let (_folder, run) = run_to_change();
    let log = run.join("events.jsonl");
    let events = std::fs::read_to_string(&log).unwrap();
    // As an older harness wrote it: JSON escapes no more than it must.
    let nasty = serde_json::to_string(&format!("W9@server {NASTY}")).unwrap();
    let reason = format!("\"reason\":{nasty}");
    let told = events.replace("\"verdict\":\"pass\"", "\"verdict\":\"fail\"").replace("\"reason\":\"\"", &reason);
    assert_ne!(events, told);
    std::fs::write(&log, told).unwrap();
    is_harmless(&interop(&["show", "--run", run.to_str().unwrap(), CELL]));
}

#[test]
fn what_is_wrong_in_a_peers_file() {
    let folder = tempfile::tempdir().unwrap();
    let key = interop::run::json_line(&NASTY).unwrap();
    std::fs::write(folder.path().join("peer.yaml"), format!("{key}: 1\n")).unwrap();
    let said = interop(&["plan", "--peer", folder.path().to_str().unwrap()]);
    // It is an error of the file, so that its text may have lines.
    assert!(said.contains("peer.yaml") && said.contains("[2J"), "{said}");
    assert!(said.chars().all(|c| matches!(c, '\n' | ' ') || c.is_ascii_graphic()), "{said:?}");
}

#[test]
fn more_connections_than_are_read_fail_their_cell() {
    let (_folder, run) = run_to_change();
    let record = |kind: Kind| CaptureRecord { kind: kind.into(), ..Default::default() };
    let mut records = vec![CaptureRecord { format: 1, ..record(Kind::Header) }];
    records.extend((0..10_001).map(|connection| CaptureRecord { connection, ..record(Kind::Opened) }));
    records.push(record(Kind::Sealed));
    let plain: Vec<u8> = records.iter().flat_map(CaptureRecord::encode_length_delimited_to_vec).collect();
    std::fs::write(run.join("cells").join(CELL).join("capture.zst"), zstd::encode_all(&plain[..], 1).unwrap()).unwrap();
    let said = interop(&["replay", run.to_str().unwrap()]);
    assert!(said.contains("there are more connections than the 10000 that are read"), "{said}");
    assert!(said.contains(&format!("{CELL}: was pass, is fail")), "{said}");
}
