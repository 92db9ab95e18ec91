use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `cases/known-differences.yaml`: the expected failures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// In the order written.
    #[serde(default)]
    pub entries: Vec<LedgerEntry>,
    /// The line at which each of them begins.
    #[serde(skip)]
    pub lines: Vec<usize>,
}

/// One true difference between libraries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerEntry {
    /// Which cells.
    pub cells: Scope,
    /// How often they fail.
    pub fails: Fails,
    /// How they fail: each item is one set of fingerprints (`W8@server`) that a failing cell shows. Where several entries are about one
    /// cell, it shows one set of each, all of them together.
    pub fingerprints: Vec<Vec<String>>,
    /// `sometimes` only: how many of the cells of a hundred repeats showed each set of `fingerprints`.
    #[serde(default)]
    pub counts: Vec<u32>,
    /// Why.
    pub reason: String,
    /// The library's issue or source line, or the specification.
    pub link: String,
}

/// Which cells an entry is about: globs, everything where absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Case ids.
    #[serde(default = "everything")]
    pub case: String,
    /// Client peers.
    #[serde(default = "everything")]
    pub client: String,
    /// Server peers.
    #[serde(default = "everything")]
    pub server: String,
    /// Transports.
    #[serde(default = "everything")]
    pub transport: String,
}

fn everything() -> String {
    "*".to_owned()
}

/// How often the cells of an entry fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fails {
    /// Every time: a pass is red.
    Always,
    /// Now and then.
    Sometimes,
}
