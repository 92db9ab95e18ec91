//! Engines that are not there, not usable, or refuse: the real binary against a socket that answers as a test wants.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod project;

use project::Project;
use project::engine::{Answers, FakeEngine, json, version};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Checks what a person sees against its snapshot, without the run's id.
fn check(name: &str, told: &str) {
    insta::with_settings!({ filters => vec![(r"\d{8}-\d{6}-\d+", "RUN")] }, {
        insta::assert_snapshot!(name, told);
    });
}

fn run(answers: Answers) -> String {
    let project = Project::new();
    let engine = FakeEngine::start(&project, answers);
    let arguments = ["run", "--case", "empty*"];
    let told = project.told_by(engine.on(&mut project.command(&arguments)), &arguments);
    let runs = std::fs::read_dir(project.path("target/interop")).unwrap().count();
    format!("{told}--- {runs} run folders left\n")
}

#[test]
fn an_engine_that_will_not_do_is_told_with_the_next_step() {
    check("too_old", &run(|_| json(200, r#"{"Version": "19.03.15", "ApiVersion": "1.40"}"#)));
    check("no_api", &run(|_| json(200, "{}")));
    check("a_web_page", &run(|_| "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>".to_owned()));
    check("another_protocol", &run(|_| "220 mail ready\r\n".to_owned()));
    check("an_error", &run(|_| json(503, r#"{"message": "shutting down"}"#)));
}

#[test]
fn no_engine_at_all_is_told_with_what_was_tried() {
    let project = Project::new();
    check("nobody_listens", &project.told(&["run"]));
    let unset = project.told_by(project.command(&["run"]).env("DOCKER_HOST", "nonsense"), &["run"]);
    check("no_address", &unset);
}

fn no_network(request: &str, refusal: &str, status: u16) -> String {
    match request {
        "GET /version" => version(),
        "POST /networks/create" => json(status, &format!("{{\"message\": \"{refusal}\"}}")),
        _ => json(500, r#"{"message": "not asked for"}"#),
    }
}

#[test]
fn a_network_that_is_refused_is_told_in_the_engines_words() {
    let pools = run(|request| {
        no_network(request, "could not find an available, non-overlapping IPv4 address pool among the defaults", 403)
    });
    check("no_addresses", &pools);
    let clash = run(|request| no_network(request, "network with name interop already exists", 409));
    check("network_clash", &clash);
}

/// An engine whose networks have this gateway, and which has every image but those of the peer `go`.
fn with_gateway(request: &str, gateway: &str) -> String {
    match request.split_once(' ').unwrap() {
        ("GET", "/version") => version(),
        ("POST", "/networks/create") => json(201, r#"{"Id": "n", "Warning": ""}"#),
        ("DELETE", _) => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        ("GET", path) if path.starts_with("/networks/") => {
            json(200, &format!("{{\"IPAM\": {{\"Config\": [{{\"Gateway\": \"{gateway}\"}}]}}}}"))
        }
        ("GET", path) if path.starts_with("/networks") => json(200, r#"[{"Id": "n", "Name": "interop-run"}]"#),
        ("GET", path) if path.starts_with("/containers/json") => json(200, "[]"),
        ("GET", path) if path.starts_with("/images/") && !path.contains("go:") && !path.contains("toy") => {
            json(200, r#"{"Id": "sha256:1"}"#)
        }
        _ => json(404, r#"{"message": "no such thing"}"#),
    }
}

#[test]
fn a_gateway_of_another_machine_is_named() {
    // An address that is for documentation only, so that no machine has it.
    check("foreign_gateway", &run(|request| with_gateway(request, "203.0.113.7")));
}

fn local(request: &str) -> String {
    with_gateway(request, "127.0.0.1")
}

/// A project whose `docker` is a program that says this and fails.
fn failing_docker(says: &str) -> Project {
    let project = Project::new();
    project.write("bin/docker", &format!("#!/bin/sh\n{says}\nexit 1\n"));
    std::fs::set_permissions(project.path("bin/docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
    project.write("images/base/Dockerfile", "ARG OS\nFROM ${OS}\n");
    project.write("images/go/Dockerfile", "ARG BASE\nFROM ${BASE}\nRUN go build\n");
    project.write("proto/a.proto", "");
    project
}

/// The command with that `docker`.
fn on_path(project: &Project, engine: &FakeEngine, arguments: &[&str]) -> String {
    let mut command = project.command(arguments);
    engine.on(&mut command).env("PATH", project.path("bin"));
    project.told_by(&mut command, arguments)
}

#[test]
fn a_dockerfile_that_fails_shows_its_output() {
    let project = failing_docker("echo 'Step 3/3 : RUN go build'; echo 'main.go:7: undefined: foo' >&2");
    let engine = FakeEngine::start(&project, local);
    let told = on_path(&project, &engine, &["images", "go"]);
    assert!(told.contains("\nexit 2\n") && told.contains("the image of go does not build: exit status: 1"), "{told}");
    assert!(told.contains("main.go:7: undefined: foo"), "{told}");
    // A run goes on with the other peers, whose verdicts count: here there are none.
    let told = on_path(&project, &engine, &["run", "--client", "go", "--server", "go", "--case", "empty*"]);
    assert!(told.contains("\nexit 5\n") && told.contains("main.go:7: undefined: foo"), "{told}");
    assert!(told.contains("INFRA-ERROR empty_unary/go/go/plaintext\n  the image of go does not build"), "{told}");
}

#[test]
fn an_image_that_is_nowhere_is_named() {
    let project = failing_docker("echo 'pull access denied for toy' >&2");
    let go = std::fs::read_to_string(project.path("images/go/peer.yaml")).unwrap();
    std::fs::remove_file(project.path("images/go/Dockerfile")).unwrap();
    project.write("images/go/peer.yaml", &format!("{go}image: toy:1\n"));
    let engine = FakeEngine::start(&project, local);
    check("no_image", &on_path(&project, &engine, &["images", "go"]));
    project.write("images/go/peer.yaml", &go);
    check("no_dockerfile", &on_path(&project, &engine, &["images", "go"]));
    project.write("images/go/Dockerfile", "FROM x");
    let mut command = project.command(&["images", "go"]);
    let told = project.told_by(engine.on(&mut command).env("PATH", "/nowhere"), &["images", "go"]);
    check("no_docker", &told);
}

#[test]
fn a_disk_that_is_full_before_the_first_cell_ends_the_run_and_leaves_nothing_on_the_engine() {
    let project = Project::new();
    let engine = FakeEngine::start(&project, local);
    // Files may be made, but nothing is to be written to them.
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_interop")]);
    let mut limited = project.scrubbed(limited, &["run"]);
    check("full_disk", &project.told_by(engine.on(&mut limited), &["run"]));
    let asked = engine.asked();
    assert!(asked.iter().any(|request| request.starts_with("DELETE /networks/")), "{asked:?}");
}
