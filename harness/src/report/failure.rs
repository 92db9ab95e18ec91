use super::results::CellResult;
use super::text::escape;
use crate::model::{Finding, Verdict};
use std::fmt::Write;

/// A cell that is not as expected, in full: each check with the side at fault, what was expected, what was seen and where, and
/// the command that runs the cell again.
pub fn failure_text(cell: &CellResult) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} {}", cell.verdict.name().to_uppercase(), cell.id);
    if cell.failing.is_empty() || cell.verdict != Verdict::Fail {
        let _ = writeln!(text, "  {}", escape(&cell.reason));
    }
    for finding in &cell.failing {
        finding_text(&mut text, finding);
    }
    if let Some(link) = &cell.link {
        let _ = writeln!(text, "  see {}", escape(link));
    }
    let id = &cell.cell;
    let _ = writeln!(
        text,
        "  again: make interop CLIENT={} SERVER={} CASE={} TRANSPORT={}",
        id.client, id.server, id.case, id.transport
    );
    let _ = writeln!(text, "  wire:  make show CELL={}", cell.id);
    text
}

fn finding_text(text: &mut String, finding: &Finding) {
    let place = finding.place.map_or(String::new(), |place| format!(", {place}"));
    let _ = writeln!(text, "  {} at fault: {}{place}", finding.check, finding.fault);
    let _ = writeln!(text, "    expected  {}", escape(&finding.expected));
    let _ = writeln!(text, "    observed  {}", escape(&finding.observed));
}
