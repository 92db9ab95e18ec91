//! The loaders as functions of a text, for what must hold of any text.

use super::case_file::CheckedCase;
use super::ledger_file::LedgerFile;
use super::peer_file::CheckedPeer;
use super::source::Source;
use super::{InputError, yaml};
use crate::model::Case;

/// Reads a text as a case file.
pub(crate) fn case(text: &str) -> Result<Case, InputError> {
    yaml::parse(&source("case.yaml", text)).map(|CheckedCase(case)| case)
}

/// Reads a text as `peer.yaml`.
pub(crate) fn peer(text: &str) -> Result<(), InputError> {
    yaml::parse::<CheckedPeer>(&source("peer.yaml", text)).map(drop)
}

/// Reads a text as the ledger.
pub(crate) fn ledger(text: &str) -> Result<(), InputError> {
    yaml::parse::<LedgerFile>(&source("known-differences.yaml", text)).map(drop)
}

fn source(path: &str, text: &str) -> Source {
    Source { path: path.into(), text: text.to_owned() }
}
