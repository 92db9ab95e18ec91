//! Peers as processes of this host, without an engine: for somebody who writes a peer, for a first look, and for tests of the whole.
//!
//! A peer takes part whose `peer.yaml` has a section `local`. It is built from a copy of the folder that would be its image's
//! context, and runs with the rights of the user and no limits: what keeps peers apart and small in containers is missing here.
//! Every process runs under [`Guard`](crate::backend::Guard), so that none outlives the harness.

mod backend;
mod build;
mod instance;
mod job;
mod log;
mod ports;
mod spawn;

pub use backend::{Processes, ProcessesConfig};
pub use build::out;
