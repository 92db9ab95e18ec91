//! A recorded run, judged again with no engine.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod recorded;

use recorded::{copy, run_folder};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn interop(arguments: &[&str], run: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
    // Outside a checkout: there traffic would be compared with snapshots of today.
    command.args(arguments).current_dir(std::env::temp_dir()).env_clear();
    match arguments {
        ["show", ..] => command.arg("--run").arg(run),
        _ => command.arg(run),
    };
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
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

/// What `replay` and `show` say of a damaged copy: exit code, warnings and errors, and the last line of what they print.
fn told(damage: impl Fn(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    copy(&run_folder(), folder.path());
    damage(folder.path());
    let told = [&["replay"][..], &["show", "empty_unary/rust-tonic/go/plaintext"]].map(|arguments| {
        let output = interop(arguments, folder.path());
        let error = text(&output.stderr).replace(&folder.path().canonicalize().unwrap().display().to_string(), "RUN");
        let printed = text(&output.stdout);
        // Why the first cell has no verdict, where one has none, and the end.
        let reason = printed.lines().skip_while(|line| !line.starts_with("INFRA-ERROR")).nth(1).unwrap_or_default();
        let last = printed.lines().last().unwrap_or_default();
        format!("{}: exit {}\n{error}...{reason}\n...{last}\n", arguments[0], output.status.code().unwrap())
    });
    told.concat()
}

fn rewrite(path: &Path, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    std::fs::write(path, change(std::fs::read(path).unwrap())).unwrap();
}

fn lines(change: impl Fn(&mut Vec<String>)) -> impl Fn(&Path) {
    move |run| {
        rewrite(&run.join("events.jsonl"), |bytes| {
            let mut lines: Vec<String> = text(&bytes).lines().map(str::to_owned).collect();
            change(&mut lines);
            lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect::<String>().into_bytes()
        });
    }
}

#[test]
fn a_log_that_breaks_off_is_read_as_far_as_it_goes() {
    let half = told(|run| rewrite(&run.join("events.jsonl"), |bytes| bytes[..bytes.len() / 2].to_vec()));
    insta::assert_snapshot!("half_a_log", half);
    insta::assert_snapshot!("no_end", told(lines(|lines| drop(lines.pop()))));
    insta::assert_snapshot!("empty_log", told(|run| std::fs::write(run.join("events.jsonl"), "").unwrap()));
}

#[test]
fn a_line_that_is_not_understood_costs_itself_only() {
    let newer = r#"{"event":"moon_rose","full":true}"#;
    insta::assert_snapshot!("newer_event", told(lines(|lines| lines.insert(3, newer.to_owned()))));
    insta::assert_snapshot!("garbage_line", told(lines(|lines| lines.insert(3, "garbage".to_owned()))));
}

#[test]
fn a_log_of_something_else_is_refused() {
    let first = |from: &'static str, to: &'static str| told(lines(move |lines| lines[0] = lines[0].replace(from, to)));
    insta::assert_snapshot!("newer_format", first("\"format\":1", "\"format\":2"));
    insta::assert_snapshot!("no_format", first("\"format\":1,", ""));
    insta::assert_snapshot!("no_log", told(|run| std::fs::write(run.join("events.jsonl"), "hello\n").unwrap()));
    insta::assert_snapshot!("no_events", told(|run| std::fs::remove_file(run.join("events.jsonl")).unwrap()));
}

#[test]
fn inputs_that_are_missing_are_named() {
    insta::assert_snapshot!("no_inputs", told(|run| std::fs::remove_dir_all(run.join("inputs")).unwrap()));
    let case = |run: &Path| std::fs::remove_file(run.join("inputs/cases/empty_unary.yaml")).unwrap();
    insta::assert_snapshot!("no_case", told(case));
    let peer = |run: &Path| std::fs::remove_dir_all(run.join("inputs/images/rust-tonic")).unwrap();
    insta::assert_snapshot!("no_peer", told(peer));
}

const CELL: &str = "cells/empty_unary/rust-tonic/go/plaintext";

/// The capture as a killed harness may leave it: what was flushed, and a part of the rest.
fn torn(bytes: &[u8]) -> Vec<u8> {
    let plain = zstd::decode_all(bytes).unwrap();
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    let (first, rest) = plain.split_at(plain.len() / 2);
    encoder.write_all(first).unwrap();
    encoder.flush().unwrap();
    encoder.write_all(rest).unwrap();
    let mut whole = encoder.finish().unwrap();
    whole.truncate(whole.len() - 10);
    whole
}

#[test]
fn evidence_that_is_lost_costs_its_cell_only() {
    let capture = |change: fn(Vec<u8>) -> Vec<u8>| told(|run| rewrite(&run.join(CELL).join("capture.zst"), change));
    let gone = |name: &str| told(|run| std::fs::remove_file(run.join(CELL).join(name)).unwrap());
    insta::assert_snapshot!("no_capture", gone("capture.zst"));
    insta::assert_snapshot!("torn_capture", capture(|bytes| torn(&bytes)));
    insta::assert_snapshot!("empty_capture", capture(|_| Vec::new()));
    insta::assert_snapshot!("no_zstd", capture(|_| b"garbage".to_vec()));
    insta::assert_snapshot!("no_observation", gone("observation.binpb"));
    let empty = told(|run| std::fs::write(run.join(CELL).join("observation.binpb"), "").unwrap());
    insta::assert_snapshot!("empty_observation", empty);
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
