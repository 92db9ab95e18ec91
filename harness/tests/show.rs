//! `interop show` and `interop verify-wire` on a recorded run: the real binary, and in place of tshark what it once printed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod project;
mod recorded;

use pcap_file::pcapng::{Block, PcapNgReader};
use project::Project;
use project::engine::{FakeEngine, json, version};
use recorded::{copy, run_folder};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

const CELL: &str = "empty_unary/rust-tonic/go/plaintext";

fn show(project: &Project, cell: &str, flags: &[&str]) -> Output {
    let run = run_folder().display().to_string();
    let arguments: Vec<&str> = ["show", "--run", &run, cell].iter().chain(flags).copied().collect();
    project.interop(&arguments)
}

fn printed(output: Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_frame_of_a_cell() {
    insta::assert_snapshot!(printed(show(&Project::new(), CELL, &["--frames"])));
}

#[test]
fn both_views_have_the_same_headers_and_messages() {
    let project = Project::new();
    let data = |flags: &[&str]| -> Value { serde_json::from_str(&printed(show(&project, CELL, flags))).unwrap() };
    let (calls, frames) = (data(&["--json"]), data(&["--json", "--frames"]));
    assert_eq!((&calls["format"], &calls["cell"], &calls["verdict"]), (&1.into(), &CELL.into(), &"pass".into()));
    let acts = calls["connections"][0]["calls"][0]["acts"].as_array().unwrap();
    let frames = frames["connections"][0]["frames"].as_array().unwrap();
    let fields = |of: &[Value]| {
        of.iter().map(|one| &one["fields"]).filter(|fields| fields.is_array()).cloned().collect::<Vec<_>>()
    };
    assert_eq!(fields(acts).len(), 3);
    assert_eq!(fields(acts), fields(frames));
    let bodies: Vec<&str> =
        acts.iter().filter(|act| act["act"] == "message").map(|act| act["type"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["grpc.testing.Empty", "grpc.testing.Empty"]);
    let messages = frames.iter().filter_map(|frame| frame["messages"].as_array()).flatten().count();
    assert_eq!(messages, bodies.len());
}

#[test]
fn a_file_for_wireshark_has_the_cells_packets() {
    for (cell, port) in [(CELL, 50_051_u16), ("tls_wrong_name/go/rust-tonic/tls", 443)] {
        let project = Project::new();
        let output = show(&project, cell, &["--pcapng", "cell.pcapng"]);
        assert!(printed(output).is_empty());
        let file = std::fs::read(project.path("cell.pcapng")).unwrap();
        let mut reader = PcapNgReader::new(file.as_slice()).unwrap();
        let mut to_server = 0;
        while let Some(block) = reader.next_block() {
            let Block::EnhancedPacket(packet) = block.unwrap() else { continue };
            to_server += usize::from(packet.data[22..24] == port.to_be_bytes());
        }
        // SYN, ACK, what the client said, FIN.
        assert!(to_server > 4, "{to_server} packets to port {port}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_bad_input() {
    let output = show(&Project::new(), CELL, &["--pcapng", "no/such/folder.pcapng"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no/such/folder.pcapng: "));
}

/// An engine that has all images.
fn answers(request: &str) -> String {
    match request.split_once(' ').unwrap() {
        ("GET", "/version") => version(),
        ("GET", path) if path.starts_with("/images/") => json(200, r#"{"Id": "sha256:1"}"#),
        _ => json(404, r#"{"message": "no such thing"}"#),
    }
}

/// What `verify-wire` says of a cell, where tshark reads its input to the end, prints this and ends so.
fn verified(script: &str, printed: &str, flags: &[&str]) -> String {
    let project = Project::new();
    project.write("images/base/Dockerfile", "");
    project.write("images/tshark/Dockerfile", "");
    project.write("printed.json", printed);
    // In place of `docker run`.
    let docker =
        format!("#!/bin/sh\n/bin/cat >/dev/null\n/bin/cat {}\n{script}\n", project.path("printed.json").display());
    project.write("bin/docker", &docker);
    let program = project.path("bin/docker");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let engine = FakeEngine::start(&project, answers);
    let run = run_folder().display().to_string();
    let filter =
        ["verify-wire", "--run", &run, "--case", "empty_unary", "--client", "rust-tonic", "--transport", "plaintext"];
    let arguments: Vec<&str> = filter.iter().chain(flags).copied().collect();
    let mut command = project.command(&arguments);
    command.env("PATH", project.path("bin"));
    project.told_by(engine.on(&mut command), &arguments).replace(&run, "RUN")
}

/// What tshark 4.4.19 prints of the cell, without what is not read.
const PRINTED: &str = include_str!("data/tshark.json");

#[test]
fn decoders_that_agree_are_as_expected() {
    insta::assert_snapshot!("agree", verified("", PRINTED, &[]));
}

#[test]
fn decoders_that_differ_are_red_with_a_list() {
    let other = PRINTED.replacen("\"grpc.message_length\": \"0\"", "\"grpc.message_length\": \"7\"", 1);
    assert_ne!(other, PRINTED);
    let other = other.replace("\"http2.header.value\": \"trailers\"", "\"http2.header.value\": \"trailer\"");
    insta::assert_snapshot!("differ", verified("", &other, &[]));
    let data = verified("", &other, &["--json"]);
    assert!(
        data.contains("exit 1") && data.contains("\"what\": \"header fields (list, name, value, length)\""),
        "{data}"
    );
}

#[test]
fn a_decoder_that_fails_is_no_agreement() {
    insta::assert_snapshot!("fails", verified("echo 'tshark: cut short' >&2; exit 2", PRINTED, &[]));
    insta::assert_snapshot!("no_json", verified("", "[\n  {\n  }", &[]));
}

#[test]
fn nothing_to_verify_has_its_own_exit_code() {
    let project = Project::new();
    let run = run_folder().display().to_string();
    let output = project.interop(&["verify-wire", "--run", &run, "--case", "no*such"]);
    assert_eq!(output.status.code(), Some(3));
    let output = project.interop(&["verify-wire", "--run", &run]);
    assert_eq!(output.status.code(), Some(4), "there is no engine");
}

/// After a run, a rule is told with the peers that broke it and a cell to look at.
#[test]
fn a_rule_is_explained_by_the_last_run() {
    let project = Project::new();
    let run = project.path("target/interop/run");
    copy(&run_folder(), &run);
    std::os::unix::fs::symlink("run", project.path("target/interop/latest")).unwrap();
    // No rule was broken in it; what it counts of a status is made a rule's.
    let events = std::fs::read_to_string(run.join("events.jsonl")).unwrap();
    std::fs::write(run.join("events.jsonl"), events.replace("\"wire.status\"", "\"W14\"")).unwrap();
    let told = |rule: &str| {
        let text = printed(project.interop(&["explain", rule]));
        text.split_once("\nin run ").unwrap().1.to_owned()
    };
    insta::assert_snapshot!("explain_broken", told("W14"));
    insta::assert_snapshot!("explain_kept", told("W12"));
}

/// The real tshark, over the recorded run: frames, and what TLS shows.
#[test]
#[ignore = "needs an engine; run by make test-engine"]
fn tshark_reads_what_we_read() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
    command.args(["verify-wire", "--run"]).arg(run_folder()).current_dir(env!("CARGO_MANIFEST_DIR"));
    let text = printed(command.output().unwrap());
    assert!(text.starts_with("4 cells of run ") && text.ends_with("tshark reads the same\n"), "{text}");
}
