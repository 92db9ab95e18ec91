use crate::model::{Finding, Place, Side};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Version of the form of `show --json`. It changes when a reader of the old form would misread the new one.
pub(super) const FORMAT: u32 = 1;

/// What was on the wire in a cell. Times are in microseconds since the tap began to listen; text of peers is escaped.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// See `FORMAT`.
    pub format: u32,
    /// The cell's id, or the file of a capture.
    pub cell: String,
    /// The verdict and why, in a line.
    pub verdict: String,
    /// Whether the capture is complete.
    pub sealed: bool,
    /// What binds and was found of a frame: the check, the side at fault, and where.
    pub failing: Vec<Failing>,
    /// The connections, as they are looked at.
    #[serde(flatten)]
    pub seen: Seen,
    /// What was found of the cell as a whole.
    pub findings: Vec<Finding>,
}

/// Where a rule or an expectation that binds is broken.
#[derive(Debug, Clone, Serialize)]
pub struct Failing {
    /// Check and side, as in `W8@server`.
    pub fingerprint: String,
    /// The frame.
    pub place: Place,
}

/// The connections of a cell.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "view", content = "connections", rename_all = "snake_case")]
pub enum Seen {
    /// Call by call.
    Calls(Vec<Calls>),
    /// Every frame.
    Frames(Vec<Frames>),
    /// What TLS shows.
    Tls(Vec<Tls>),
}

/// A connection in gRPC terms.
#[derive(Debug, Clone, Serialize)]
pub struct Calls {
    /// Its number among those of the cell.
    pub connection: usize,
    /// Its calls, by stream.
    pub calls: Vec<Call>,
    /// What is in no call: GOAWAY, frames that something was found of, and those of streams that were never opened.
    pub acts: Vec<Act>,
    /// Its frames that are not in a call or in `acts`, by type.
    pub other_frames: BTreeMap<String, usize>,
    /// What could not be decoded.
    pub defects: Vec<Defect>,
    /// How each direction ended.
    pub ends: Vec<End>,
}

/// One call.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// Its stream.
    pub stream: u32,
    /// The `:path` of its request.
    pub path: String,
    /// When it began.
    pub at_us: u64,
    /// How it ended, in words.
    pub ended: String,
    /// What the two sides did, in order.
    pub acts: Vec<Act>,
}

/// Something that a side did.
#[derive(Debug, Clone, Serialize)]
pub struct Act {
    /// Who.
    pub side: Side,
    /// On which stream; 0 is the connection.
    pub stream: u32,
    /// When it was complete.
    pub at_us: u64,
    /// The first and the last frame it took.
    pub frames: [usize; 2],
    /// Whether the side ended its direction of the call with it.
    pub end_stream: bool,
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// What was found of these frames.
    pub findings: Vec<Finding>,
}

/// What a side did.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum What {
    /// Sent a header block.
    Headers {
        /// What it is for.
        block: Block,
        /// Names and values in order.
        fields: Vec<Field>,
        /// What its `grpc-status` and `grpc-message` say, where it has them.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<String>,
    },
    /// Sent a message.
    Message(Message),
    /// Began a message and did not end it.
    PartOfMessage {
        /// Bytes of it.
        bytes: usize,
    },
    /// Ended its direction, with nothing else.
    HalfClose,
    /// Sent another frame.
    Frame(FrameKind),
}

/// What a header block is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// It begins a request.
    RequestHeaders,
    /// It begins a response.
    ResponseHeaders,
    /// It ends one.
    Trailers,
    /// It does both.
    TrailersOnly,
    /// It is a 1xx response.
    Informational,
}

/// One header field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value, what is not printable ASCII escaped.
    pub value: String,
}

/// One gRPC message.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// Which one of its direction, from 1.
    pub number: usize,
    /// Its bytes as sent, without flag and length.
    pub bytes: usize,
    /// Its compressed flag.
    pub flag: u8,
    /// Its bytes inflated, where it is compressed and can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inflated: Option<usize>,
    /// Its type, where the method is one of `proto/`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What is in it, where its type is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
    /// The same in a line.
    #[serde(skip)]
    pub in_words: Option<String>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// A connection, frame by frame.
#[derive(Debug, Clone, Serialize)]
pub struct Frames {
    /// Its number among those of the cell.
    pub connection: usize,
    /// In the order the tap saw them end.
    pub frames: Vec<OneFrame>,
    /// What could not be decoded.
    pub defects: Vec<Defect>,
    /// How each direction ended.
    pub ends: Vec<End>,
}

/// One frame.
#[derive(Debug, Clone, Serialize)]
pub struct OneFrame {
    /// Its number among those of the connection.
    pub frame: usize,
    /// Who sent it.
    pub side: Side,
    /// When.
    pub at_us: u64,
    /// Its stream.
    pub stream: u32,
    /// The rest of it.
    #[serde(flatten)]
    pub kind: FrameKind,
    /// The header fields that are complete with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// The messages that are complete with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
    /// What was found of it.
    pub findings: Vec<Finding>,
}

/// A frame by itself.
#[derive(Debug, Clone, Serialize)]
pub struct FrameKind {
    /// The name of its type.
    #[serde(rename = "type")]
    pub name: String,
    /// Bytes of its payload.
    pub length: u32,
    /// Its flags by name.
    pub flags: Vec<&'static str>,
    /// What its payload says, name and value, where that is no header block and no data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<Field>,
}

/// A connection of TLS.
#[derive(Debug, Clone, Serialize)]
pub struct Tls {
    /// Its number among those of the cell.
    pub connection: usize,
    /// What the client offers, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_hello: Option<String>,
    /// What the server chooses, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_hello: Option<String>,
    /// In the order the tap saw them end.
    pub records: Vec<Record>,
    /// What else there is to say of a side.
    pub remarks: Vec<Defect>,
}

/// One record of TLS.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Its number among those of the connection.
    pub record: usize,
    /// Who sent it.
    pub side: Side,
    /// When.
    pub at_us: u64,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Octets after its header.
    pub length: u16,
    /// What was found of it.
    pub findings: Vec<Finding>,
}

/// Something to say of what a side sent.
#[derive(Debug, Clone, Serialize)]
pub struct Defect {
    /// Who.
    pub side: Side,
    /// In words.
    pub what: String,
}

/// The end of a direction.
#[derive(Debug, Clone, Serialize)]
pub struct End {
    /// Whose.
    pub side: Side,
    /// `closed` or `broken`; nothing where it was open to the last.
    pub how: Option<&'static str>,
    /// Whether it was the first of the two.
    pub first: bool,
}
