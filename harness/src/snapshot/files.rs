use insta::Snapshot;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the accepted snapshots are, below the checkout.
pub const FOLDER: &str = "cases/snapshots";
/// Where in there those of peers are. No case has such a name: it is no slug with this separator.
const PEERS: &str = "peers";
/// How an accepted snapshot's file ends.
const ENDING: &str = "snap";

/// The name of a case's snapshot: that of its file without its end.
pub(super) fn of_case(case: &crate::model::CaseId) -> String {
    case.to_string()
}

/// The name of a peer's snapshot.
pub(super) fn of_peer(peer: &crate::model::PeerId) -> String {
    format!("{PEERS}/{peer}")
}

/// The file of a snapshot.
pub(super) fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{ENDING}"))
}

/// All accepted snapshots by name, each with its text, or with why it cannot be read.
pub(super) fn accepted(folder: &Path) -> std::io::Result<BTreeMap<String, Result<String, String>>> {
    let mut texts = BTreeMap::new();
    for (part, prefix) in [(folder.to_owned(), ""), (folder.join(PEERS), "peers/")] {
        if !part.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&part)? {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if let Some(stem) = stem.filter(|_| path.extension().is_some_and(|extension| extension == ENDING)) {
                texts.insert(format!("{prefix}{stem}"), accepted_text(&path));
            }
        }
    }
    Ok(texts)
}

/// The text of a snapshot file as insta compares it: without its header and what is blank at its end.
pub fn accepted_text(path: &Path) -> Result<String, String> {
    // Without a header insta reads a form of its own past, in which the first lines would be lost.
    let file = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    if file.lines().next().map(str::trim_end) != Some("---") {
        return Err("line 1: expected `---`, the begin of the header".to_owned());
    }
    let snapshot = Snapshot::from_file(path).map_err(|error| format!("its header: {error}"))?;
    match snapshot.as_text() {
        Some(text) => Ok(text.to_string()),
        None => Err("expected a text, not a binary snapshot".to_owned()),
    }
}

/// A text as it is compared.
pub(super) fn normal(text: &str) -> &str {
    text.trim_end()
}
