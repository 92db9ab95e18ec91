//! A recorded run in each form of report, as it was and with verdicts that are not as expected.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod recorded;

use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use recorded::{copy, run_folder};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const FAILS: &str = "cancel_after_first_response/rust-tonic/go/plaintext";
const PASSES_UNEXPECTEDLY: &str = "empty_unary/rust-tonic/go/plaintext";

/// Exit code, and what is printed.
fn report(run: &Path, format: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
    command.args(["report", "--format", format]).arg(run).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// A copy of the recorded run in which each event is what `change` makes of it.
fn changed(change: impl Fn(&mut Value)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&run_folder(), folder.path());
    let path = folder.path().join("events.jsonl");
    let lines = std::fs::read_to_string(&path).unwrap();
    let lines = lines.lines().map(|line| {
        let mut event = serde_json::from_str(line).unwrap();
        change(&mut event);
        format!("{event}\n")
    });
    std::fs::write(&path, lines.collect::<String>()).unwrap();
    folder
}

fn id(event: &Value) -> String {
    let cell = &event["cell"];
    let part = |name: &str| cell[name].as_str().unwrap_or_default().to_owned();
    [part("case"), part("client"), part("server"), part("transport")].join("/")
}

/// One cell failed with words that mean something to each reader, and one passed that the ledger says fails.
fn broken() -> TempDir {
    changed(|event| {
        if event["event"] != "cell_judged" {
            return;
        }
        if id(event) == FAILS {
            event["verdict"] = json!("fail");
            event["reason"] = json!("order: expected <b>one</b> | `two`, 100%: ::error::");
            event["findings"] = json!([{"check": "wire.order", "level": "must", "fault": "server",
                "expected": "a & b", "observed": "</pre><script>", "place": {"connection": 0, "frame": 7}}]);
        }
        if id(event) == PASSES_UNEXPECTEDLY {
            event["verdict"] = json!("xpass");
            event["reason"] = json!("passed, but the ledger says that it always fails");
        }
    })
}

#[test]
fn a_run_as_expected_is_told_in_each_form() {
    let run = run_folder();
    let (code, text) = report(&run, "text");
    assert!(code == 0 && text.lines().last().unwrap().starts_with("6 cells planned: 6 pass"), "{text}");
    let (code, results) = report(&run, "json");
    let results: Value = serde_json::from_str(&results).unwrap();
    assert_eq!(code, 0);
    let (_, junit) = report(&run, "junit");
    let junit = Report::deserialize_from_str(&junit).unwrap();
    let count = |name: &str| usize::try_from(results["totals"][name].as_u64().unwrap()).unwrap();
    assert_eq!((junit.tests, junit.failures, junit.errors), (count("planned"), 0, 0));
    let statuses = || junit.test_suites.iter().flat_map(|suite| &suite.test_cases).map(|case| &case.status);
    let skipped = statuses().filter(|status| matches!(status, TestCaseStatus::Skipped { .. })).count();
    assert_eq!(skipped, count("xfail") + count("unsupported"));
    insta::assert_snapshot!("markdown", report(&run, "markdown").1);
    assert_eq!(report(&run, "annotations"), (0, String::new()));
}

#[test]
fn what_is_not_as_expected_comes_first_and_cannot_break_out() {
    let run = broken();
    let (code, page) = report(run.path(), "markdown");
    assert_eq!(code, 0);
    let page = page.split("### Matrix").next().unwrap();
    insta::assert_snapshot!("broken_markdown", page);
    let (code, annotations) = report(run.path(), "annotations");
    assert_eq!(code, 0);
    insta::assert_snapshot!("broken_annotations", annotations);
    let (code, junit) = report(run.path(), "junit");
    let junit = Report::deserialize_from_str(&junit).unwrap();
    assert_eq!((code, junit.failures, junit.errors), (0, 2, 0));
    let suite = junit.test_suites.iter().find(|suite| suite.name.as_str() == "rust-tonic/go/plaintext").unwrap();
    let case = suite.test_cases.iter().find(|case| case.name.as_str() == "cancel_after_first_response").unwrap();
    let TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, description: Some(told), .. } = &case.status else {
        panic!("{:?}", case.status)
    };
    let again = "again: make interop CLIENT=rust-tonic SERVER=go CASE=cancel_after_first_response";
    assert!(told.as_str().contains(again), "{told:?}");
}

#[test]
fn traffic_that_is_not_as_accepted_is_named() {
    let run = changed(|_| {});
    let (_, results) = report(run.path(), "json");
    let mut results: Value = serde_json::from_str(&results).unwrap();
    results["snapshots"] = json!({"same": 40, "changed": ["ping_pong", "peers/go"], "drift": ["peers/go"], "new": [],
        "unreadable": [], "orphans": []});
    std::fs::write(run.path().join("results.json"), results.to_string()).unwrap();
    let (_, page) = report(run.path(), "markdown");
    insta::assert_snapshot!("traffic_markdown", page.split("### Matrix").next().unwrap());
}

#[test]
fn a_page_keeps_below_the_limit_and_annotations_below_theirs() {
    let long = "x".repeat(200_000);
    let run = changed(|event| {
        if event["event"] == "cell_judged" {
            event["verdict"] = json!("fail");
            event["findings"] =
                json!([{"check": "W8", "level": "must", "fault": "client", "expected": long, "observed": long}]);
        }
    });
    let (_, page) = report(run.path(), "markdown");
    assert!(page.len() < 1 << 20, "{}", page.len());
    assert!(page.contains("### Matrix") && page.contains("too long"), "what fits is there");
    assert!((1..=10).contains(&report(run.path(), "annotations").1.lines().count()));
}
