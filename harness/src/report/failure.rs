use super::results::{CellResult, Results};
use super::text::{escape, printable};
use crate::model::{BackendKind, CellId, Evidence, Finding, Tier, Verdict};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A cell that is not as expected, in full: each check with the side at fault, what was expected, what was seen and where, and
/// the command that runs the cell again.
pub fn failure_text(cell: &CellResult, results: &Results) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} {}", cell.verdict.name().to_uppercase(), cell.id);
    if cell.failing.is_empty() || cell.verdict != Verdict::Fail {
        let _ = writeln!(text, "  {}", escape(&cell.reason));
    }
    for finding in &cell.failing {
        finding_text(&mut text, finding);
    }
    if let Some(heaviest) = cell.outcomes.first() {
        let _ = writeln!(text, "  {} of {} rounds; this is round {}", heaviest.count, results.repeat, cell.round);
    }
    if let Some(link) = &cell.link {
        let _ = writeln!(text, "  see {}", escape(link));
    }
    let id = &cell.cell;
    let _ = writeln!(
        text,
        "  again: make {} CLIENT={} SERVER={} CASE={} TRANSPORT={}{}{}{}",
        target(results.tier),
        id.client,
        id.server,
        id.case,
        id.transport,
        backend(results.kind),
        foreign(cell, results),
        if results.repeat > 1 { format!(" REPEAT={}", results.repeat) } else { String::new() }
    );
    if cell.evidence != Evidence::None {
        let _ = writeln!(text, "  wire:  make show CELL={}", cell.id);
    }
    text
}

fn target(tier: Tier) -> &'static str {
    match tier {
        Tier::Default => "interop",
        Tier::Extended => "interop-extended",
    }
}

fn backend(kind: BackendKind) -> String {
    if kind == BackendKind::default() { String::new() } else { format!(" BACKEND={kind}") }
}

/// Where the cell's peers are to be found again that are not in `images/`.
fn foreign(cell: &CellResult, results: &Results) -> String {
    let CellId { client, server, .. } = &cell.cell;
    let folders: BTreeSet<&str> =
        [client, server].into_iter().filter_map(|peer| results.foreign.get(peer)).map(String::as_str).collect();
    match folders.is_empty() {
        true => String::new(),
        false => {
            format!(" PEER='{}'", printable(&folders.into_iter().collect::<Vec<_>>().join(" ")).replace('\n', "\\n"))
        }
    }
}

fn finding_text(text: &mut String, finding: &Finding) {
    let place = finding.place.map_or(String::new(), |place| format!(", {place}"));
    let _ = writeln!(text, "  {} at fault: {}{place}", finding.check, finding.fault);
    let _ = writeln!(text, "    expected  {}", escape(&finding.expected));
    let _ = writeln!(text, "    observed  {}", escape(&finding.observed));
}
