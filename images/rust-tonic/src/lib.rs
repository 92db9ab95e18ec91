//! The tonic peer: what the binaries `client` and `server` are made of.

pub mod client;
pub mod describe;
pub mod proto;
pub mod server;
pub mod zeros;

/// Largest message accepted and sent, in bytes.
pub const MAX_MESSAGE_SIZE: usize = 16 << 20;

/// Largest header list accepted: 64 KiB of metadata after base64 has made them a third larger, and 32 bytes for each entry.
pub const MAX_HEADER_LIST_SIZE: u32 = 256 << 10;
