use crate::backend::{BackendError, Failure};
use std::fmt::Display;

/// Neither the peer's fault nor the engine's absence.
pub(super) fn infra(what: impl Into<String>) -> BackendError {
    BackendError { failure: Failure::Infra, what: what.into() }
}

/// The engine refused or failed at something.
pub(super) fn engine_failed(at: impl Display, error: impl Display) -> BackendError {
    infra(format!("{at}: {error}"))
}
