//! Why a handler stops early, and the status that the client gets then.

use grpcio::{Error, RpcStatus, RpcStatusCode};

/// Why a handler stopped.
pub enum End {
    /// The call is to end with this status, which the handler has still to send.
    Status(RpcStatus),
    /// The call is over: the client has left it, or its deadline has passed.
    Over(Error),
}

impl From<RpcStatus> for End {
    fn from(status: RpcStatus) -> Self {
        Self::Status(status)
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        match error {
            // The call is alive, and the client is owed an answer.
            Error::Codec(_) | Error::InvalidMetadata(_) => Self::Status(internal(&error)),
            error => Self::Over(error),
        }
    }
}

/// The status for an error of the server's own.
pub fn internal(error: &Error) -> RpcStatus {
    RpcStatus::with_message(RpcStatusCode::INTERNAL, error.to_string())
}

/// The status to end a stream of responses with, unless the call is over.
pub fn status(answered: Result<(), End>) -> grpcio::Result<RpcStatus> {
    match answered {
        Ok(()) => Ok(RpcStatus::ok()),
        Err(End::Status(status)) => Ok(status),
        Err(End::Over(error)) => Err(error),
    }
}
