//! A peer of ours, for real, on this host: every case against itself, through taps, decoder and judge.

#![allow(clippy::unwrap_used, reason = "clippy spares test functions, not their helpers")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A checkout with runs of its own. It shares what it is made from, and what was built locally, with the real one.
struct Checkout(TempDir);

impl Checkout {
    fn new() -> Checkout {
        let checkout = Checkout(tempfile::tempdir().unwrap());
        let real = Path::new(env!("CARGO_MANIFEST_DIR"));
        for shared in ["cases", "images", "proto", "target/interop/local"] {
            std::fs::create_dir_all(real.join(shared)).unwrap();
            let link = checkout.path(shared);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(real.join(shared), link).unwrap();
        }
        checkout
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The command in an environment that has what a build needs, and no engine.
    fn interop(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
        let kept = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "SSL_CERT_FILE"];
        let kept = kept.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.args(arguments).current_dir(self.0.path()).env_clear().envs(kept);
        command.env("DOCKER_HOST", format!("unix://{}", self.path("no-engine.sock").display()));
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.interop(arguments).output().unwrap()
    }

    /// The processes whose command line names this checkout.
    fn processes(&self) -> BTreeSet<String> {
        let name = self.0.path().file_name().unwrap().to_str().unwrap();
        let names_it = |pid: &String| {
            std::fs::read(Path::new("/proc").join(pid).join("cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains(name))
        };
        let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        all.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(names_it).collect()
    }
}

const RUN: [&str; 4] = ["run", "--backend", "process", "--json"];

fn results(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"))
}

fn until(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn tonic_does_every_case_with_itself_without_an_engine() {
    let checkout = Checkout::new();
    let output = checkout.output(&RUN);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let results = results(&output);
    assert_eq!(results["kind"], "process");

    let cells = results["cells"].as_array().unwrap();
    let cases: BTreeSet<&str> = cells.iter().map(|cell| cell["case"].as_str().unwrap()).collect();
    let files = std::fs::read_dir(checkout.path("cases")).unwrap().map(|entry| entry.unwrap().path());
    let yaml = files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let texts = yaml.map(|path| std::fs::read_to_string(path).unwrap());
    let default = texts.filter(|text| text.starts_with("id: ") && !text.contains("\ntier: extended\n"));
    assert_eq!(cases.len(), default.count(), "each case of the tier");
    let count = |verdict: &str| cells.iter().filter(|cell| cell["verdict"] == verdict).count();
    assert_eq!(count("pass") + count("unsupported") + count("xfail"), cells.len(), "{said}");
    assert!(count("pass") * 10 > cells.len() * 8, "{said}");
    let seen = |cell: &&Value| cell["verdict"] == "pass" && cell["evidence"] != "none";
    assert_eq!(cells.iter().filter(seen).count(), count("pass"), "every pass stands on recorded bytes");

    let again = checkout.output(&["replay"]);
    assert_eq!(again.status.code(), Some(0), "{}", String::from_utf8_lossy(&again.stderr));
    assert!(checkout.processes().is_empty(), "{:?}", checkout.processes());
    assert!(!checkout.path("target/interop/latest/files").exists(), "keys and scripts are gone");
    // In one test with the next, which needs the build of this one and would wait for it anyway.
    nothing_outlives_a_killed_harness(&checkout);
    a_server_that_is_not_there_costs_its_own_cells(&checkout);
}

fn nothing_outlives_a_killed_harness(checkout: &Checkout) {
    let run: Child = checkout.interop(&RUN).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The servers' certificates and the jobs' scripts are in the run's folder, so that their command lines tell whose they are.
    until("peers are up", || checkout.processes().len() > 2);
    let mut run = run;
    run.kill().unwrap();
    run.wait().unwrap();
    until("all peers are gone", || checkout.processes().is_empty());
}

fn a_server_that_is_not_there_costs_its_own_cells(checkout: &Checkout) {
    let broken = checkout.path("broken");
    std::fs::create_dir(&broken).unwrap();
    let peer = std::fs::read_to_string(checkout.path("images/rust-tonic/peer.yaml")).unwrap();
    let peer = peer.replace("name: rust-tonic", "name: broken").replace("{out}/release/server", "/no/such/server");
    let peer = peer.replace("[cargo, build, --release, --locked, --target-dir, \"{out}\"]", "[\"true\"]");
    std::fs::write(broken.join("peer.yaml"), peer).unwrap();
    let broken = broken.display().to_string();
    let filters = ["--peer", &broken, "--client", "rust-tonic", "--case", "empty_unary", "--transport", "plaintext"];
    let output = checkout.output(&[&RUN[..], &filters].concat());
    assert_eq!(output.status.code(), Some(1));
    let results = results(&output);
    let cells: Vec<&Value> = results["cells"].as_array().unwrap().iter().collect();
    let cell = |server: &str| *cells.iter().find(|cell| cell["server"] == server).unwrap();
    assert_eq!((cells.len(), &cell("rust-tonic")["verdict"]), (2, &Value::from("pass")));
    assert_eq!(cell("broken")["verdict"], "fail");
    let reason = cell("broken")["reason"].as_str().unwrap();
    let expected =
        "the server is not up: broken server.plaintext ended by itself: exit code 127: /no/such/server does not start";
    assert!(reason.contains(expected), "{reason}");
}
