//! One run: start the peers, drive every pair through its taps, judge each cell as its evidence is complete, and leave a
//! folder from which everything can be told again.

mod bounded;
mod canary;
mod cells;
mod certificates;
mod cores;
mod describe;
mod drive;
mod folder;
mod forms;
mod inputs;
mod interrupt;
mod json;
mod judging;
pub(crate) mod last_line;
mod limits;
mod log;
mod measure;
mod merge;
pub(crate) mod observations;
mod official;
mod pair;
mod past;
mod peers;
mod process;
mod replay;
mod scripts;
mod slot;
mod soak;
mod spent;
mod template;

pub use cells::{RunError, RunSettings, run};
pub use cores::pairs_at_once;
pub use folder::{FolderError, RunFolder};
pub use forms::Forms;
pub use interrupt::Interrupt;
pub use json::{json_line, json_pretty};
pub use judging::{RecordingError, read_recording};
pub use limits::Limits;
pub use log::{Consumer, EventLog};
pub use measure::{Rate, Rates, measure};
pub use merge::{MergeError, merge};
pub use past::{PastRun, read_events, read_run};
pub use replay::{Change, Replay, ReplayError, replay};
pub use soak::CallTime;
pub use spent::{Breakdown, Share, Work};

#[cfg(test)]
mod tests;
