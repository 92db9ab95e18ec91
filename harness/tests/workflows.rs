//! The workflows do nothing that cannot be done with `make`, and use no action but those known here.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_yaml::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Actions by commit, since a tag can be moved. The version is for the reader, who finds it beside the digest.
const ACTIONS: [(&str, &str, &str); 4] = [
    ("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    ("actions/upload-artifact", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    ("actions/download-artifact", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    ("actions/cache", "27d5ce7f107fe9357f9df03efb73ab90386fccae", "v5.0.5"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The workflows and the action.
fn definitions() -> Vec<(PathBuf, String)> {
    let folders = ["workflows", "actions"].map(|name| files(&root().join(".github").join(name)));
    folders.concat().into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// All values of a key, wherever it is.
fn all<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Mapping(mapping) => {
            for (name, value) in mapping {
                if name.as_str() == Some(key) {
                    found.push(value);
                }
                all(value, key, found);
            }
        }
        Value::Sequence(values) => values.iter().for_each(|value| all(value, key, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Tagged(_) => {}
    }
}

/// Texts under a key of a file.
fn texts(text: &str, key: &str) -> Vec<String> {
    let value: Value = serde_yaml::from_str(text).unwrap();
    let mut found = Vec::new();
    all(&value, key, &mut found);
    found.into_iter().filter_map(|value| value.as_str()).map(str::to_owned).collect()
}

fn targets() -> BTreeSet<String> {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    makefile.lines().filter_map(|line| line.split_once(": ##")).map(|(name, _)| name.to_owned()).collect()
}

/// What is wrong with a step's command, if anything is.
fn wrong(run: &str, targets: &BTreeSet<String>) -> Option<String> {
    let mut words = run.split(' ');
    if words.next() != Some("make") {
        return Some("no make target".to_owned());
    }
    let target = words.next().unwrap_or_default();
    if !targets.contains(target) {
        return Some(format!("`{target}` is no target of the Makefile"));
    }
    let (mut rest, mut output) = (Vec::new(), false);
    for word in words {
        output |= word.starts_with('>');
        if !output {
            rest.push(word);
        }
    }
    let is_variable =
        |word: &&&str| word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase()));
    match rest.iter().find(|word| !is_variable(word)) {
        Some(word) => Some(format!("`{word}` is no variable")),
        None if run.contains([';', '|', '&', '`', '\n']) || run.contains("$(") || run.contains("${{") => {
            Some("more than one command, or text that is put into one".to_owned())
        }
        None => None,
    }
}

#[test]
fn every_step_is_a_make_target() {
    let targets = targets();
    let mut steps = 0;
    for (path, text) in definitions() {
        for run in texts(&text, "run") {
            steps += 1;
            assert_eq!(wrong(&run, &targets), None, "{}: {run}", path.display());
        }
    }
    assert!(steps > 10, "{steps} steps found");
    for bad in
        ["cargo test", "make nothing", "make test; id", "make test && id", "make show CELL=${{ x }}", "make test now"]
    {
        assert!(wrong(bad, &targets).is_some(), "{bad}");
    }
}

#[test]
fn every_action_is_one_of_ours_by_its_digest() {
    let mut used = BTreeSet::new();
    for (path, text) in definitions() {
        for uses in texts(&text, "uses") {
            let known = ACTIONS.iter().find(|(name, digest, _)| uses == format!("{name}@{digest}"));
            let (name, _, version) = known.unwrap_or_else(|| panic!("{}: {uses} is not known here", path.display()));
            assert!(text.contains(&format!("{uses} # {version}\n")), "{}: {uses} is {version}", path.display());
            used.insert(*name);
        }
    }
    assert_eq!(used.len(), ACTIONS.len(), "{used:?}");
}

#[test]
fn every_job_ends_in_time_and_may_only_read() {
    for path in files(&root().join(".github/workflows")) {
        let workflow: Value = serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let permissions: Value = serde_yaml::from_str("contents: read").unwrap();
        assert_eq!(workflow["permissions"], permissions, "{}", path.display());
        assert!(workflow["concurrency"].is_mapping(), "{}", path.display());
        for (name, job) in workflow["jobs"].as_mapping().unwrap() {
            assert!(job["timeout-minutes"].is_number(), "{}: {name:?}", path.display());
            assert!(job.get("permissions").is_none(), "{}: {name:?}", path.display());
        }
    }
}
