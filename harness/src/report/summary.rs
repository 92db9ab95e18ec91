use super::results::{CellResult, Results};
use super::rounds::Outcome;
use super::text::{escape, plural};
use super::{failure_text, matrix};
use crate::model::Verdict;
use crate::snapshot::Counts;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Failures printed in full; more are counted.
const IN_FULL: usize = 20;

/// What a person reads when a run is over: what is not as expected, the matrix, what is known to differ, the totals.
pub fn summary(results: &Results) -> String {
    let mut text = String::new();
    let unexpected: Vec<&CellResult> = results.cells.iter().filter(|cell| !cell.verdict.is_expected()).collect();
    let shown: Vec<&CellResult> = unexpected.into_iter().filter(|cell| cell.verdict != Verdict::Skipped).collect();
    // What the environment did to many cells alike is told once.
    let alike = |cell: &CellResult, other: &CellResult| {
        cell.verdict == Verdict::InfraError && other.verdict == Verdict::InfraError && cell.reason == other.reason
    };
    let first = |(at, cell): &(usize, &&CellResult)| !shown.iter().take(*at).any(|earlier| alike(earlier, cell));
    let firsts: Vec<&CellResult> = shown.iter().enumerate().filter(first).map(|(_, cell)| *cell).collect();
    for cell in firsts.iter().take(IN_FULL) {
        let same = shown.iter().filter(|other| alike(other, cell)).count().saturating_sub(1);
        let _ = writeln!(text, "{}", failure_text(cell, results));
        if same > 0 {
            let _ = writeln!(text, "and {} for the same reason\n", plural(same, "cell"));
        }
    }
    let more = firsts.len().saturating_sub(IN_FULL);
    if more > 0 {
        let _ = writeln!(text, "and {more} more; results.json has them all\n");
    }
    text.push_str(&matrix(results));
    rounds(&mut text, results);
    known(&mut text, results);
    notes(&mut text, results);
    totals(&mut text, results);
    snapshots(&mut text, results);
    text
}

/// The cells whose rounds came out in more than one way.
fn rounds(text: &mut String, results: &Results) {
    for cell in results.cells.iter().filter(|cell| cell.outcomes.len() > 1) {
        let _ = writeln!(text, "\n{}: {} rounds", cell.id, results.repeat);
        for Outcome { verdict, reason, count, round, .. } in &cell.outcomes {
            let line = format!("{count:6} {verdict:11} from round {round} {}", escape(reason));
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
}

/// Expected differences, one line a reason.
fn known(text: &mut String, results: &Results) {
    let mut reasons: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for cell in &results.cells {
        if matches!(cell.verdict, Verdict::Xfail | Verdict::Unsupported) {
            let link = cell.link.as_deref().unwrap_or_default();
            *reasons.entry((cell.verdict.name(), &cell.reason, link)).or_default() += 1;
        }
    }
    for ((verdict, reason, link), count) in reasons {
        let _ = writeln!(text, "{verdict} ({}): {} {}", plural(count, "cell"), escape(reason), escape(link));
    }
}

/// Findings below `must`, counted by check and side.
fn notes(text: &mut String, results: &Results) {
    let mut notes: BTreeMap<String, usize> = BTreeMap::new();
    for finding in results.cells.iter().flat_map(|cell| &cell.notes) {
        *notes.entry(format!("{} {}", finding.level, finding.fingerprint())).or_default() += 1;
    }
    for (note, count) in notes {
        let _ = writeln!(text, "{note}: {}", plural(count, "finding"));
    }
}

/// How the traffic compares with what was accepted.
fn snapshots(text: &mut String, results: &Results) {
    let Some(Counts { same, changed, drift, new, unreadable, orphans }) = &results.snapshots else { return };
    let counts = [
        (*same, "same"),
        (changed.len().saturating_sub(drift.len()), "changed"),
        (drift.len(), "drift"),
        (new.len(), "new"),
        (unreadable.len(), "unreadable"),
        (orphans.len(), "orphan"),
    ];
    let counts = counts.into_iter().filter(|(count, what)| *count > 0 || *what == "same");
    let counts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
    let _ = writeln!(text, "snapshots of the traffic: {}", counts.join(", "));
}

fn totals(text: &mut String, results: &Results) {
    let counts = results.totals.verdicts.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> = counts.map(|(verdict, count)| format!("{count} {verdict}")).collect();
    let absent: usize = results.absent.values().sum();
    let _ = write!(text, "\n{} planned: {}", plural(results.totals.planned, "cell"), counts.join(", "));
    if absent > 0 {
        let reasons: Vec<String> =
            results.absent.iter().map(|(reason, count)| format!("{count} {}", escape(reason))).collect();
        let _ = write!(text, "; {absent} absent: {}", reasons.join(", "));
    }
    if results.repeat > 1 {
        let _ = write!(text, "; each run {} times", results.repeat);
    }
    let tenths = results.duration_ms / 100;
    let _ = writeln!(text, "; {}.{} s", tenths / 10, tenths % 10);
}
