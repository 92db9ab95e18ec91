use super::{BackendError, Failure};

/// Neither the peer's fault nor the engine's absence.
pub(super) fn infra(what: impl Into<String>) -> BackendError {
    BackendError { failure: Failure::Infra, what: what.into() }
}
