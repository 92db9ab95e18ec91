//! From evidence to verdict: what the steps say must come of a call, held against the wire and against what the client
//! reported; then the ledger. Pure functions.

mod answer;
mod blind;
mod call;
mod cell;
mod chosen;
mod echo;
mod expect;
mod frames;
mod ledger;
mod limit;
mod message;
mod metadata;
mod proof;
mod reached;
mod reported;
mod text;
mod tls;
mod volume;

pub use cell::{CellEvidence, Judgement, Recording, judge};
pub(crate) use expect::expected_call;
pub use expect::{Echo, ExpectedCall, ExpectedResponse, ExpectedStatus, expected_calls};
pub(crate) use frames::streams_of_calls;
pub(crate) use metadata::of_the_case as metadata_of;
