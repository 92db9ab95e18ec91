//! Payloads: every body is zeros.

use std::sync::LazyLock;

use bytes::Bytes;

use crate::{MAX_MESSAGE_SIZE, proto::grpc::testing::Payload};

/// Shared by all bodies, so that none is allocated for itself.
static ZEROS: LazyLock<Bytes> = LazyLock::new(|| vec![0; MAX_MESSAGE_SIZE].into());

/// A payload whose body is `size` zeros.
pub fn payload(size: usize) -> Payload {
    let body = if size <= ZEROS.len() { ZEROS.slice(..size) } else { vec![0; size].into() };
    Payload { body, ..Payload::default() }
}
