//! What must hold of any bytes that a hostile peer, or a file, may bring. The body of each fuzz target is a plain function of bytes that
//! panics where something does not hold: `harness/fuzz` drives them with libFuzzer, the tests here with mutated real traffic.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a body panics where something does not hold")]

mod bounds;
mod connection;
mod files;
mod frames;
mod input;
mod messages;
mod observations;
mod seeds;

use std::path::Path;

pub use connection::connection;
pub use files::files;
pub use frames::frames;
pub use messages::messages;
pub use observations::observations;

/// A fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which is that of its corpus.
    pub name: &'static str,
    /// What must hold of any bytes.
    pub body: fn(&[u8]),
    /// Inputs to begin with, made from real traffic and real files.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: [Target; 5] = [
    Target { name: "frames", body: frames, seeds: seeds::frames },
    Target { name: "messages", body: messages, seeds: seeds::messages },
    Target { name: "connection", body: connection, seeds: seeds::connection },
    Target { name: "observations", body: observations, seeds: seeds::observations },
    Target { name: "files", body: files, seeds: seeds::files },
];

/// Writes a target's seeds to where cargo-fuzz looks for its corpus.
pub fn plant(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target has this name");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/fuzz/corpus").join(name);
    std::fs::create_dir_all(&corpus).expect("the corpus can be written");
    for (number, seed) in (target.seeds)().iter().enumerate() {
        std::fs::write(corpus.join(format!("seed-{number:03}")), seed).expect("the corpus can be written");
    }
}

#[cfg(test)]
mod tests;
