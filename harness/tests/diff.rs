//! What `diff` says of two runs, of which one is recorded and the other made from it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod recorded;

use recorded::{copy, run_folder};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A checkout with the cases and peers of the recorded run, and an empty folder of snapshots.
fn checkout() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    copy(&run_folder().join("inputs"), root.path());
    std::fs::create_dir(root.path().join("cases/snapshots")).unwrap();
    root
}

fn diff(root: &Path, to: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
    command.arg("diff").arg(run_folder()).arg(to).args(more).current_dir(root).env_clear().output().unwrap()
}

fn text(output: &Output) -> String {
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr)), (Some(0), "".into()));
    String::from_utf8(output.stdout.clone()).unwrap().replace(&format!("{} ->", name(&run_folder())), "RUN ->")
}

fn name(run: &Path) -> String {
    let events = std::fs::read_to_string(run.join("events.jsonl")).unwrap();
    let started: Value = serde_json::from_str(events.lines().next().unwrap()).unwrap();
    started["run"].as_str().unwrap().to_owned()
}

/// A copy of the recorded run in which the capture of one cell is that of another, whose client sends other things, and the Go peer is a
/// variant of another version.
fn changed(folder: &Path) {
    copy(&run_folder(), folder);
    let cells = folder.join("cells/empty_unary");
    let (own, other) = (cells.join("go/go/plaintext"), cells.join("rust-tonic/go/plaintext"));
    for file in ["capture.zst", "observation.binpb"] {
        std::fs::copy(other.join(file), own.join(file)).unwrap();
    }
    let events = std::fs::read_to_string(folder.join("events.jsonl")).unwrap();
    let events = events.replace("\"1.79.3\"", "\"1.99.0\"").replace("\"go\"", "\"go@next\"");
    std::fs::write(folder.join("events.jsonl"), events).unwrap();
    for case in std::fs::read_dir(folder.join("cells")).unwrap() {
        rename(&case.unwrap().path());
    }
    let peer = folder.join("inputs/images/go/peer.yaml");
    let variant = "variants: [{name: next, version: 1.99.0, build_args: {}}]\n";
    std::fs::write(&peer, std::fs::read_to_string(&peer).unwrap() + variant).unwrap();
}

/// Every folder of the Go peer becomes that of its variant.
fn rename(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rename(&path);
            if path.ends_with("go") {
                std::fs::rename(&path, path.with_file_name("go@next")).unwrap();
            }
        }
    }
}

#[test]
fn a_run_does_not_differ_from_itself() {
    let root = checkout();
    let told = text(&diff(root.path(), &run_folder(), &[]));
    assert!(told.contains("verdicts: 0 of 6 cells differ") && told.contains("traffic: 0 of"), "{told}");
}

#[test]
fn what_a_variant_does_differently_is_told_of_its_peer() {
    let root = checkout();
    let to = tempfile::tempdir().unwrap();
    changed(to.path());
    insta::assert_snapshot!(text(&diff(root.path(), to.path(), &[])));
    let json: Value = serde_json::from_str(&text(&diff(root.path(), to.path(), &["--json"]))).unwrap();
    assert_eq!(json["versions"]["go"][1], "1.99.0");
    assert!(!json["traffic"].as_array().unwrap().is_empty());
}

#[test]
fn what_is_no_run_is_named() {
    let root = checkout();
    let output = diff(root.path(), Path::new("nowhere"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere"));
}
