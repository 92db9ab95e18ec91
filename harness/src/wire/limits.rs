//! What the decoder holds at most. Nothing is ever allocated by a length that only stands on the wire: memory grows with
//! bytes seen (a frame is held until it ends, which its 24 bits of length bound to 16 MiB), and these bounds hold where few
//! bytes can mean many. Reaching one is a [`Defect`](super::Defect) of
//! [`Layer::Limit`](super::Layer::Limit), which says nothing about the peer.

/// Bytes of a capture file when it is decompressed. They are held while their cell is judged.
pub const CAPTURE: usize = 1 << 30;

/// Window that a capture file may ask its reader to hold, as a power of 2: the tap's own are of 2^17 bytes, and were of 2^19.
pub const CAPTURE_WINDOW_LOG: u32 = 20;

/// Connections of a transcript. One takes some kilobytes in memory before its first byte.
pub const CONNECTIONS: usize = 10_000;

/// Frames kept of a transcript. A frame takes some ten times its smallest wire size in memory.
pub const FRAMES: usize = 1_000_000;

/// Streams kept of a transcript.
pub const STREAMS: usize = 100_000;

/// Defects kept of a transcript; one more of each connection says that others were left out.
pub const DEFECTS: usize = 1_000;

/// Bytes of one header block on the wire, CONTINUATIONs included.
pub const HEADER_BLOCK: usize = 1 << 20;

/// Size of one decoded header list, counted as in RFC 9113 section 6.5.2: 32 more than its bytes for each field.
pub const HEADER_LIST: usize = 1 << 20;

/// Size of all header lists of a transcript, counted likewise: one octet can stand for a whole field of the table.
pub const HEADER_LISTS: usize = 128 << 20;

/// Largest dynamic table an encoder may choose. Whether it may choose it is for the rules; stacks use 4 KiB to 64 KiB.
pub const HEADER_TABLE: usize = 1 << 20;

/// Bytes of one message after inflating.
pub const INFLATED_MESSAGE: usize = 64 << 20;

/// Bytes of all messages of a transcript after inflating.
pub const INFLATED_MESSAGES: usize = 256 << 20;

/// Messages of a transcript: one takes some twenty times its smallest wire size in memory.
pub const MESSAGES: usize = 1_000_000;

/// Findings of one rule about one side in a transcript; one more says how many there are besides.
pub const FINDINGS: usize = 100;

/// TLS records kept of a transcript; the others are counted, and judged as those are.
pub const TLS_RECORDS: usize = 2_000_000;

/// Longest TLS record after its header: 2^14 octets and what encryption may add to them, 2048 in TLS 1.2 (RFC 5246 section
/// 6.2.3) and 256 in TLS 1.3 (RFC 8446 section 5.2). What announces more is no record.
pub const TLS_RECORD: usize = (1 << 14) + 2048;

/// Longest hello after its header: a ClientHello with each of its vectors as long as it may be (RFC 8446 section 4.1.2).
pub const TLS_HELLO: usize = 2 + 32 + (1 + 32) + (2 + 65_534) + (1 + 255) + (2 + 65_535);

/// Octets kept of a direction that is not TLS, to be shown.
pub const NOT_TLS: usize = 32;
