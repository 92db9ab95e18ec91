//! One run: start the peers, drive every pair through its taps, judge each cell as its evidence is complete, and leave a
//! folder from which everything can be told again.

mod canary;
mod cells;
mod certificates;
mod describe;
mod folder;
mod inputs;
mod json;
mod judging;
pub(crate) mod last_line;
mod log;
mod measure;
pub(crate) mod observations;
mod pair;
mod peers;
mod process;
mod replay;
mod scripts;
mod slot;
mod template;

pub use cells::{Interrupt, READY, RunError, RunSettings, run};
pub use folder::{FolderError, RunFolder};
pub use json::{json_line, json_pretty};
pub use judging::{RecordingError, read_recording};
pub use log::{Consumer, EventLog, read_events};
pub use measure::{Rate, Rates, measure};
pub use replay::{Replay, ReplayError, replay};

#[cfg(test)]
mod tests;
