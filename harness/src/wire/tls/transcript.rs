use super::{Alert, ClientHello, ServerHello};
use crate::model::Side;
use crate::wire::Ending;
use std::fmt;

/// What can be read of one cell's capture where its bytes are TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsTranscript {
    /// In the order they were accepted. Of one for which the server could not be reached there are only its number and its
    /// end.
    pub connections: Vec<TlsConnection>,
    /// Whether the capture's seal was found: without it, bytes may be missing at the end.
    pub sealed: bool,
}

/// One TCP connection through the tap, read as TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsConnection {
    /// Its number among those that the tap accepted, which is its place in the transcript.
    pub index: usize,
    /// What the client sent.
    pub client: TlsHalf,
    /// What the server sent.
    pub server: TlsHalf,
    /// The first ClientHello: after a HelloRetryRequest there is a second one, which is not kept.
    pub client_hello: Option<ClientHello>,
    /// The first ServerHello that is not a HelloRetryRequest.
    pub server_hello: Option<ServerHello>,
}

impl TlsConnection {
    /// What a side sent.
    pub fn half(&self, side: Side) -> &TlsHalf {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    /// What a side sent, to change.
    pub fn half_mut(&mut self, side: Side) -> &mut TlsHalf {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

/// One direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsHalf {
    /// Whole records in order, the first [`TLS_RECORDS`](crate::wire::limits::TLS_RECORDS) of them.
    pub records: Vec<TlsRecord>,
    /// Whole records beyond those.
    pub left_out: u64,
    /// Its first alert that is not encrypted: a record of two octets, which no encrypted one is.
    pub alert: Option<Alert>,
    /// Where it stops being TLS records, if it does. Nothing behind that is read.
    pub not_tls: Option<NotTls>,
    /// Why its first handshake message is not the hello it should be, if it is not.
    pub hello_defect: Option<HelloDefect>,
    /// All its octets, those that are not TLS included.
    pub octets: u64,
    /// How it ended; absent while it is open.
    pub end: Option<Ending>,
}

/// One record (RFC 8446 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsRecord {
    /// Position among the records of both directions, in the order the tap saw them end.
    pub index: usize,
    /// The type that everyone can see. Of TLS 1.3, all that is encrypted shows as application data.
    pub kind: RecordKind,
    /// Octets after the header.
    pub length: u16,
    /// When the tap had all of it, in microseconds.
    pub at_us: u64,
}

/// The type of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// 20: encryption begins, in TLS 1.2; in TLS 1.3 it means nothing.
    ChangeCipherSpec,
    /// 21.
    Alert,
    /// 22.
    Handshake,
    /// 23.
    ApplicationData,
}

impl RecordKind {
    /// The kind of a type octet; none for those that no record of TLS over TCP has.
    pub fn of(octet: u8) -> Option<RecordKind> {
        match octet {
            20 => Some(RecordKind::ChangeCipherSpec),
            21 => Some(RecordKind::Alert),
            22 => Some(RecordKind::Handshake),
            23 => Some(RecordKind::ApplicationData),
            _ => None,
        }
    }

    /// Its type octet.
    pub fn octet(self) -> u8 {
        match self {
            RecordKind::ChangeCipherSpec => 20,
            RecordKind::Alert => 21,
            RecordKind::Handshake => 22,
            RecordKind::ApplicationData => 23,
        }
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RecordKind::ChangeCipherSpec => "change_cipher_spec",
            RecordKind::Alert => "alert",
            RecordKind::Handshake => "handshake",
            RecordKind::ApplicationData => "application_data",
        })
    }
}

/// Where a direction stops being TLS: an unknown record type, a version that is not 3.something, or a length beyond
/// [`TLS_RECORD`](crate::wire::limits::TLS_RECORD).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTls {
    /// The octets from there on, the first [`NOT_TLS`](crate::wire::limits::NOT_TLS) of them.
    pub octets: Vec<u8>,
    /// Whole records of that direction before them.
    pub after_records: u64,
    /// When the tap had the octet that gives it away, in microseconds.
    pub at_us: u64,
}

/// That something stands where a hello should be, or that the hello cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelloDefect {
    /// Index of the record it was found in.
    pub record: usize,
    /// In words.
    pub what: String,
    /// When the tap had all of that record, in microseconds.
    pub at_us: u64,
}
