use super::results::{CellResult, Results};
use crate::model::{PeerId, Transport, Verdict};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The matrix as text: a table for each transport, a row for each case, a group of columns for each client and in it one mark
/// for each server. Readable without colour.
pub fn matrix(results: &Results) -> String {
    let mut text = String::new();
    for transport in Transport::ALL {
        let cells: Vec<&CellResult> = results.cells.iter().filter(|cell| cell.cell.transport == transport).collect();
        if !cells.is_empty() {
            table(&mut text, transport, &cells);
        }
    }
    legend(&mut text, results);
    text
}

fn table(text: &mut String, transport: Transport, cells: &[&CellResult]) {
    let clients: BTreeSet<&PeerId> = cells.iter().map(|cell| &cell.cell.client).collect();
    let servers: Vec<&PeerId> =
        cells.iter().map(|cell| &cell.cell.server).collect::<BTreeSet<_>>().into_iter().collect();
    let cases: BTreeSet<_> = cells.iter().map(|cell| &cell.cell.case).collect();
    let first = cases.iter().map(|case| case.as_str().len()).max().unwrap_or(0).max(transport.name().len());
    let width = |client: &PeerId| client.as_str().len().max(servers.len() * 2 - 1);

    let names: Vec<&str> = servers.iter().map(|server| server.as_str()).collect();
    let _ = writeln!(text, "{:first$}  one column a client, in it one mark a server: {}", "", names.join(", "));
    let head: Vec<String> = clients.iter().map(|client| format!("{client:width$}", width = width(client))).collect();
    let _ = writeln!(text, "{:first$}  {}", transport, head.join("  ").trim_end());
    for case in cases {
        let groups = clients.iter().map(|client| {
            let marks = servers.iter().map(|server| {
                let here = |cell: &&&CellResult| {
                    cell.cell.case == *case && cell.cell.client == **client && cell.cell.server == **server
                };
                cells.iter().find(here).map_or(" ", |cell| mark(cell.verdict))
            });
            format!("{:width$}", marks.collect::<Vec<_>>().join(" "), width = width(client))
        });
        let _ = writeln!(text, "{case:first$}  {}", groups.collect::<Vec<_>>().join("  ").trim_end());
    }
    text.push('\n');
}

fn legend(text: &mut String, results: &Results) {
    let used = Verdict::ALL.into_iter().filter(|verdict| results.totals.verdicts.get(verdict).is_some_and(|n| *n > 0));
    let used: Vec<String> = used.map(|verdict| format!("{} {verdict}", mark(verdict))).collect();
    if !used.is_empty() {
        let _ = writeln!(text, "{}", used.join("   "));
    }
}

/// One character for a verdict.
fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "F",
        Verdict::Xfail => "x",
        Verdict::Xpass => "P",
        Verdict::Unsupported => "u",
        Verdict::Flaky => "~",
        Verdict::Timeout => "T",
        Verdict::InfraError => "!",
        Verdict::Skipped => "-",
    }
}
