use crate::model::Side;
use bytes::Bytes;

/// One HTTP/2 frame, as it stood on the wire (RFC 9113 section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Position in [`Connection::frames`](super::Connection::frames).
    pub index: usize,
    /// Who sent it.
    pub side: Side,
    /// When its last byte reached the tap, in microseconds since the tap began to listen.
    pub at_us: u64,
    /// Stream id; 0 is the connection.
    pub stream: u32,
    /// The flags octet, see [`flag`].
    pub flags: u8,
    /// Length of the payload on the wire, padding included, in bytes.
    pub length: u32,
    /// The payload.
    pub payload: Payload,
}

impl Frame {
    /// Whether a flag is set; meaningful only for frame types that define it.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// The payload of a frame by type (RFC 9113 section 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// DATA, padding removed.
    Data {
        /// The application bytes.
        data: Bytes,
        /// Pad length, where the frame is padded.
        padding: Option<u8>,
    },
    /// HEADERS; the decoded list is in the stream's [`HeaderBlock`](super::HeaderBlock).
    Headers {
        /// Length of the header block fragment in bytes.
        fragment: u32,
        /// Pad length, where the frame is padded.
        padding: Option<u8>,
        /// The deprecated priority fields, where present.
        priority: Option<Priority>,
    },
    /// PRIORITY.
    Priority(Priority),
    /// RST_STREAM.
    RstStream {
        /// Error code, see [`code`].
        code: u32,
    },
    /// SETTINGS.
    Settings {
        /// Whether it acknowledges the other side's.
        ack: bool,
        /// In the order sent.
        settings: Vec<Setting>,
    },
    /// PUSH_PROMISE.
    PushPromise {
        /// The promised stream.
        promised: u32,
        /// Length of the header block fragment in bytes.
        fragment: u32,
        /// Pad length, where the frame is padded.
        padding: Option<u8>,
    },
    /// PING.
    Ping {
        /// Whether it answers the other side's.
        ack: bool,
        /// Opaque data.
        data: [u8; 8],
    },
    /// GOAWAY.
    GoAway {
        /// Last stream that was or may have been processed.
        last_stream: u32,
        /// Error code, see [`code`].
        code: u32,
        /// Debug data.
        debug: Bytes,
    },
    /// WINDOW_UPDATE.
    WindowUpdate {
        /// Window size increment in bytes.
        increment: u32,
    },
    /// CONTINUATION.
    Continuation {
        /// Length of the header block fragment in bytes.
        fragment: u32,
    },
    /// Any other frame type, to be ignored by receivers (RFC 9113 section 5.5).
    Unknown {
        /// The type octet.
        kind: u8,
    },
    /// A frame of a known type whose payload breaks that type's layout; a [`Defect`](super::Defect) says how.
    Malformed {
        /// The type octet.
        kind: u8,
    },
}

impl Payload {
    /// The type octet of its frame, see [`kind`].
    pub fn kind(&self) -> u8 {
        match self {
            Payload::Data { .. } => kind::DATA,
            Payload::Headers { .. } => kind::HEADERS,
            Payload::Priority(_) => kind::PRIORITY,
            Payload::RstStream { .. } => kind::RST_STREAM,
            Payload::Settings { .. } => kind::SETTINGS,
            Payload::PushPromise { .. } => kind::PUSH_PROMISE,
            Payload::Ping { .. } => kind::PING,
            Payload::GoAway { .. } => kind::GOAWAY,
            Payload::WindowUpdate { .. } => kind::WINDOW_UPDATE,
            Payload::Continuation { .. } => kind::CONTINUATION,
            Payload::Unknown { kind } | Payload::Malformed { kind } => *kind,
        }
    }
}

/// Priority fields of HEADERS and PRIORITY, deprecated (RFC 9113 section 5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    /// Exclusive flag.
    pub exclusive: bool,
    /// Stream dependency.
    pub depends_on: u32,
    /// Weight as sent: one less than the weight meant.
    pub weight: u8,
}

/// One setting: identifier (see [`setting`]) and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Identifier.
    pub id: u16,
    /// Value.
    pub value: u32,
}

/// Frame types (RFC 9113 section 6).
pub mod kind {
    /// DATA.
    pub const DATA: u8 = 0x0;
    /// HEADERS.
    pub const HEADERS: u8 = 0x1;
    /// PRIORITY.
    pub const PRIORITY: u8 = 0x2;
    /// RST_STREAM.
    pub const RST_STREAM: u8 = 0x3;
    /// SETTINGS.
    pub const SETTINGS: u8 = 0x4;
    /// PUSH_PROMISE.
    pub const PUSH_PROMISE: u8 = 0x5;
    /// PING.
    pub const PING: u8 = 0x6;
    /// GOAWAY.
    pub const GOAWAY: u8 = 0x7;
    /// WINDOW_UPDATE.
    pub const WINDOW_UPDATE: u8 = 0x8;
    /// CONTINUATION.
    pub const CONTINUATION: u8 = 0x9;

