//! The wire: from recorded bytes to HTTP/2 frames, gRPC calls and the rules they must keep; where the bytes are TLS, to
//! what that shows without keys ([`tls`]). Pure functions of bytes.

mod assembler;
pub mod binary;
mod blocks;
mod budget;
pub mod build;
mod connection;
mod decode;
mod decoder;
mod frame;
mod gather;
mod hpack;
mod inflate;
pub mod limits;
mod message;
mod payload;
pub mod percent;
mod reader;
pub mod rules;
mod splitter;
pub mod tls;
mod transcript;
mod zeros;

pub use budget::Budget;
use connection::is_grpc_type;
pub use connection::{Connection, Defect, Half, HeaderBlock, Layer, Pending, SidePair, Stream, Transcript};
pub use decode::ConnectionDecoder;
pub use decoder::{Decoder, Ending};
pub use frame::{Frame, Payload, Priority, Setting, code, flag, kind, setting};
pub use message::{Message, Unreadable};
pub use splitter::PREFACE;
pub use transcript::{CAPTURE_FORMAT, CaptureError, decode, decode_tls};
pub use zeros::are_zeros;

#[cfg(test)]
mod tests;
