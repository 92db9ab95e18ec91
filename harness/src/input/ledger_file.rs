use super::{InputError, yaml};
use crate::model::{Fails, Ledger, LedgerEntry};
use serde::Deserialize;
use std::path::Path;

/// Reads the ledger and checks each entry by itself.
pub(super) fn read(path: &Path) -> Result<Ledger, InputError> {
    let file: LedgerFile = yaml::read(path)?;
    Ok(Ledger { entries: file.entries.into_iter().map(|CheckedEntry(entry)| entry).collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LedgerFile {
    #[serde(default)]
    entries: Vec<CheckedEntry>,
}

#[derive(Deserialize)]
#[serde(try_from = "LedgerEntry")]
struct CheckedEntry(LedgerEntry);

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
        let counted = entry.counts.len() == entry.fingerprints.len();
        match entry.fails {
            Fails::Always if !entry.counts.is_empty() => return Err("`counts` belongs to `fails: sometimes`".into()),
            Fails::Sometimes if !counted => return Err("`counts` has one number for each set of `fingerprints`".into()),
            Fails::Always | Fails::Sometimes => {}
        }
        for glob in [&entry.cells.case, &entry.cells.client, &entry.cells.server, &entry.cells.transport] {
            globset::Glob::new(glob).map_err(|error| format!("`{glob}` is no glob: {error}"))?;
        }
        Ok(CheckedEntry(entry))
    }
}
