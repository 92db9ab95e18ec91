use super::case_file::CaseFile;
use crate::model::{Ledger, Peer};
use schemars::{Schema, schema_for};

/// JSON Schema of a case file, for editors. A file that it lets through may still be refused: what several keys say together is checked
/// as the file is read.
pub fn case_schema() -> Schema {
    schema_for!(CaseFile)
}

/// The same of a `peer.yaml`.
pub fn peer_schema() -> Schema {
    schema_for!(Peer)
}

/// The same of the ledger.
pub fn ledger_schema() -> Schema {
    schema_for!(Ledger)
}
