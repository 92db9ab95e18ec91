//! What tests of the real binary share: a throw-away project, and an engine that is none.

#![allow(dead_code, unreachable_pub, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

pub mod engine;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A project folder with the repository's own peers and a case or two.
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    pub fn new() -> Project {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
        for peer in ["go", "rust-tonic"] {
            let from = checkout.join("images").join(peer).join("peer.yaml");
            project.write(&format!("images/{peer}/peer.yaml"), &std::fs::read_to_string(from).unwrap());
        }
        for case in ["empty_unary", "cancel_after_first_response"] {
            let from = checkout.join("cases").join(format!("{case}.yaml"));
            project.write(&format!("cases/{case}.yaml"), &std::fs::read_to_string(from).unwrap());
        }
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The binary in this project, with nothing of the environment but what is named here: no test may reach a real engine.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.scrubbed(Command::new(env!("CARGO_BIN_EXE_interop")), arguments)
    }

    pub fn scrubbed(&self, mut command: Command, arguments: &[&str]) -> Command {
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("DOCKER_HOST", format!("unix://{}", self.path("no-engine.sock").display()))
            .env("HOME", self.folder.path());
        command
    }

    pub fn interop(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a person sees: the command, its exit code, both outputs; the throw-away folder's path left out.
    pub fn told(&self, arguments: &[&str]) -> String {
        self.told_by(&mut self.command(arguments), arguments)
    }

    pub fn told_by(&self, command: &mut Command, arguments: &[&str]) -> String {
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            text.replace(&self.folder.path().canonicalize().unwrap().display().to_string(), "PROJECT")
                .replace(&self.folder.path().display().to_string(), "PROJECT")
        };
        format!(
            "$ interop {}\nexit {}\n--- stdout\n{}--- stderr\n{}",
            arguments.join(" "),
            output.status.code().unwrap(),
            text(&output.stdout),
            text(&output.stderr)
        )
    }
}
