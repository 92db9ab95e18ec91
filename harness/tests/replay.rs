//! A recorded run, judged again with no engine. `data/run` is a run of real peers in containers, cut to a few small cells.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/tests/data/run")
}

fn interop(arguments: &[&str], run: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
    match arguments {
        ["show", ..] => command.arg("--run").arg(run),
        _ => command.arg(run),
    };
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A copy that a test may damage.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { std::fs::copy(&path, &target).map(drop).unwrap() }
    }
}

#[test]
fn replay_gives_the_recorded_verdicts() {
    let output = interop(&["replay"], &run_folder());
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn show_prints_a_cell() {
    let output = interop(&["show", "cancel_after_first_response/rust-tonic/go/plaintext"], &run_folder());
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn show_prints_what_tls_shows_of_a_cell() {
    let output = interop(&["show", "tls_wrong_name/go/rust-tonic/tls"], &run_folder());
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn show_names_the_nearest_cell() {
    let output = interop(&["show", "cancel_after_first_respons/rust-tonic/go/plaintext"], &run_folder());
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr));
}

#[test]
fn a_missing_capture_costs_its_cell_only() {
    let folder = tempfile::tempdir().unwrap();
    copy(&run_folder(), folder.path());
    std::fs::remove_file(folder.path().join("cells/empty_unary/rust-tonic/go/plaintext/capture.zst")).unwrap();
    let output = interop(&["replay"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "empty_unary/rust-tonic/go/plaintext: was pass, is infra-error\n");
}

#[test]
fn a_log_that_breaks_off_is_read_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    copy(&run_folder(), folder.path());
    let log = folder.path().join("events.jsonl");
    let whole = std::fs::read(&log).unwrap();
    std::fs::write(&log, &whole[..whole.len() / 2]).unwrap();
    let output = interop(&["replay"], folder.path());
    assert_eq!(output.status.code(), Some(130));
    assert!(text(&output.stdout).contains("skipped"));
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    copy(&run_folder(), folder.path());
    let log = folder.path().join("events.jsonl");
    let newer = std::fs::read_to_string(&log).unwrap().replacen("\"format\":1", "\"format\":2", 1);
    std::fs::write(&log, newer).unwrap();
    let output = interop(&["replay"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("format 2"), "{}", text(&output.stderr));
}

/// The recorded run as if each cell had been run twice, the second time with this capture.
fn twice(to: &Path, cell: &str, capture: &str) {
    copy(&run_folder(), to);
    let log = to.join("events.jsonl");
    let mut events = String::new();
    for line in std::fs::read_to_string(&log).unwrap().lines() {
        events += &line.replacen("\"event\":\"run_started\"", "\"event\":\"run_started\",\"repeat\":2", 1);
        events.push('\n');
        if line.starts_with("{\"event\":\"cell_") {
            events += &line.replacen("\"duration_ms\"", "\"round\":1,\"duration_ms\"", 1);
            events.push('\n');
        }
    }
    std::fs::write(&log, events).unwrap();
    add_rounds(&to.join("cells"));
    std::fs::copy(to.join(capture), to.join("cells").join(cell).join("round-1/capture.zst")).unwrap();
}

/// Gives each cell a second round like its first.
fn add_rounds(folder: &Path) {
    let evidence: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    if evidence.iter().any(|path| path.is_dir()) {
        return evidence.iter().for_each(|path| add_rounds(path));
    }
    std::fs::create_dir(folder.join("round-1")).unwrap();
    for path in evidence {
        std::fs::copy(&path, folder.join("round-1").join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn each_round_is_judged_from_its_own_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let cell = "empty_unary/rust-tonic/go/plaintext";
    twice(folder.path(), cell, "cells/status_code_and_message/go/rust-tonic/plaintext/capture.zst");
    let output = interop(&["replay"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), format!("{cell} round 1: was pass, is fail\n"));
    let output = text(&output.stdout);
    assert!(output.contains(&format!("{cell}: 2 rounds\n     1 fail        from round 1 ")), "{output}");
}

#[test]
fn show_prints_a_round() {
    let folder = tempfile::tempdir().unwrap();
    let cell = "empty_unary/rust-tonic/go/plaintext";
    twice(folder.path(), cell, "cells/status_code_and_message/go/rust-tonic/plaintext/capture.zst");
    let first = text(&interop(&["show", cell], folder.path()).stdout);
    let second = text(&interop(&["show", cell, "--round", "1"], folder.path()).stdout);
    assert!(first.contains("TestService/EmptyCall") && !second.contains("TestService/EmptyCall"), "{second}");
    assert!(second.contains("TestService/"), "{second}");
    let none = interop(&["show", cell, "--round", "2"], folder.path());
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("has no round 2 of empty_unary/rust-tonic/go/plaintext"));
}
