use super::rounds::{Outcome, outcomes};
use crate::model::{
    BackendKind, CellId, Event, Evidence, Finding, Level, PeerId, PlannedCell, Tier, Totals, Verdict, is_first,
    is_once, once,
};
use crate::snapshot::Counts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the form of `results.json`. It changes when a reader of the old form would misread the new one; a new field
/// alone does not change it.
pub(super) const FORMAT: u32 = 1;

/// `results.json`: what came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// See `FORMAT`.
    pub format: u32,
    /// The run's id.
    pub run: String,
    /// Which backend, in words.
    pub backend: String,
    /// And as it is asked for.
    #[serde(default)]
    pub kind: BackendKind,
    /// Folders of the peers from outside `images/`, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub foreign: BTreeMap<PeerId, String>,
    /// How often each cell was to run.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub repeat: u32,
    /// Of which tier its cells are.
    #[serde(default)]
    pub tier: Tier,
    /// Wall time.
    pub duration_ms: u64,
    /// Whether the run was stopped by a signal, or broke off.
    pub interrupted: bool,
    /// Versions of the peers that ran, by name.
    pub versions: BTreeMap<String, String>,
    /// Cells of the full product that were not planned, by reason.
    pub absent: BTreeMap<String, usize>,
    /// Counts by verdict.
    pub totals: Totals,
    /// How its traffic compares with the accepted snapshots, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Counts>,
    /// Every planned cell, in the order of the plan.
    pub cells: Vec<CellResult>,
}

/// JSON Schema of `results.json`.
pub fn results_schema() -> schemars::Schema {
    schemars::schema_for!(Results)
}

/// What came of one cell. One that ran in rounds has the heaviest verdict of them ([`Verdict::weight`]) and all that goes with it from
/// the first round with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CellResult {
    /// `case/client/server/transport`.
    pub id: String,
    /// The id's parts.
    #[serde(flatten)]
    pub cell: CellId,
    /// The verdict.
    pub verdict: Verdict,
    /// What it stands on.
    pub evidence: Evidence,
    /// Why, in a line; empty for a pass. Of rounds it begins with how many came out so.
    pub reason: String,
    /// The round that all this is about, from 0.
    #[serde(default, skip_serializing_if = "is_first")]
    pub round: u32,
    /// How its rounds came out, the heaviest first. Their counts add up to how often it was to run; only where that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Outcome>,
    /// The link of a ledger entry or a declared lack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// From the client's job to its end.
    pub duration_ms: u64,
    /// The rules broken and expectations missed at level `must`.
    pub failing: Vec<Finding>,
    /// Those at the levels below.
    pub notes: Vec<Finding>,
}

/// The results of a run, from its events. A planned cell without a verdict, as after a crash, is `skipped`.
pub fn results(events: &[Event]) -> Results {
    let mut results = Results {
        format: FORMAT,
        run: String::new(),
        backend: String::new(),
        kind: BackendKind::default(),
        foreign: BTreeMap::new(),
        repeat: once(),
        tier: Tier::default(),
        duration_ms: 0,
        interrupted: true,
        versions: BTreeMap::new(),
        absent: BTreeMap::new(),
        totals: Totals::default(),
        snapshots: None,
        cells: Vec::new(),
    };
    let mut judged: BTreeMap<&CellId, BTreeMap<u32, &Event>> = BTreeMap::new();
    let mut planned = Vec::new();
    for event in events {
        match event {
            Event::RunStarted { run, backend, kind, foreign, repeat, .. } => {
                results.repeat = *repeat;
                results.run = run.clone();
                results.foreign = foreign.clone();
                results.backend = backend.clone();
                results.kind = *kind;
            }
            Event::Planned { cells, absent, tier, .. } => {
                planned.extend(cells);
                results.tier = *tier;
                results.absent = absent.clone();
            }
            Event::PeerStarted { peer, version, .. } => {
                results.versions.extend(version.clone().map(|version| (peer.to_string(), version)));
            }
            Event::CellJudged { cell, round, .. } => {
                judged.entry(cell).or_default().insert(*round, event);
            }
            Event::RunFinished { duration_ms, interrupted } => {
                results.duration_ms = *duration_ms;
                results.interrupted = *interrupted;
            }
            Event::Note { .. }
            | Event::BuildOutput { .. }
            | Event::PeerBuilt { .. }
            | Event::PeerFailed { .. }
            | Event::PeerDied { .. }
            | Event::CellRecorded { .. }
            | Event::PeerStopped { .. } => {}
        }
    }
    let of_cell = |planned: &PlannedCell| {
        let rounds = judged.remove(&planned.cell).unwrap_or_default();
        match results.repeat {
            2.. if planned.runs() => of_rounds(&planned.cell, &rounds, results.repeat),
            _ => cell_result(&planned.cell, rounds.into_values().next()),
        }
    };
    results.cells = planned.into_iter().map(of_cell).collect();
    results.totals = totals(&results.cells);
    results
}

/// What came of one round of a cell, if it was judged.
pub fn round_result(events: &[Event], cell: &CellId, round: u32) -> Option<CellResult> {
    let wanted =
        |event: &&Event| matches!(event, Event::CellJudged { cell: of, round: at, .. } if of == cell && *at == round);
    events.iter().find(wanted).map(|judged| cell_result(cell, Some(judged)))
}

fn of_rounds(cell: &CellId, rounds: &BTreeMap<u32, &Event>, repeat: u32) -> CellResult {
    let outcomes = outcomes(rounds, repeat);
    let Some(heaviest) = outcomes.first() else { return cell_result(cell, None) };
    let mut result = cell_result(cell, rounds.get(&heaviest.round).copied());
    if heaviest.verdict != Verdict::Pass {
        result.reason = format!("{} of {repeat}: {}", heaviest.count, heaviest.reason);
    }
    result.round = heaviest.round;
    result.outcomes = outcomes;
    result
}

fn cell_result(cell: &CellId, judged: Option<&Event>) -> CellResult {
    let mut result = CellResult {
        id: cell.to_string(),
        cell: cell.clone(),
        verdict: Verdict::Skipped,
        evidence: Evidence::None,
        reason: "no verdict: the run broke off, or no shard had this cell".to_owned(),
        round: 0,
        outcomes: Vec::new(),
        link: None,
        duration_ms: 0,
        failing: Vec::new(),
        notes: Vec::new(),
    };
    if let Some(Event::CellJudged { round, verdict, evidence, reason, link, findings, duration_ms, .. }) = judged {
        let (failing, notes) = findings.iter().cloned().partition(|finding| finding.level == Level::Must);
        result.round = *round;
        result.verdict = *verdict;
        result.evidence = *evidence;
        result.reason = reason.clone();
        result.link = link.clone();
        result.duration_ms = *duration_ms;
        result.failing = failing;
        result.notes = notes;
    }
    result
}

fn totals(cells: &[CellResult]) -> Totals {
    let mut verdicts: BTreeMap<Verdict, usize> = Verdict::ALL.into_iter().map(|verdict| (verdict, 0)).collect();
    for cell in cells {
        *verdicts.entry(cell.verdict).or_default() += 1;
    }
    Totals { planned: cells.len(), verdicts }
}
