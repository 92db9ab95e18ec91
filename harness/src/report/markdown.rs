use super::results::{CellResult, Results};
use super::text::{escape, plural};
use super::{failure_text, matrix};
use crate::model::Verdict;
use crate::snapshot::Counts;
use std::collections::BTreeMap;
use std::fmt::Write;

/// GitHub takes a summary of at most 1 MiB a step, and drops a longer one whole.
const MOST: usize = 1_000_000;
/// Failures shown in full.
const IN_FULL: usize = 20;
/// Failures named in all.
const NAMED: usize = 500;

/// A run's summary for a page on GitHub: what is not as expected first, each with the command that runs it again, then the matrix, then
/// what is known to differ.
pub fn markdown(results: &Results) -> String {
    let mut page = format!("## {}\n\n", headline(results));
    let matrix = format!("### Matrix\n\n{}\n", preformatted(&matrix(results)));
    for section in [failures(results), traffic(results), unusual(results), matrix, known(results), absent(results)] {
        match page.len() + section.len() <= MOST {
            true => page.push_str(&section),
            false => page.push_str("A part is too long for this page; `results.json` has it.\n\n"),
        }
    }
    page
}

/// What one line can say of a run.
fn headline(results: &Results) -> String {
    let counts = results.totals.verdicts.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> = counts.map(|(verdict, count)| format!("{count} {verdict}")).collect();
    let what = match unexpected(results).count() {
        0 if results.cells.is_empty() => "nothing ran".to_owned(),
        0 if results.interrupted => "the run was interrupted".to_owned(),
        0 if results.snapshots.as_ref().is_some_and(|counts| !counts.is_as_accepted()) => {
            "traffic is not as accepted".to_owned()
        }
        0 => "all as expected".to_owned(),
        count => format!("{} not as expected", plural(count, "cell")),
    };
    format!("interop: {what}: {} planned, {}", results.totals.planned, counts.join(", "))
}

fn unexpected(results: &Results) -> impl Iterator<Item = &CellResult> {
    let (skipped, others): (Vec<_>, Vec<_>) = results
        .cells
        .iter()
        .filter(|cell| !cell.verdict.is_expected())
        .partition(|cell| cell.verdict == Verdict::Skipped);
    others.into_iter().chain(skipped)
}

fn failures(results: &Results) -> String {
    let mut text = String::new();
    if unexpected(results).next().is_none() {
        return text;
    }
    text.push_str("### Not as expected\n\n");
    for (number, cell) in unexpected(results).take(IN_FULL).enumerate() {
        // The first is what a reader came for.
        let open = if number == 0 { " open" } else { "" };
        let title = format!("<code>{}</code> {}", html(&cell.id), cell.verdict);
        let body = preformatted(&failure_text(cell, results));
        let _ = writeln!(text, "<details{open}><summary>{title}</summary>\n\n{body}\n</details>\n");
    }
    let rest: Vec<&CellResult> = unexpected(results).skip(IN_FULL).collect();
    for cell in rest.iter().take(NAMED) {
        let _ =
            writeln!(text, "* <code>{}</code> {}: {}", inline(&cell.id), cell.verdict, inline(&escape(&cell.reason)));
    }
    if rest.len() > NAMED {
        let _ = writeln!(text, "* and {} more; `results.json` has them all", rest.len() - NAMED);
    }
    text.push('\n');
    text
}

/// Snapshots of the traffic that are not as accepted. What changed in them is in the job's log, and `make replay` says it again.
fn traffic(results: &Results) -> String {
    let Some(counts) = results.snapshots.as_ref().filter(|counts| !counts.is_as_accepted()) else {
        return String::new();
    };
    let Counts { same, changed, drift, new, unreadable, orphans } = counts;
    let mut text = format!(
        "### Traffic not as accepted\n\n{} as accepted; `make replay` shows what changed\n\n",
        plural(*same, "snapshot")
    );
    let changed = changed.iter().filter(|name| !drift.contains(name));
    let kinds =
        [("drift", drift.iter().collect()), ("changed", changed.collect::<Vec<_>>()), ("new", new.iter().collect())];
    let others = [("unreadable", unreadable.iter().collect()), ("orphan", orphans.iter().collect())];
    for (kind, names) in kinds.into_iter().chain(others) {
        for name in names.iter().take(NAMED) {
            let _ = writeln!(text, "* {kind}: <code>cases/snapshots/{}.snap</code>", inline(name));
        }
    }
    text.push('\n');
    text
}

/// Flaky cells, which are as expected and not as they should be.
fn unusual(results: &Results) -> String {
    let flaky: Vec<&CellResult> = results.cells.iter().filter(|cell| cell.verdict == Verdict::Flaky).collect();
    let line = |cell: &&CellResult| format!("* <code>{}</code>: {}\n", inline(&cell.id), inline(&escape(&cell.reason)));
    match flaky.is_empty() {
        true => String::new(),
        false => format!("### Passed after a retry\n\n{}\n", flaky.iter().map(line).collect::<String>()),
    }
}

/// One row a reason.
fn known(results: &Results) -> String {
    let mut reasons: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for cell in results.cells.iter().filter(|cell| matches!(cell.verdict, Verdict::Xfail | Verdict::Unsupported)) {
        let key = (cell.verdict.name(), cell.reason.as_str(), cell.link.as_deref().unwrap_or_default());
        *reasons.entry(key).or_default() += 1;
    }
    if reasons.is_empty() {
        return String::new();
    }
    let mut text =
        "<details><summary>Known differences</summary>\n\n| verdict | cells | why |\n|---|---|---|\n".to_owned();
    for ((verdict, reason, link), count) in reasons {
        let why = match link.starts_with("https://") {
            true => format!("<a href=\"{}\">{}</a>", html(&escape(link)), inline(&escape(reason))),
            false => inline(&escape(reason)),
        };
        let _ = writeln!(text, "| {verdict} | {count} | {why} |");
    }
    text.push_str("\n</details>\n\n");
    text
}

fn absent(results: &Results) -> String {
    let reasons = results.absent.iter().map(|(reason, count)| format!("{count} {}", inline(&escape(reason))));
    match results.absent.is_empty() {
        true => String::new(),
        false => {
            format!("{} absent: {}\n", results.absent.values().sum::<usize>(), reasons.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Text as it stands, whatever is in it.
fn preformatted(text: &str) -> String {
    format!("<pre>\n{}</pre>\n", html(text))
}

/// Text of which nothing is HTML, for places where Markdown is not looked for.
fn html(text: &str) -> String {
    references(text, "&<>\"")
}

/// Text of which nothing is markup: neither HTML nor Markdown, which ends a cell of a table at a bar, and takes `@name` for a person.
fn inline(text: &str) -> String {
    references(text, "&<>\"|`*_[]\\~#@")
}

/// Text with these characters as character references.
fn references(text: &str, these: &str) -> String {
    let reference = |c| if these.contains(c) { format!("&#{};", u32::from(c)) } else { String::from(c) };
    text.chars().map(reference).collect()
}
