//! Where peers run. One trait, free of container words; `run` knows nothing else.

mod any_certificate;
mod api;
mod archive;
mod command;
pub mod containers;
mod context;
mod error;
#[cfg(test)]
pub(crate) mod fake;
mod guard;
mod log_file;
pub mod probe;
pub mod processes;
mod proxy;

pub(crate) use log_file::LogFile;

pub use api::{Artifact, Backend, BackendError, Failure, Instance, Job, Pipe, Start};
pub use guard::{Guard, guard};
