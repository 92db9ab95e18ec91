//! The loaders as functions of a text, for what must hold of any text.

use super::case_file::CheckedCase;
use super::ledger_file::LedgerFile;
use super::peer_file::CheckedPeer;
use super::{InputError, yaml};
use crate::model::Case;
use std::path::Path;

/// Reads a text as a case file.
pub(crate) fn case(text: &str) -> Result<Case, InputError> {
    yaml::parse_text(Path::new("case.yaml"), text).map(|CheckedCase(case)| case)
}

/// Reads a text as `peer.yaml`.
pub(crate) fn peer(text: &str) -> Result<(), InputError> {
    yaml::parse_text::<CheckedPeer>(Path::new("peer.yaml"), text).map(drop)
}

/// Reads a text as the ledger.
pub(crate) fn ledger(text: &str) -> Result<(), InputError> {
    yaml::parse_text::<LedgerFile>(Path::new("known-differences.yaml"), text).map(drop)
}
