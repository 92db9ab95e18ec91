//! Snapshots of traffic, compared by this harness and by insta, which reviews them: a recorded run, no engine.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod project;
mod recorded;

use insta::Settings;
use interop::run::{Replay, RunFolder, replay};
use interop::snapshot::{Comparison, Outcome, compare, write_pending};
use project::Project;
use recorded::{copy, run_folder};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::Output;

/// The recorded run, compared with the snapshots of a folder.
fn compared(folder: &Path) -> Comparison {
    let run = RunFolder::open(&run_folder()).unwrap();
    let Replay { events, forms, project, .. } = replay(&run, &run.inputs()).unwrap();
    compare(folder, &project, &events, &forms.all()).unwrap().unwrap()
}

/// Whether insta takes a text for what a folder's snapshot of that name says.
fn is_the_same_to_insta(folder: &Path, name: &str, text: &str) -> bool {
    let mut settings = Settings::new();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    let assertion = || settings.bind(|| insta::assert_snapshot!(name, text));
    let same = std::panic::catch_unwind(AssertUnwindSafe(assertion)).is_ok();
    let _ = std::fs::remove_file(folder.join(format!("{name}.snap.new")));
    same
}

#[test]
fn what_is_the_same_to_us_is_the_same_to_insta() {
    // Where insta is told to pass or to accept what differs, it has no opinion to agree with.
    let accepts = std::env::var("INSTA_UPDATE").is_ok_and(|update| ["always", "unseen", "force"].contains(&&*update));
    if accepts || std::env::var_os("INSTA_FORCE_PASS").is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let new = compared(folder.path());
    let written = write_pending(folder.path(), &new).unwrap();
    assert_eq!(written.len(), new.snapshots.len());
    for pending in written {
        std::fs::rename(&pending, pending.with_extension("")).unwrap();
    }
    let file = folder.path().join("empty_unary.snap");
    let accepted = std::fs::read_to_string(&file).unwrap();
    let now = new.snapshots.iter().find(|snapshot| snapshot.name == "empty_unary").unwrap();
    let Outcome::New { now } = &now.outcome else { panic!("it is there already") };

    let variants: [(&str, String, bool); 8] = [
        ("as written", accepted.clone(), true),
        ("another header", accepted.replace("source: ", "description: x\nexpression: y\nsource: "), true),
        ("other ends of lines", accepted.replace('\n', "\r\n"), true),
        ("blank lines at its end", format!("{accepted}\n  \n\n"), true),
        ("no end of its last line", accepted.trim_end().to_owned(), true),
        ("another value", accepted.replace("messages: 0", "messages: 1"), false),
        ("a space at the end of a line", accepted.replace("messages: 0", "messages: 0 "), false),
        ("a line less", accepted.replace("  -> messages: 0\n", ""), false),
    ];
    for (what, text, same) in variants {
        assert_eq!(text == accepted, what == "as written", "{what}");
        std::fs::write(&file, text).unwrap();
        let ours = compared(folder.path());
        let ours = ours.snapshots.iter().find(|snapshot| snapshot.name == "empty_unary").unwrap();
        assert_eq!(ours.outcome == Outcome::Same, same, "{what}, to us");
        assert_eq!(is_the_same_to_insta(folder.path(), "empty_unary", now), same, "{what}, to insta");
    }
}

/// A checkout, and the recorded run in it: as if it had been of the whole matrix, or as it was.
fn checkout(unfiltered: &str) -> Project {
    let project = Project::new();
    copy(&run_folder(), &project.path("run"));
    let events = std::fs::read_to_string(project.path("run/events.jsonl")).unwrap();
    let events = events.replacen("\"unfiltered\":false", &format!("\"unfiltered\":{unfiltered}"), 1);
    project.write("run/events.jsonl", &events);
    project
}

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

fn replayed(project: &Project, more: &[&str]) -> Output {
    let run = project.path("run").display().to_string();
    project.command(&[&["replay", run.as_str()], more].concat()).output().unwrap()
}

fn files(project: &Project) -> Vec<String> {
    let folders = ["cases/snapshots", "cases/snapshots/peers"].map(|folder| project.path(folder));
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains(".snap")).collect();
    names.sort();
    names
}

#[test]
fn a_whole_run_leaves_what_changed_for_review_and_what_was_accepted_holds() {
    let project = checkout("true");
    assert_eq!(said(&replayed(&project, &[])), (Some(0), String::new()), "without snapshots nothing is compared");

    let written = said(&replayed(&project, &["--write-pending"]));
    assert_eq!(written.0, Some(1), "nothing was accepted yet");
    assert!(written.1.contains("4 snapshots to review"), "{}", written.1);
    let pending =
        ["cancel_after_first_response.snap.new", "empty_unary.snap.new", "go.snap.new", "rust-tonic.snap.new"];
    assert_eq!(files(&project), pending);
    for name in ["cancel_after_first_response", "empty_unary", "peers/go", "peers/rust-tonic"] {
        let file = project.path(&format!("cases/snapshots/{name}.snap.new"));
        std::fs::rename(&file, file.with_extension("")).unwrap();
    }
    assert_eq!(said(&replayed(&project, &[])), (Some(0), String::new()));

    let file = project.path("cases/snapshots/empty_unary.snap");
    let accepted = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, accepted.replace("grpc-status: 0 OK", "grpc-status: 1 CANCELLED")).unwrap();
    let output = replayed(&project, &["--json"]);
    let (code, text) = said(&output);
    assert_eq!(code, Some(1));
    assert!(text.contains("  -  <- trailer grpc-status: 1 CANCELLED\n  +  <- trailer grpc-status: 0 OK\n"), "{text}");
    let results: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(results["snapshots"]["changed"], serde_json::json!(["empty_unary"]));
    assert_eq!(results["snapshots"]["same"], 3);
}

#[test]
fn where_nothing_can_be_accepted_nothing_is_written() {
    let whole = checkout("true");
    let run = whole.path("run").display().to_string();
    let mut command = whole.command(&["replay", &run, "--write-pending"]);
    let (code, text) = said(&command.env("CI", "true").output().unwrap());
    assert_eq!((code, text.starts_with("error: --write-pending: CI is set")), (Some(2), true), "{text}");
    assert_eq!(files(&whole), Vec::<String>::new());

    let part = checkout("false");
    let (_, text) = said(&replayed(&part, &["--write-pending"]));
    assert!(text.contains("error: --write-pending: only a run of the whole matrix"), "{text}");
    let filtered = part.command(&["run", "--case", "empty_unary", "--write-pending"]).output().unwrap();
    let (code, text) = said(&filtered);
    assert_eq!((code, text.starts_with("error: --write-pending: only a run of the whole")), (Some(2), true), "{text}");
    assert!(!part.path("cases/snapshots").exists());
}
