use super::compare::{Comparison, Outcome, Snapshot};
use super::files::FOLDER;
use similar::TextDiff;
use std::fmt::Write;

/// Most lines of one diff.
const LINES: usize = 40;

/// What a person reads where snapshots are not as accepted: the drifts first, each with what changed. Nothing where all are the same.
pub fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for (peer, (declared, ran)) in &comparison.versions {
        let _ = writeln!(text, "{peer} is {ran}, and its peer.yaml, as the snapshots, of {declared}");
    }
    let mut told: Vec<&Snapshot> =
        comparison.snapshots.iter().filter(|snapshot| snapshot.outcome != Outcome::Same).collect();
    told.sort_by_key(|snapshot| snapshot.drift.is_empty());
    for Snapshot { name, outcome, drift, .. } in told {
        let file = format!("{FOLDER}/{name}.snap");
        match outcome {
            Outcome::Same => {}
            Outcome::Changed { accepted, now } => {
                let kind = if drift.is_empty() { "changed" } else { "drift" };
                let _ = writeln!(text, "\n{kind}: {file}");
                text.push_str(&diff(accepted, now));
            }
            Outcome::New { .. } => drop(writeln!(text, "new: {file} does not exist yet")),
            Outcome::Unreadable { why } => drop(writeln!(text, "unreadable: {file}: {why}")),
            Outcome::Orphan => drop(writeln!(text, "orphan: {file} is about no case and no peer")),
        }
    }
    text
}

/// The lines that differ between two texts, each with one around it.
pub fn diff(before: &str, after: &str) -> String {
    let (before, after) = (format!("{}\n", before.trim_end()), format!("{}\n", after.trim_end()));
    let diff = TextDiff::from_lines(&before, &after);
    let mut hunks = diff.unified_diff();
    let lines: Vec<String> = hunks.context_radius(1).to_string().lines().map(|line| format!("  {line}\n")).collect();
    let more = lines.len().saturating_sub(LINES);
    let mut text: String = lines.into_iter().take(LINES).collect();
    if more > 0 {
        let _ = writeln!(text, "  and {more} lines more");
    }
    text
}
