//! What the decoder holds at most. Nothing is ever allocated by a length that only stands on the wire: memory grows with
//! bytes seen (a frame is held until it ends, which its 24 bits of length bound to 16 MiB), and these bounds hold where few
//! bytes can mean many. Reaching one is a [`Defect`](super::Defect) of
//! [`Layer::Limit`](super::Layer::Limit), which says nothing about the peer.

/// Frames kept of one connection. A frame takes some ten times its smallest wire size in memory.
pub const FRAMES: usize = 2_000_000;

/// Streams kept of one connection.
pub const STREAMS: usize = 100_000;

/// Defects kept of one connection; one more says that others were left out.
pub const DEFECTS: usize = 1_000;

/// Bytes of one header block on the wire, CONTINUATIONs included.
pub const HEADER_BLOCK: usize = 1 << 20;

/// Size of one decoded header list, counted as in RFC 9113 section 6.5.2: 32 more than its bytes for each field.
pub const HEADER_LIST: usize = 1 << 20;

/// Size of all header lists of a connection, counted likewise: one octet can stand for a whole field of the table.
pub const HEADER_LISTS: usize = 256 << 20;

/// Largest dynamic table an encoder may choose. Whether it may choose it is for the rules; stacks use 4 KiB to 64 KiB.
pub const HEADER_TABLE: usize = 1 << 20;

/// Bytes of one message after inflating.
pub const INFLATED_MESSAGE: usize = 64 << 20;

/// Bytes of all messages of a connection after inflating.
pub const INFLATED_MESSAGES: usize = 1 << 30;
