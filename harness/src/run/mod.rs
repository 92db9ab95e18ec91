//! One run: start the peers, drive every pair through its taps, judge each cell as its evidence is complete, and leave a
//! folder from which everything can be told again.

mod cells;
mod describe;
mod folder;
mod judging;
mod log;
mod measure;
mod observations;
mod pair;
mod peers;
mod replay;

pub use cells::{Interrupt, RunError, RunSettings, run};
pub use folder::{FolderError, RunFolder};
pub use log::{Consumer, EventLog, read_events};
pub use measure::{Rate, Rates, measure};
pub use replay::{Replay, ReplayError, replay};
