use bytes::Bytes;
use thiserror::Error;

/// One gRPC message: a flag octet, a length and so many bytes, across DATA frames as they come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Frame with its first byte.
    pub first_frame: usize,
    /// Frame with its last byte.
    pub last_frame: usize,
    /// The compressed-flag octet as sent.
    pub flag: u8,
    /// Its bytes as sent.
    pub raw: Bytes,
    /// Its bytes inflated by the direction's `grpc-encoding`; those sent where the flag is 0; the reason where that failed.
    pub body: Result<Bytes, Unreadable>,
}

/// Why a message has no body.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// A flag that is neither 0 nor 1.
    #[error("its compressed flag is {0}, not 0 or 1")]
    Flag(u8),
    /// It is compressed, and its direction has no `grpc-encoding` in its headers.
    #[error("it is compressed, and no grpc-encoding says how")]
    Unnamed,
    /// A `grpc-encoding` that this decoder has not got, escaped.
    #[error("grpc-encoding \"{0}\" is not known here")]
    Unknown(String),
    /// Its bytes are not what `grpc-encoding` says.
    #[error("it does not inflate: {0}")]
    Corrupt(String),
    /// It is more than the decoder holds, which says nothing about its sender.
    #[error("it inflates to more than the decoder holds")]
    Limit,
}
