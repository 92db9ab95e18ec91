//! Peers in containers, on a Docker engine (API 1.41 and up).
//!
//! Containers are started through testcontainers. Networks, execs, logs and the search for leftovers go to the same engine
//! through the client that testcontainers hands out, because testcontainers has no labels for networks, does not tell an
//! exec's process and knows nothing of an earlier run. Images are built by the Docker command line, whose output is worth showing.
//!
//! Everything made here carries the label `interop.run`; nothing is left to a destructor. [`Containers::finish`](crate::backend::Backend::finish)
//! removes what the run made, [`sweep`] what runs that were killed left behind.

mod base;
mod engine;
mod error;
mod exec;
mod images;
mod instance;
mod logs;
mod naming;
mod network;
mod pump;
mod removal;
mod run;
mod scratch;
mod spec;
mod tool;
mod transfer;

pub use engine::Engine;
pub use images::{ImagePlaces, Images};
pub use naming::{LABEL_FOLDER, LABEL_IMAGE, LABEL_PEER, LABEL_ROLE, LABEL_RUN};
pub use removal::{Leftovers, sweep};
pub use run::{Containers, ContainersConfig};
pub use scratch::sweep_scratch;
pub use tool::run_tool;
