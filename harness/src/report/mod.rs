//! Outputs, each a function of a run's events.

mod annotations;
mod check;
mod diff;
mod durations;
mod explain;
mod failure;
mod junit;
mod markdown;
mod matrix;
mod pcapng;
mod peer_table;
mod progress;
mod results;
mod rounds;
mod show;
mod summary;
mod tally;
mod text;

pub use annotations::annotations;
pub use check::{PeerCheck, check_text};
pub use diff::{Diff, Told, diff, diff_text};
pub use durations::durations;
pub use explain::explain;
pub use failure::failure_text;
pub use junit::junit;
pub use markdown::markdown;
pub use matrix::matrix;
pub use pcapng::{Carries, Origin, Packets, SERVER_PORT, Unwritable};
pub use peer_table::peer_table;
pub use progress::Progress;
pub use results::{CellResult, Results, results, results_schema, round_result};
pub use rounds::Outcome;
pub use show::{ShowCell, Shown, View, show, shown};
pub use summary::summary;
pub use text::{escape, plural, printable};

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
