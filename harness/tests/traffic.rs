//! Snapshots of traffic, compared by this harness and by insta, which reviews them: a recorded run, no engine.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod recorded;

use insta::Settings;
use interop::run::{Replay, RunFolder, replay};
use interop::snapshot::{Comparison, Outcome, compare, write_pending};
use recorded::run_folder;
use std::panic::AssertUnwindSafe;
use std::path::Path;

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