    /// The name of a frame type, or its number in hexadecimal.
    pub fn name(kind: u8) -> String {
        const NAMES: [&str; 10] = [
            "DATA",
            "HEADERS",
            "PRIORITY",
            "RST_STREAM",
            "SETTINGS",
            "PUSH_PROMISE",
            "PING",
            "GOAWAY",
            "WINDOW_UPDATE",
            "CONTINUATION",
        ];
        NAMES.get(usize::from(kind)).map_or_else(|| format!("{kind:#04x}"), |name| (*name).to_owned())
    }
}

/// Flag bits (RFC 9113 section 6).
pub mod flag {
    /// DATA, HEADERS: the sender will send no more on this stream.
    pub const END_STREAM: u8 = 0x1;
    /// SETTINGS, PING: an acknowledgement.
    pub const ACK: u8 = 0x1;
    /// HEADERS, PUSH_PROMISE, CONTINUATION: the header block ends here.
    pub const END_HEADERS: u8 = 0x4;
    /// DATA, HEADERS, PUSH_PROMISE: padded.
    pub const PADDED: u8 = 0x8;
    /// HEADERS: priority fields present.
    pub const PRIORITY: u8 = 0x20;
}

/// Setting identifiers (RFC 9113 section 6.5.2).
pub mod setting {
    /// Largest dynamic table the sender accepts for its decoder, bytes.
    pub const HEADER_TABLE_SIZE: u16 = 0x1;
    /// Whether server push is allowed.
    pub const ENABLE_PUSH: u16 = 0x2;
    /// Streams the receiver may have open at once.
    pub const MAX_CONCURRENT_STREAMS: u16 = 0x3;
    /// Initial stream window, bytes.
    pub const INITIAL_WINDOW_SIZE: u16 = 0x4;
    /// Largest frame payload the sender accepts, bytes.
    pub const MAX_FRAME_SIZE: u16 = 0x5;
    /// Largest header list the sender accepts, bytes, advisory.
    pub const MAX_HEADER_LIST_SIZE: u16 = 0x6;
    /// gRPC C core's own: whether `-bin` values may come as 0x00 followed by raw bytes.
    pub const GRPC_ALLOW_TRUE_BINARY_METADATA: u16 = 0xfe03;

    /// The registered name of a setting, or its number in hexadecimal.
    pub fn name(id: u16) -> String {
        match id {
            HEADER_TABLE_SIZE => "HEADER_TABLE_SIZE".to_owned(),
            ENABLE_PUSH => "ENABLE_PUSH".to_owned(),
            MAX_CONCURRENT_STREAMS => "MAX_CONCURRENT_STREAMS".to_owned(),
            INITIAL_WINDOW_SIZE => "INITIAL_WINDOW_SIZE".to_owned(),
            MAX_FRAME_SIZE => "MAX_FRAME_SIZE".to_owned(),
            MAX_HEADER_LIST_SIZE => "MAX_HEADER_LIST_SIZE".to_owned(),
            GRPC_ALLOW_TRUE_BINARY_METADATA => "GRPC_ALLOW_TRUE_BINARY_METADATA".to_owned(),
            other => format!("{other:#06x}"),
        }
    }
}

/// Error codes (RFC 9113 section 7).
pub mod code {
    /// No error.
    pub const NO_ERROR: u32 = 0x0;
    /// The stream is no longer needed.
    pub const CANCEL: u32 = 0x8;

    /// The registered name of an error code, or its number in hexadecimal.
    pub fn name(code: u32) -> String {
        const NAMES: [&str; 14] = [
            "NO_ERROR",
            "PROTOCOL_ERROR",
            "INTERNAL_ERROR",
            "FLOW_CONTROL_ERROR",
            "SETTINGS_TIMEOUT",
            "STREAM_CLOSED",
            "FRAME_SIZE_ERROR",
            "REFUSED_STREAM",
            "CANCEL",
            "COMPRESSION_ERROR",
            "CONNECT_ERROR",
            "ENHANCE_YOUR_CALM",
            "INADEQUATE_SECURITY",
            "HTTP_1_1_REQUIRED",
        ];
        let known = usize::try_from(code).ok().and_then(|at| NAMES.get(at));
        known.map_or_else(|| format!("{code:#x}"), |name| (*name).to_owned())
    }
}
