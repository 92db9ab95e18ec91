use super::{BackendKind, CellId, Evidence, Finding, PeerId, Role, Side, Tier, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that happened in a run. The log of these is a run's single source of truth: every output is a function of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Always the first.
    RunStarted {
        /// Version of the run folder's format.
        format: u32,
        /// The run's id: its folder's name.
        run: String,
        /// The harness's own version.
        harness: String,
        /// Seconds since 1970, UTC.
        started_s: u64,
        /// Which backend, in words.
        backend: String,
        /// And as it is asked for.
        #[serde(default)]
        kind: BackendKind,
        /// How often each cell is run.
        #[serde(default = "once", skip_serializing_if = "is_once")]
        repeat: u32,
        /// Whether the plan is the whole matrix.
        unfiltered: bool,
        /// Folders of the peers from outside `images/`, by name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        foreign: BTreeMap<PeerId, String>,
    },
    /// The plan, once.
    Planned {
        /// The cells of this run.
        cells: Vec<PlannedCell>,
        /// How many cells of the full product are absent, by reason.
        absent: BTreeMap<String, usize>,
        /// Of which tier they are.
        #[serde(default)]
        tier: Tier,
        /// Of a shard: the cells of the plan that other shards have.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        elsewhere: Vec<CellId>,
    },
    /// Something people should know that changes no verdict.
    Note {
        /// In words.
        text: String,
    },
    /// A line that a peer's build printed.
    BuildOutput {
        /// Whose build.
        peer: PeerId,
        /// The line.
        line: String,
    },
    /// A peer is ready to be started.
    PeerBuilt {
        /// Which.
        peer: PeerId,
        /// What it was built into.
        artifact: String,
        /// Whether it was there already.
        cached: bool,
        /// Time taken.
        duration_ms: u64,
    },
    /// A client or server is up.
    PeerStarted {
        /// Which peer.
        peer: PeerId,
        /// Which role.
        role: Role,
        /// What `--describe` says, where it was asked: once for the client and once for the server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
        /// Time taken.
        duration_ms: u64,
    },
    /// A client or server could not be started; its cells are infra-errors or failures.
    PeerFailed {
        /// Which peer.
        peer: PeerId,
        /// Which role.
        role: Role,
        /// In words.
        reason: String,
    },
    /// A client or server ended by itself. It is started again for the cells that remain.
    PeerDied {
        /// Which peer.
        peer: PeerId,
        /// Which role.
        role: Role,
        /// How: its exit code and the last it wrote.
        detail: String,
    },
    /// A cell has its capture and, if its client gave one, its observation.
    CellRecorded {
        /// Which.
        cell: CellId,
        /// Which time it was run, from 0.
        #[serde(default, skip_serializing_if = "is_first")]
        round: u32,
        /// Why there is no observation, where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<CellFailure>,
        /// How the process of an official client ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exit: Option<ClientExit>,
        /// Why it was run a second time, where it was: the first attempt failed for a reason that was no peer's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<String>,
        /// From the client's job to its end, as the harness saw it.
        duration_ms: u64,
    },
    /// A cell has its verdict.
    CellJudged {
        /// Which.
        cell: CellId,
        /// As in `CellRecorded`.
        #[serde(default, skip_serializing_if = "is_first")]
        round: u32,
        /// The verdict.
        verdict: Verdict,
        /// What it stands on.
        evidence: Evidence,
        /// Why, in a line; empty for a pass.
        reason: String,
        /// The link of a ledger entry or a declared lack.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
        /// All findings, of every level.
        findings: Vec<Finding>,
        /// As in `CellRecorded`.
        duration_ms: u64,
    },
    /// A client or server is gone and its log is in the run folder.
    PeerStopped {
        /// Which peer.
        peer: PeerId,
        /// Which role.
        role: Role,
        /// Its log, relative to the run folder.
        log: String,
    },
    /// Always the last.
    RunFinished {
        /// Wall time.
        duration_ms: u64,
        /// Whether it was stopped by a signal.
        interrupted: bool,
    },
}

/// How often a cell is run where nobody says it.
pub(crate) fn once() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(crate) fn is_once(repeat: &u32) -> bool {
    *repeat == 1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(crate) fn is_first(round: &u32) -> bool {
    *round == 0
}

/// How the process of an official client ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientExit {
    /// Its exit code: 0 says that all was well.
    pub code: i64,
    /// The last line it wrote, cut short.
    pub last_line: String,
}

/// A cell of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCell {
    /// Which.
    pub cell: CellId,
    /// The declared lack that makes it `unsupported`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<Lack>,
    /// Set where it runs all the same, to prove the lack of this side: a pass, or a failure by the other side only, shows
    /// that the declaration is not true or not proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Side>,
}

impl PlannedCell {
    /// Whether a client is really driven in it.
    pub fn runs(&self) -> bool {
        self.unsupported.is_none() || self.proof.is_some()
    }
}

/// A declared lack that keeps a cell from running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// Who lacks what, and why.
    pub reason: String,
    /// Where that is documented.
    pub link: String,
}

/// Why a cell has no observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CellFailure {
    /// The client reported nothing in time and was ended.
    NoAnswer {
        /// How long the harness waited.
        waited_ms: u64,
    },
    /// The client ended, or wrote something else than an observation.
    ClientBroke {
        /// In words.
        detail: String,
    },
    /// The server did not start, or its build failed.
    ServerBroke {
        /// In words.
        detail: String,
    },
    /// The harness or its environment failed.
    Infra {
        /// In words, with the next step.
        detail: String,
    },
    /// The run ended first.
    Skipped,
}

/// How many cells there are of each verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// Cells of the plan.
    pub planned: usize,
    /// One count for each verdict, zeros included.
    #[serde(flatten)]
    pub verdicts: BTreeMap<Verdict, usize>,
}
