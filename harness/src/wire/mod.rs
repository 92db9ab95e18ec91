//! The wire: from recorded bytes to HTTP/2 frames, gRPC calls and the rules they must keep. Pure functions of bytes.

mod assembler;
pub mod binary;
mod blocks;
pub mod build;
mod connection;
mod decode;
mod frame;
mod hpack;
mod inflate;
pub mod limits;
mod payload;
pub mod percent;
mod reader;
pub mod rules;
mod splitter;
mod transcript;

pub use connection::{Connection, Defect, End, Half, HeaderBlock, Layer, Message, SidePair, Stream, Transcript};
pub use decode::{ConnectionDecoder, Ending};
pub use frame::{Frame, Payload, Priority, Setting, code, flag, kind, setting};
pub use splitter::PREFACE;
pub use transcript::{CAPTURE_FORMAT, CaptureError, decode};

#[cfg(test)]
mod tests;
