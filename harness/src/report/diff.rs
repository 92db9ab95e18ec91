use super::results::{CellResult, Results};
use super::text::{escape, plural, printable};
use crate::model::Verdict;
use crate::snapshot;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Cells told in the text; more are counted.
const IN_FULL: usize = 20;

/// Version of the form in JSON.
const FORMAT: u32 = 1;

/// What differs between two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Version of this form.
    pub format: u32,
    /// The run before.
    pub from: String,
    /// The run after.
    pub to: String,
    /// Peers whose versions differ, before and after.
    pub versions: BTreeMap<String, [String; 2]>,
    /// How many cells are in both.
    pub cells: usize,
    /// How many are in one only.
    pub unpaired: usize,
    /// Cells that a known difference kept from passing in one of the runs.
    pub sometimes: usize,
    /// Cells whose verdicts differ otherwise.
    pub verdicts: Vec<VerdictChange>,
    /// How many snapshots of the traffic were compared.
    pub snapshots: usize,
    /// Those that differ, by their name below `cases/snapshots`.
    pub traffic: Vec<TrafficChange>,
}

/// A cell whose verdict differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictChange {
    /// Its id.
    pub id: String,
    /// Before.
    pub from: Verdict,
    /// After.
    pub to: Verdict,
    /// Why it is so after; where it passes, why it was so before.
    pub reason: String,
}

/// A part of the traffic that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrafficChange {
    /// The snapshot's name.
    pub name: String,
    /// Its lines that differ, as a unified diff.
    pub diff: String,
}

/// One of two runs: its results, and what the snapshots would be after it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Its results.
    pub results: &'a Results,
    /// The snapshots, by name.
    pub shown: &'a BTreeMap<String, String>,
}

/// Compares two runs.
pub fn diff(from: Told<'_>, to: Told<'_>) -> Diff {
    let cells = |told: Told<'_>| -> BTreeMap<String, CellResult> {
        told.results.cells.iter().map(|cell| (cell.id.clone(), cell.clone())).collect()
    };
    let (before, after) = (cells(from), cells(to));
    let paired: Vec<_> = before.iter().filter_map(|(id, cell)| Some((cell, after.get(id)?))).collect();
    let other: Vec<_> = paired.iter().filter(|(before, after)| before.verdict != after.verdict).collect();
    // Whether a difference shows that shows at times only is chance.
    let is_chance = |(before, after): &&&(&CellResult, &CellResult)| {
        [before.verdict, after.verdict].iter().all(|verdict| matches!(verdict, Verdict::Pass | Verdict::Xfail))
    };
    let names: BTreeSet<&String> = from.shown.keys().chain(to.shown.keys()).collect();
    let traffic = names.iter().filter(|name| from.shown.get(**name) != to.shown.get(**name)).map(|name| {
        let text = |told: Told<'_>| told.shown.get(*name).cloned().unwrap_or_default();
        TrafficChange { name: (*name).clone(), diff: snapshot::diff(&text(from), &text(to)) }
    });
    Diff {
        format: FORMAT,
        from: from.results.run.clone(),
        to: to.results.run.clone(),
        versions: versions(from.results, to.results),
        cells: paired.len(),
        unpaired: before.len() + after.len() - 2 * paired.len(),
        sometimes: other.iter().filter(is_chance).count(),
        verdicts: other.iter().filter(|pair| !is_chance(pair)).map(|(before, after)| change(before, after)).collect(),
        snapshots: names.len(),
        traffic: traffic.collect(),
    }
}

fn change(before: &CellResult, after: &CellResult) -> VerdictChange {
    let reason = if after.reason.is_empty() { before } else { after }.reason.clone();
    VerdictChange { id: after.id.clone(), from: before.verdict, to: after.verdict, reason }
}

fn versions(from: &Results, to: &Results) -> BTreeMap<String, [String; 2]> {
    let both = from.versions.iter().filter_map(|(peer, before)| Some((peer, before, to.versions.get(peer)?)));
    both.filter(|(_, before, after)| before != after)
        .map(|(peer, before, after)| (peer.clone(), [before.clone(), after.clone()]))
        .collect()
}

/// What differs, as a person reads it.
pub fn diff_text(diff: &Diff) -> String {
    let mut text = format!("{} -> {}\n", diff.from, diff.to);
    for (peer, [before, after]) in &diff.versions {
        let _ = writeln!(text, "{peer}: {} -> {}", escape(before), escape(after));
    }
    let _ = writeln!(text, "\nverdicts: {} of {} differ", diff.verdicts.len(), plural(diff.cells, "cell"));
    for VerdictChange { id, from, to, reason } in diff.verdicts.iter().take(IN_FULL) {
        let _ = writeln!(text, "  {from} -> {to}  {id}\n    {}", escape(reason));
    }
    let more = diff.verdicts.len().saturating_sub(IN_FULL);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more; --json has them all");
    }
    if diff.sometimes > 0 {
        let _ = writeln!(
            text,
            "  and {} in which a known difference showed in one run only",
            plural(diff.sometimes, "cell")
        );
    }
    if diff.unpaired > 0 {
        let _ = writeln!(text, "  {} in one run only", plural(diff.unpaired, "cell"));
    }
    let _ = writeln!(text, "\ntraffic: {} of {} differ", diff.traffic.len(), plural(diff.snapshots, "snapshot"));
    for TrafficChange { name, diff } in &diff.traffic {
        let _ = writeln!(text, "{name}\n{}", printable(diff));
    }
    text
}
