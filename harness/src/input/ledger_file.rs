use super::source::Source;
use super::{InputError, yaml};
use crate::model::{Fails, Ledger, LedgerEntry};
use crate::wire::rules::RULES;
use serde::{Deserialize, Deserializer};
use std::path::Path;

/// Reads the ledger and checks each entry by itself.
pub(super) fn read(path: &Path) -> Result<Ledger, InputError> {
    let source = Source::read(path)?;
    let file: LedgerFile = yaml::parse(&source)?;
    let lines = lines(&source.text);
    Ok(Ledger { entries: file.entries.into_iter().map(|CheckedEntry(entry)| entry).collect(), lines })
}

/// The lines at which the items of the outermost list begin, as everybody writes it: a dash, then the entry, and what belongs to
/// it further in.
fn lines(text: &str) -> Vec<usize> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let dashes = || text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("- "));
    let outermost = dashes().map(|(_, line)| indent(line)).min();
    dashes().filter(|(_, line)| Some(indent(line)) == outermost).map(|(number, _)| number + 1).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LedgerFile {
    #[serde(default)]
    entries: Vec<CheckedEntry>,
}

struct CheckedEntry(LedgerEntry);

impl<'de> Deserialize<'de> for CheckedEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        yaml::checked::<D, LedgerEntry, CheckedEntry>(deserializer)
    }
}

impl TryFrom<LedgerEntry> for CheckedEntry {
    type Error = String;

    fn try_from(entry: LedgerEntry) -> Result<Self, String> {
        if entry.reason.trim().is_empty() {
            return Err("an entry has a reason".into());
        }
        if !entry.link.starts_with("https://") {
            return Err(format!("`link` is https://..., not `{}`", entry.link));
        }
        if entry.fingerprints.is_empty() || entry.fingerprints.iter().any(Vec::is_empty) {
            return Err("`fingerprints` lists one or more sets such as [W8@server]".into());
        }
        entry.fingerprints.iter().flatten().try_for_each(|fingerprint| check_fingerprint(fingerprint))?;
        let counted = entry.counts.len() == entry.fingerprints.len();
        match entry.fails {
            Fails::Always if !entry.counts.is_empty() => return Err("`counts` belongs to `fails: sometimes`".into()),
            Fails::Sometimes if !counted => return Err("`counts` has one number for each set of `fingerprints`".into()),
            Fails::Always | Fails::Sometimes => {}
        }
        Ok(CheckedEntry(entry))
    }
}

/// One that nothing can ever show would make every cell of its entry red, with a riddle for a reason.
fn check_fingerprint(fingerprint: &str) -> Result<(), String> {
    if fingerprint == "timeout" {
        return Ok(());
    }
    let expected = "expected `timeout`, or a check and the side at fault, as in W8@server";
    let Some((check, side)) = fingerprint.split_once('@') else {
        return Err(format!("`{fingerprint}` is no fingerprint: {expected}"));
    };
    let sides = ["client", "server", "unknown"];
    if !sides.contains(&side) {
        return Err(format!("`{fingerprint}` names no side: {expected}{}", yaml::hint(side, &sides)));
    }
    let numbered = check.strip_prefix(['W', 'H', 'T']).is_some_and(|number| number.parse::<u32>().is_ok());
    if numbered && !RULES.iter().any(|rule| rule.id == check) {
        let rules: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        let hint = yaml::hint(check, &rules);
        return Err(format!("`{fingerprint}` names no rule of `interop list rules`{hint}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn entries_begin_at_the_outermost_dashes() {
        let text = "# - a comment\nentries:\n  - cells: {}\n    fingerprints:\n    - [a]\n\n  - fails: always\n";
        assert_eq!(lines(text), [3, 7]);
        assert_eq!(lines("entries:\n- cells: {}\n  counts: [1]\n- cells: {}\n"), [2, 4]);
        assert_eq!(lines("entries: []\n"), [0; 0]);
    }
}
