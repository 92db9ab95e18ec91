//! `images/base/add-suite` on both forms of a base's apt sources: the pulled image's and the bootstrapped one's.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::Command;

fn add_suite(form: &str) {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("images/base");
    let root = tempfile::tempdir().unwrap();
    let sources = root.path().join("etc/apt/sources.list.d");
    std::fs::create_dir_all(&sources).unwrap();
    std::fs::write(root.path().join("etc/os-release"), "VERSION_CODENAME=trixie\n").unwrap();
    std::fs::copy(base.join(format!("testdata/{form}.sources")), sources.join("debian.sources")).unwrap();

    let run = || Command::new(base.join("add-suite")).arg("--root").arg(root.path()).arg("trixie-backports").output();
    for _ in 0..2 {
        let output = run().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let added = std::fs::read_to_string(sources.join("trixie-backports.sources")).unwrap();
        let expected = base.join(format!("testdata/{form}.trixie-backports.expected"));
        assert_eq!(added, std::fs::read_to_string(expected).unwrap());
    }
}

#[test]
fn on_the_pulled_form() {
    add_suite("pulled");
}

#[test]
fn on_the_bootstrapped_form() {
    add_suite("bootstrapped");
}

#[test]
fn without_a_main_stanza_it_says_so() {
    let root = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("images/base/add-suite");
    let output = Command::new(script).arg("--root").arg(root.path()).arg("sid").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("add-suite: "));
}
