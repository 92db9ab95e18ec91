//! A foreign peer with nothing but the flags of the official suite, in real containers: `data/toy`, copied out of the checkout.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The toy in a folder of its own, with these flags for its client.
fn toy(flags: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let toy = folder.path().join("toy");
    std::fs::create_dir(&toy).unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/tests/data/toy");
    for name in ["Dockerfile", "toy.py"] {
        std::fs::copy(data.join(name), toy.join(name)).unwrap();
    }
    let text = std::fs::read_to_string(data.join("peer.yaml")).unwrap();
    std::fs::write(toy.join("peer.yaml"), text.replace("[toy, client,", &format!("[toy, client, {flags}"))).unwrap();
    (folder, toy)
}

/// Exit code, results and what was printed besides.
fn run(toy: &Path, filters: &[&str]) -> (i32, Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["run", "--json", "--case", "empty_unary", "--peer"]).arg(toy);
    let output = command.args(filters).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    // What goes wrong beside the cells, such as a network that stays, does not show in the exit code of a run that fails anyhow.
    assert!(!told.contains("error: "), "{told}");
    let results = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"));
    (output.status.code().unwrap(), results, told)
}

fn verdicts(results: &Value) -> Vec<String> {
    let cells = results["cells"].as_array().unwrap().iter();
    cells.map(|cell| format!("{} {}", cell["id"].as_str().unwrap(), cell["verdict"].as_str().unwrap())).collect()
}

#[test]
#[ignore = "needs an engine; run by make test-engine"]
fn a_peer_with_the_official_flags_runs_in_both_roles() {
    let (_folder, toy) = toy("");
    let (code, results, told) = run(&toy, &["--client", "toy", "--server", "toy", "--server", "python"]);
    let expected = [
        "empty_unary/toy/python/plaintext pass",
        "empty_unary/toy/python/tls unsupported",
        "empty_unary/toy/toy/plaintext pass",
        "empty_unary/toy/toy/tls unsupported",
    ];
    assert_eq!((verdicts(&results), code), (expected.map(str::to_owned).to_vec(), 0), "{told}");
    let (code, results, told) = run(&toy, &["--client", "python", "--server", "toy", "--transport", "plaintext"]);
    assert_eq!((verdicts(&results), code), (vec!["empty_unary/python/toy/plaintext pass".to_owned()], 0), "{told}");
}

#[test]
#[ignore = "needs an engine; run by make test-engine"]
fn a_client_that_ends_with_0_after_breaking_a_rule_is_convicted() {
    let (_folder, toy) = toy("--break=te,");
    // Its own server minds nothing.
    let (code, results, told) = run(&toy, &["--client", "toy", "--server", "toy", "--transport", "plaintext"]);
    assert_eq!((verdicts(&results), code), (vec!["empty_unary/toy/toy/plaintext fail".to_owned()], 1), "{told}");
    let failing = results["cells"][0]["failing"].as_array().unwrap();
    assert!(failing.iter().any(|finding| finding["fault"] == "client" && finding["check"] == "W2"), "{failing:#?}");
    assert!(failing.iter().all(|finding| finding["check"] != "exit_code"), "it did end with 0: {failing:#?}");
}

#[test]
#[ignore = "needs an engine; run by make test-engine"]
fn a_client_that_agrees_to_everything_is_not_believed() {
    let (_folder, toy) = toy("--agree,");
    let (code, results, told) = run(&toy, &["--client", "toy", "--server", "python", "--transport", "plaintext"]);
    assert_eq!((verdicts(&results), code), (vec!["empty_unary/toy/python/plaintext fail".to_owned()], 1), "{told}");
    assert!(told.contains("canary: it must refuse the case no_such_case, ended with exit code 0"), "{told}");
    assert!(!told.contains("died"), "it is stopped, and not started again: {told}");
}
