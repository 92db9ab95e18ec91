//! Two lanes with the time between: what the client did on the left, what the server did on the right, findings across both.

use crate::model::{Finding, Level, Side};
use crate::report::text::{escape, wrapped};
use std::fmt::Write;

/// Characters of the client's lane, without the margin.
const LANE: usize = 44;
/// Characters of the margin, where marks stand.
const MARGIN: usize = 3;
/// Characters of frames, time and arrow.
const BETWEEN: usize = 26;

/// Something that a side did.
pub(super) struct Row<'a> {
    pub(super) side: Side,
    /// The frames it took, as text.
    pub(super) frames: String,
    /// When, as text.
    pub(super) time: String,
    /// What, in one line.
    pub(super) head: String,
    /// What belongs to it, a line each.
    pub(super) below: Vec<String>,
    pub(super) findings: &'a [Finding],
}

/// The line that names the lanes.
pub(super) fn heading(text: &mut String, counted: &str, clock: &str) {
    let _ = writeln!(text, "{:MARGIN$}{:LANE$}{counted:>9} {clock:>11}     server", "", "client");
}

/// A row: its head with the time, what belongs to it below, and what was found of it.
pub(super) fn row(text: &mut String, row: &Row<'_>) {
    let mark = row.findings.iter().map(|finding| mark(finding.level)).max().unwrap_or_default();
    let lines: Vec<String> = wrapped(&row.head, LANE).lines().map(str::to_owned).collect();
    let (first, rest) = lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let (left, arrow, right) = match row.side {
        Side::Client => (first, "->", ""),
        Side::Server => ("", "<-", first),
    };
    let (frames, time) = (&row.frames, &row.time);
    let line = format!("{mark:MARGIN$}{left:LANE$}{frames:>9} {time:>11} {arrow}  {right}");
    let _ = writeln!(text, "{}", line.trim_end());
    let indent = match row.side {
        Side::Client => MARGIN,
        Side::Server => MARGIN + LANE + BETWEEN,
    };
    for line in rest.iter().chain(&row.below) {
        let _ = writeln!(text, "{:indent$}  {}", "", line.trim_end());
    }
    row.findings.iter().for_each(|finding| found(text, finding));
}

/// What binds stands out from what is only counted or shown.
fn mark(level: Level) -> &'static str {
    match level {
        Level::Must => "!!",
        Level::Should | Level::Info => "!",
    }
}

/// A finding across both lanes.
pub(super) fn found(text: &mut String, finding: &Finding) {
    let Finding { check, level, fault, .. } = finding;
    let _ = writeln!(text, "{:MARGIN$}{check} ({level}) at fault: {fault}", mark(*level));
    let _ = writeln!(text, "     expected  {}", escape(&finding.expected));
    let _ = writeln!(text, "     observed  {}", escape(&finding.observed));
}
