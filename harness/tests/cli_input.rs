//! Bad input, given to the real binary: what is said, and the exit code.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod project;

use project::Project;
use std::os::unix::fs::symlink;
use std::process::Command;

const HEAD: &str = "id: x\ntitle: t\nspec: https://example.test/x\nwire: [trailers_only]\n";

/// What is said of one file of a project, each content in turn.
fn told_of(path: &str, contents: &[(&str, String)]) -> String {
    let told = contents.iter().map(|(what, content)| {
        let project = Project::new();
        project.write(path, content);
        let output = project.interop(&["plan", "--case", "x"]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.stdout.is_empty(), "{what}");
        format!("{what}: exit {}\n  {error}", output.status.code().unwrap())
    });
    told.collect()
}

#[test]
fn a_bad_case_file() {
    let call = "method: UnaryCall\nsteps:\n  - send: ";
    let whole = |text: &str| format!("{HEAD}{text}");
    let many = |item: &str| format!("{item}, ").repeat(2000);
    let bomb = format!(
        "{HEAD}calls:\n  - &c {{method: FullDuplexCall, steps: [&s {{send: {{responses: [&r {{size: 1}}, {}]}}}}, {}]}}\n{}",
        many("*r"),
        many("*s"),
        "  - *c\n".repeat(2000)
    );
    insta::assert_snapshot!(told_of(
        "cases/x.yaml",
        &[
            ("unknown key", whole("tittle: t\n")),
            ("unknown key of a step", whole(&format!("{call}{{body_sise: 1}}\n"))),
            ("wrong type", whole(&format!("timeout_ms: soon\n{call}{{}}\n"))),
            ("a list for a mapping", "- a\n".to_owned()),
            ("a key twice", whole("method: EmptyCall\ntitle: another\n")),
            ("unknown method", whole("method: EmptyCal\nsteps: [{send: {}}]\n")),
            ("unknown rule", HEAD.replace("trailers", "trailer") + call + "{}\n"),
            ("no wire rule", HEAD.replace("wire: [trailers_only]\n", "") + call + "{}\n"),
            ("over the contract's limit", whole(&format!("{call}{{body_size: 16777217}}\n"))),
            ("over any limit", whole(&format!("{call}{{body_size: 99999999999}}\n"))),
            ("another's id", HEAD.replace("id: x", "id: empty_unary") + call + "{}\n"),
            (
                "the second call",
                whole(
                    "calls:\n  - {method: EmptyCall, steps: [{send: {}}]}\n  - method: EmptyCall\n    steps: [{send: {}}]\n    metadata: [{key: Bad, value: v}]\n"
                )
            ),
            ("nothing", String::new()),
            ("nothing but a comment", "# later\n".to_owned()),
            ("a tab", whole("\tmethod: EmptyCall\n")),
            ("deep brackets", format!("{HEAD}steps: {}", "[".repeat(100_000))),
            ("aliases that multiply", bomb),
        ],
    ));
}

#[test]
fn what_is_no_case_file() {
    let told = |make: &dyn Fn(&std::path::Path)| {
        let project = Project::new();
        make(&project.path("cases/x.yaml"));
        // A pipe that nobody writes to would be waited for.
        let mut limited = Command::new("/usr/bin/timeout");
        limited.args(["20", env!("CARGO_BIN_EXE_interop")]);
        project.told_by(&mut project.scrubbed(limited, &["plan"]), &["plan"])
    };
    let large = |path: &std::path::Path| std::fs::File::create(path).unwrap().set_len(100 << 20).unwrap();
    insta::assert_snapshot!("no_file_folder", told(&|path| std::fs::create_dir(path).unwrap()));
    insta::assert_snapshot!("no_file_link", told(&|path| symlink("nowhere", path).unwrap()));
    insta::assert_snapshot!(
        "no_file_pipe",
        told(&|path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()))
    );
    insta::assert_snapshot!("no_file_device", told(&|path| symlink("/dev/zero", path).unwrap()));
    insta::assert_snapshot!("no_file_large", told(&large));
    insta::assert_snapshot!("no_file_latin1", told(&|path| std::fs::write(path, b"id: x\ntitle: caf\xe9\n").unwrap()));
}

#[test]
fn a_bad_ledger() {
    let entry = |cells: &str, fingerprint: &str| {
        format!(
            "# why\nentries:\n  - cells: {{case: empty_unary}}\n    fails: always\n    fingerprints: [[observed.status@client]]\n    \
             reason: r\n    link: https://example.test\n  - cells: {{{cells}}}\n    fails: always\n    \
             fingerprints: [[{fingerprint}]]\n    reason: r\n    link: https://example.test\n"
        )
    };
    insta::assert_snapshot!(told_of(
        "cases/known-differences.yaml",
        &[
            ("unknown case", entry("case: empty_unry", "W8@server")),
            ("unknown client", entry("case: empty*, client: rust-tnic", "W8@server")),
            ("unknown server", entry("server: 'nobody*'", "W8@server")),
            ("no such cell", entry("case: cancel_after_first_response, client: go, transport: '{a,b}'", "W8@server")),
            ("no glob", entry("case: '{a'", "W8@server")),
            ("no fingerprint", entry("case: empty_unary", "W8")),
            ("unknown side", entry("case: empty_unary", "W8@sever")),
            ("unknown rule", entry("case: empty_unary", "W88@server")),
        ],
    ));
}

#[test]
fn a_bad_peer() {
    let project = Project::new();
    let go = std::fs::read_to_string(project.path("images/go/peer.yaml")).unwrap();
    project.write("images/copy/peer.yaml", &go);
    project.write("images/rust-tonic/peer.yaml", &go.replace("\nversion:", "\n# version:"));
    symlink("nowhere", {
        std::fs::create_dir(project.path("images/link")).unwrap();
        project.path("images/link/peer.yaml")
    })
    .unwrap();
    insta::assert_snapshot!(project.told(&["plan"]));
}

#[test]
fn a_filter_that_matches_nothing_is_named_with_the_nearest_name() {
    let project = Project::new();
    insta::assert_snapshot!("filter_run", project.told(&["run", "--client", "rust-tnic", "--case", "empty*"]));
    insta::assert_snapshot!(
        "filter_some",
        project.told(&["plan", "--case", "empty*", "--case", "cancle*", "--client", "go"])
    );
    insta::assert_snapshot!("filter_transport", project.told(&["run", "--transport", "quic"]));
    insta::assert_snapshot!("filter_images", project.told(&["images", "rust-tnic"]));
    insta::assert_snapshot!("filter_check", project.told(&["peer", "check", "images/rust-tnic"]));
}

#[test]
fn json_stays_json_where_nothing_is_left() {
    let output = Project::new().interop(&["plan", "--json", "--case", "nope"]);
    assert_eq!(output.status.code(), Some(3));
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((plan["planned"].as_u64(), plan["full"].as_u64()), (Some(0), Some(16)));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: --case: no case is called `nope`"), "{error}");
}
