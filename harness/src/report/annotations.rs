use super::results::{CellResult, Results};
use super::text::{escape, plural};
use crate::input::Project;
use crate::model::{Fails, Verdict};
use crate::plan::in_scope;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// GitHub shows so many of a step.
const MOST: usize = 10;

/// What is not as expected as GitHub's workflow commands, which it shows beside the lines they name: one for each case, at the line that
/// says what was expected, or at the ledger's entry that did not hold. `inputs` is what the run was made from, `project` the same as read.
pub fn annotations(results: &Results, project: &Project, inputs: &Path) -> String {
    let mut by_place: BTreeMap<(String, usize), Vec<&CellResult>> = BTreeMap::new();
    for cell in results.cells.iter().filter(|cell| !cell.verdict.is_expected()) {
        let ledger = (cell.verdict == Verdict::Xpass).then(|| ledger_line(cell, project)).flatten();
        let place = ledger.map(|line| ("cases/known-differences.yaml".to_owned(), line));
        by_place.entry(place.unwrap_or_else(|| case_place(cell, inputs))).or_default().push(cell);
    }
    // The heaviest first: a failure is not to be lost behind cells that were skipped.
    let mut told: Vec<_> = by_place.into_iter().collect();
    told.sort_by_key(|(_, cells)| std::cmp::Reverse(cells.iter().map(|cell| cell.verdict.weight()).max()));
    let mut text = String::new();
    for ((file, line), cells) in told.into_iter().take(MOST) {
        let Some(first) = cells.first() else { continue };
        let more = match cells.len() - 1 {
            0 => String::new(),
            more => format!(" (and {})", plural(more, "cell")),
        };
        let title = property(&format!("{} {}{more}", first.id, first.verdict));
        let file = property(&file);
        let _ = writeln!(text, "::error file={file},line={line},title={title}::{}", data(&escape(&first.reason)));
    }
    text
}

/// Where the entry begins that says of this cell that it always fails.
fn ledger_line(cell: &CellResult, project: &Project) -> Option<usize> {
    let entries = project.ledger.entries.iter().zip(&project.ledger.lines);
    entries
        .into_iter()
        .find(|(entry, _)| entry.fails == Fails::Always && in_scope(entry, &cell.cell))
        .map(|(_, line)| *line)
}

fn case_place(cell: &CellResult, inputs: &Path) -> (String, usize) {
    let file = format!("cases/{}.yaml", cell.cell.case);
    let text = std::fs::read_to_string(inputs.join(&file)).unwrap_or_default();
    let checks: Vec<&str> = cell.failing.iter().map(|finding| finding.check.as_str()).collect();
    (file, line_of(&text, &checks))
}

/// The line of a case file that a check is about, the first that has one: that of the key it is named after (`wire.lengths`), else the title's.
fn line_of(text: &str, checks: &[&str]) -> usize {
    let is_key = |line: &str, key: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        !key.is_empty() && line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':') || rest.trim().is_empty())
    };
    let line_with = |key: &str| text.lines().position(|line| is_key(line, key));
    let key = |check: &&str| check.rsplit('.').next().and_then(line_with);
    checks.iter().find_map(key).or_else(|| line_with("title")).map_or(1, |at| at + 1)
}

/// What follows `::` of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_found_at_its_key() {
        let text = "id: a\ntitle: t\nsteps:\n  - send: {}\nexpect: {status: OK}\nwire:\n  - trailers_only\n  - lengths: {request: [1]}\n";
        assert_eq!(line_of(text, &["wire.lengths"]), 8);
        assert_eq!(line_of(text, &["wire.trailers_only"]), 7);
        assert_eq!(line_of(text, &["W8", "wire.lengths", "wire.trailers_only"]), 8);
        assert_eq!(line_of(text, &["W8"]), 2);
        assert_eq!(line_of(text, &[""]), 2);
        assert_eq!(line_of(text, &[]), 2);
        assert_eq!(line_of("", &["W8"]), 1);
    }

    #[test]
    fn what_ends_a_command_is_escaped() {
        assert_eq!(data("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
