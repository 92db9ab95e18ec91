//! What a run reads: case files, peer files and the ledger. Strict: whatever is not understood is an error with its place.

mod case_file;
mod durations_file;
mod error;
mod features;
mod ledger_file;
mod peer_file;
mod place;
mod placeholder;
mod project;
mod schema;
mod source;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod texts;
mod yaml;

pub(crate) use yaml::{hint, nearest};

pub use error::InputError;
pub use features::{CLIENT_FEATURES, OFFICIAL_CASES, SERVER_FEATURES};
pub use project::{PeerFolder, Project, find_root};
pub use schema::{case_schema, ledger_schema, peer_schema};
