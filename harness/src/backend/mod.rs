//! Where peers run. One trait, free of container words; `run` knows nothing else.

mod any_certificate;
mod api;
pub mod containers;
#[cfg(test)]
pub(crate) mod fake;
pub mod probe;

pub use api::{Artifact, Backend, BackendError, Failure, Instance, Job, Pipe, Start};
