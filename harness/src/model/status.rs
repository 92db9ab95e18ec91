use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A gRPC status code, 0 to 16 (<https://github.com/grpc/grpc/blob/master/doc/statuscodes.md>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names are the specification's own")]
pub enum StatusCode {
    #[default]
    Ok,
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}

const NAMES: [(StatusCode, &str); 17] = [
    (StatusCode::Ok, "OK"),
    (StatusCode::Cancelled, "CANCELLED"),
    (StatusCode::Unknown, "UNKNOWN"),
    (StatusCode::InvalidArgument, "INVALID_ARGUMENT"),
    (StatusCode::DeadlineExceeded, "DEADLINE_EXCEEDED"),
    (StatusCode::NotFound, "NOT_FOUND"),
    (StatusCode::AlreadyExists, "ALREADY_EXISTS"),
    (StatusCode::PermissionDenied, "PERMISSION_DENIED"),
    (StatusCode::ResourceExhausted, "RESOURCE_EXHAUSTED"),
    (StatusCode::FailedPrecondition, "FAILED_PRECONDITION"),
    (StatusCode::Aborted, "ABORTED"),
    (StatusCode::OutOfRange, "OUT_OF_RANGE"),
    (StatusCode::Unimplemented, "UNIMPLEMENTED"),
    (StatusCode::Internal, "INTERNAL"),
    (StatusCode::Unavailable, "UNAVAILABLE"),
    (StatusCode::DataLoss, "DATA_LOSS"),
    (StatusCode::Unauthenticated, "UNAUTHENTICATED"),
];

impl StatusCode {
    /// The code with a number, if there is one.
    pub fn from_number(number: i32) -> Option<StatusCode> {
        usize::try_from(number).ok().and_then(|at| NAMES.get(at)).map(|(code, _)| *code)
    }

    /// Its number.
    pub fn number(self) -> i32 {
        self as i32
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), NAMES[*self as usize].1)
    }
}
