//! The real binary in a throw-away project, with a scrubbed environment: what it prints and its exit codes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod project;

use project::Project;

#[test]
fn help() {
    insta::assert_snapshot!(Project::new().told(&["--help"]));
    insta::assert_snapshot!("help_run", Project::new().told(&["run", "--help"]));
}

/// A peer of somebody else, outside the project.
fn foreign(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let toy = folder.path().join("toy");
    std::fs::create_dir(&toy).unwrap();
    std::fs::write(toy.join("peer.yaml"), text).unwrap();
    folder
}

/// The shortest `peer.yaml` there is.
const TOY: &str = "\
contract: 1
name: toy
language: Toy
library: toylib
version: \"1.0\"
link: https://example.test/toy
driver: official
image: toy:1
client: {command: [/client, \"--server_host={ip}\", \"--server_port={port}\", \"--test_case={case}\"]}
server: {command: [/server, \"--port={port}\"]}
";

#[test]
fn a_peer_from_elsewhere_is_planned_and_listed_like_others() {
    let project = Project::new();
    let folder = foreign(TOY);
    let toy = folder.path().join("toy").display().to_string();
    let told = |arguments: &[&str]| {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--peer", &toy]).collect();
        project.told(&arguments).replace(&folder.path().display().to_string(), "ELSEWHERE")
    };
    insta::assert_snapshot!("foreign_list", told(&["list", "peers"]));
    insta::assert_snapshot!("foreign_plan", told(&["plan", "--client", "toy"]));
    insta::assert_snapshot!("foreign_twice", told(&["list", "peers", "--peer", &toy]));
}

#[test]
fn what_is_wrong_with_a_peer_from_elsewhere_is_said_with_its_place() {
    let project = Project::new();
    let folder = foreign(&TOY.replace("{port}\", \"--test", "{prot}\", \"--test"));
    let toy = folder.path().join("toy").display().to_string();
    let told = |arguments: &[&str]| project.told(arguments).replace(&folder.path().display().to_string(), "ELSEWHERE");
    insta::assert_snapshot!("foreign_bad", told(&["plan", "--peer", &toy]));
    insta::assert_snapshot!("foreign_missing", told(&["plan", "--peer", "nowhere"]));
    insta::assert_snapshot!("check_bad", told(&["peer", "check", &toy]));
}

#[test]
fn lists() {
    let project = Project::new();
    insta::assert_snapshot!("list_cases", project.told(&["list", "cases"]));
    insta::assert_snapshot!("list_peers", project.told(&["list", "peers"]));
    insta::assert_snapshot!("list_rules", project.told(&["list", "rules"]));
}

#[test]
fn a_rule_is_explained_by_example() {
    let project = Project::new();
    insta::assert_snapshot!("explain_w12", project.told(&["explain", "w12"]));
    insta::assert_snapshot!("explain_unknown", project.told(&["explain", "W99"]));
}

#[test]
fn lists_are_also_json() {
    let project = Project::new();
    for what in ["cases", "peers", "rules"] {
        let output = project.interop(&["list", what, "--json"]);
        let items: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(!items.as_array().unwrap().is_empty());
    }
}

#[test]
fn plan_prints_cells_to_stdout_and_counts_to_stderr() {
    let project = Project::new();
    insta::assert_snapshot!("plan_filtered", project.told(&["plan", "--client", "go", "--case", "empty*"]));
    let json = project.interop(&["plan", "--json"]);
    let plan: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((plan["planned"].as_u64(), plan["full"].as_u64()), (Some(16), Some(16)));
}

#[test]
fn nothing_to_run_has_its_own_exit_code() {
    insta::assert_snapshot!(Project::new().told(&["run", "--case", "no_such*"]));
}

#[test]
fn bad_files_are_all_reported_with_their_places() {
    let project = Project::new();
    project
        .write("cases/empty_unary.yaml", "id: empty_unary\ntitle: t\nspec: https://example.test\nmethod: EmptyCal\n");
    project.write("cases/other.yaml", "id: another\ntitle: t\nspec: https://example.test\nmethod: EmptyCall\nsteps: [{send: {}}]\nwire: [trailers_only]\n");
    project.write("images/go/peer.yaml", "contract: 1\nname: go\n");
    std::fs::write(project.path("cases/binary.yaml"), [0xff, 0xfe]).unwrap();
    insta::assert_snapshot!(project.told(&["plan"]));
}

#[test]
fn outside_a_checkout_it_says_so() {
    let project = Project::new();
    std::fs::remove_dir_all(project.path("cases")).unwrap();
    insta::assert_snapshot!(project.told(&["plan"]));
}

#[test]
fn replay_and_show_without_a_run_say_what_is_missing() {
    let project = Project::new();
    insta::assert_snapshot!("replay_missing", project.told(&["replay"]));
    std::fs::create_dir_all(project.path("target/interop")).unwrap();
    std::os::unix::fs::symlink("gone", project.path("target/interop/latest")).unwrap();
    insta::assert_snapshot!("replay_dangling", project.told(&["replay"]));
    insta::assert_snapshot!("show_missing", project.told(&["show", "a/b/c/plaintext"]));
}

#[test]
fn a_bad_filter_is_bad_input() {
    insta::assert_snapshot!(Project::new().told(&["plan", "--case", "{a"]));
}
