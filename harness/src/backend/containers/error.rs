use crate::backend::BackendError;
use crate::backend::error::infra;
use std::fmt::Display;

/// The engine refused or failed at something.
pub(super) fn engine_failed(at: impl Display, error: impl Display) -> BackendError {
    infra(format!("{at}: {error}"))
}
