//! From evidence to verdict: what the steps say must come of a call, held against the wire and against what the client
//! reported; then the ledger. Pure functions.

mod call;
mod cell;
mod echo;
mod expect;
mod ledger;
mod message;
mod metadata;

pub use cell::{CellEvidence, Judgement, judge};
pub use expect::{Echo, ExpectedCall, expected_calls};
