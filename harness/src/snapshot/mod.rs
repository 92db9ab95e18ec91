//! Holds what a run's cells look like against what was accepted: `cases/snapshots`, in the file format of insta, so that
//! `cargo insta review` shows and accepts what changed.

mod accepted;
mod cells;
mod compare;
mod counts;
mod files;
mod pending;
mod run;
mod shown;
mod text;

pub use compare::{Comparison, Outcome, Snapshot, Subject, compare};
pub use counts::Counts;
pub use files::{FOLDER, accepted_text};
pub use pending::{Refused, blessing_is_forbidden, write_pending};
pub use shown::shown;
pub use text::{diff, text};

#[cfg(test)]
mod tests;
