use crate::model::{Event, Level, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One way in which rounds of a cell came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, as the first such round says it; empty for a pass.
    pub reason: String,
    /// What a ledger entry would list for it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fingerprints: BTreeSet<String>,
    /// How many rounds.
    pub count: usize,
    /// The first of them, from 0.
    pub round: u32,
}

/// The outcomes of a cell that was to run so often, the heaviest verdict first and the more frequent before the less. Rounds that
/// a run did not come to are skipped, so that the counts add up.
pub(super) fn outcomes(rounds: &BTreeMap<u32, &Event>, repeat: u32) -> Vec<Outcome> {
    let mut alike: BTreeMap<(Verdict, BTreeSet<String>, String), Outcome> = BTreeMap::new();
    let judged = rounds.iter().filter_map(|(round, event)| outcome(*round, event));
    let left_out = (0..repeat).filter(|round| !rounds.contains_key(round)).map(skipped);
    for outcome in judged.chain(left_out) {
        // What differs from round to round, such as a time, must not tell apart what is alike.
        let reason = if outcome.fingerprints.is_empty() { outcome.reason.clone() } else { String::new() };
        let key = (outcome.verdict, outcome.fingerprints.clone(), reason);
        alike.entry(key).and_modify(|first| first.count += 1).or_insert(outcome);
    }
    let mut outcomes: Vec<Outcome> = alike.into_values().collect();
    outcomes.sort_by_key(|outcome| (u8::MAX - outcome.verdict.weight(), usize::MAX - outcome.count, outcome.round));
    outcomes
}

fn outcome(round: u32, event: &Event) -> Option<Outcome> {
    let Event::CellJudged { verdict, reason, findings, .. } = event else { return None };
    let musts = findings.iter().filter(|finding| finding.level == Level::Must);
    let mut fingerprints: BTreeSet<String> = musts.map(|finding| finding.fingerprint()).collect();
    if *verdict == Verdict::Timeout {
        fingerprints.insert("timeout".to_owned());
    }
    Some(Outcome { verdict: *verdict, reason: reason.clone(), fingerprints, count: 1, round })
}

fn skipped(round: u32) -> Outcome {
    let reason = "the run ended before this cell's turn".to_owned();
    Outcome { verdict: Verdict::Skipped, reason, fingerprints: BTreeSet::new(), count: 1, round }
}

#[cfg(test)]
mod tests;
