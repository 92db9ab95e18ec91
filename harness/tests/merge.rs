//! Shards of a recorded run, put together again.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod recorded;

use recorded::{copy, run_folder};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A checkout with nothing in it but room for runs.
fn checkout() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("cases")).unwrap();
    root
}

fn interop(root: &Path, arguments: &[&str], runs: &[PathBuf]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
    command.args(arguments).args(runs).current_dir(root).env_clear().output().unwrap()
}

fn results(root: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(root.join("target/interop/latest/results.json")).unwrap()).unwrap()
}

/// The recorded run's results: the cells, which do not tell of the run they are of.
fn whole(root: &Path) -> Value {
    serde_json::from_slice(&interop(root, &["report", "--format", "json"], &[run_folder()]).stdout).unwrap()
}

/// A shard of the recorded run: it has the cells of these clients, and knows of the others.
fn shard(root: &Path, name: &str, clients: &[&str]) -> PathBuf {
    let folder = root.join(name);
    copy(&run_folder(), &folder);
    let is_own = |cell: &Value| clients.contains(&cell["client"].as_str().unwrap());
    let lines = std::fs::read_to_string(folder.join("events.jsonl")).unwrap();
    let mut kept = String::new();
    for line in lines.lines() {
        let mut event: Value = serde_json::from_str(line).unwrap();
        if event["event"] == "planned" {
            let cells = event["cells"].as_array().unwrap().clone();
            let (own, others): (Vec<_>, Vec<_>) = cells.into_iter().partition(|planned| is_own(&planned["cell"]));
            event["absent"]["left out by --shard"] = others.len().into();
            event["elsewhere"] = others.into_iter().map(|planned| planned["cell"].clone()).collect();
            event["cells"] = own.into();
        }
        let of_other = event["event"].as_str().unwrap().starts_with("cell_") && !is_own(&event["cell"]);
        if !of_other {
            kept.push_str(&format!("{event}\n"));
        }
    }
    std::fs::write(folder.join("events.jsonl"), kept).unwrap();
    for client in ["go", "rust-tonic"].into_iter().filter(|client| !clients.contains(client)) {
        for case in std::fs::read_dir(folder.join("cells")).unwrap() {
            let _ = std::fs::remove_dir_all(case.unwrap().path().join(client));
        }
    }
    folder
}

#[test]
fn merged_shards_are_the_run_they_are_of() {
    let root = checkout();
    let shards = [shard(root.path(), "one", &["rust-tonic"]), shard(root.path(), "two", &["go"])];
    let output = interop(root.path(), &["merge"], &shards);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let (merged, whole) = (results(root.path()), whole(root.path()));
    for part in ["cells", "totals", "absent", "versions", "tier", "interrupted"] {
        assert_eq!(merged[part], whole[part], "{part}");
    }
    // The evidence is there: it is judged again, and shown.
    let latest = [root.path().join("target/interop/latest")];
    assert_eq!(interop(root.path(), &["replay"], &latest).status.code(), Some(0));
    let cell = "cancel_after_first_response/rust-tonic/go/plaintext";
    assert_eq!(interop(root.path(), &["show", cell], &[]).status.code(), Some(0));
}

#[test]
fn a_cell_that_no_shard_had_is_red() {
    let root = checkout();
    let output = interop(root.path(), &["merge"], &[shard(root.path(), "one", &["rust-tonic"])]);
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stdout));
    let (merged, whole) = (results(root.path()), whole(root.path()));
    assert_eq!(merged["totals"]["planned"], whole["totals"]["planned"]);
    let skipped = merged["cells"].as_array().unwrap().iter().filter(|cell| cell["verdict"] == "skipped");
    assert!(skipped.clone().count() > 0 && skipped.clone().all(|cell| cell["client"] == "go"));
}

#[test]
fn shards_that_are_not_of_one_plan_are_refused_and_leave_nothing() {
    let root = checkout();
    let (one, two) = (shard(root.path(), "one", &["rust-tonic"]), shard(root.path(), "two", &["go"]));
    let told = |shards: &[PathBuf]| {
        let output = interop(root.path(), &["merge"], shards);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(std::fs::read_dir(root.path().join("target/interop")).unwrap().count(), 0);
        let root = root.path().canonicalize().unwrap().display().to_string();
        String::from_utf8(output.stderr).unwrap().replace(&root, "ROOT")
    };
    let twice = told(&[one.clone(), one.clone()]);
    std::fs::write(two.join("inputs/cases/empty_unary.yaml"), "id: changed\n").unwrap();
    let unlike = told(&[one, two]);
    insta::assert_snapshot!(twice + &unlike);
}
