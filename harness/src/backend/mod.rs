//! Where peers run. One trait, free of container words; `run` knows nothing else.

mod any_certificate;
mod api;
pub mod containers;
#[cfg(test)]
pub(crate) mod fake;
mod log_file;
pub mod probe;

pub(crate) use log_file::LogFile;

pub use api::{Artifact, Backend, BackendError, Failure, Instance, Job, Pipe, Start};
