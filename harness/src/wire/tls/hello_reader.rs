//! Finds the hello of one direction among its first records.

use super::RecordKind;
use super::hello::{self, ClientHello, ServerHello};
use crate::model::Side;
use crate::wire::limits;

/// Octets of a handshake message before its content (RFC 8446 section 4).
const MESSAGE_HEADER: usize = 4;

/// What was found.
#[derive(Debug)]
pub(super) enum Hello {
    Client(ClientHello),
    Server(ServerHello),
}

/// Reads handshake messages up to the hello that is kept, which may span records, as records may hold several messages.
#[derive(Debug)]
pub(super) struct HelloReader {
    side: Side,
    /// Content of handshake records that no message was taken from.
    held: Vec<u8>,
    /// Whether the server has asked for another ClientHello.
    retried: bool,
    /// Whether the hello, or something else in its place, was found: nothing more is read then.
    done: bool,
}

impl HelloReader {
    pub(super) fn new(side: Side) -> Self {
        HelloReader { side, held: Vec::new(), retried: false, done: false }
    }

    /// Takes a record; gives the hello that ended in it, or why there is none.
    pub(super) fn read(
        &mut self,
        kind: RecordKind,
        body: &[u8],
        record: usize,
        at_us: u64,
    ) -> Option<Result<Hello, String>> {
        if self.done {
            return None;
        }
        let found = match kind {
            RecordKind::Handshake => {
                self.held.extend_from_slice(body);
                self.messages(record, at_us)
            }
            // A server may refuse instead of answering, or warn before it answers.
            RecordKind::Alert if self.side == Side::Server => None,
            // Sent for old relays' sake behind a HelloRetryRequest (RFC 8446 appendix D.4).
            RecordKind::ChangeCipherSpec if self.retried => None,
            RecordKind::Alert | RecordKind::ChangeCipherSpec | RecordKind::ApplicationData => {
                Some(Err(format!("a record of type {kind} before the {}", self.name())))
            }
        };
        if found.is_some() {
            self.done = true;
            self.held = Vec::new();
        }
        found
    }

    fn messages(&mut self, record: usize, at_us: u64) -> Option<Result<Hello, String>> {
        loop {
            let &[kind, l1, l2, l3] = self.held.first_chunk::<MESSAGE_HEADER>()?;
            let length = u32::from_be_bytes([0, l1, l2, l3]) as usize;
            let wanted = match self.side {
                Side::Client => 1,
                Side::Server => 2,
            };
            if kind != wanted {
                return Some(Err(format!("a handshake message of type {kind} before the {}", self.name())));
            }
            if length > limits::TLS_HELLO {
                return Some(Err(format!("a {} of {length} octets", self.name())));
            }
            let message = self.held.get(MESSAGE_HEADER..MESSAGE_HEADER + length)?;
            match self.side {
                Side::Client => return Some(hello::client(message, record, at_us).map(Hello::Client)),
                Side::Server => match hello::server(message, record, at_us) {
                    Ok(Some(hello)) => return Some(Ok(Hello::Server(hello))),
                    Ok(None) => self.retried = true,
                    Err(what) => return Some(Err(what)),
                },
            }
            self.held.drain(..MESSAGE_HEADER + length);
        }
    }

    fn name(&self) -> &'static str {
        match self.side {
            Side::Client => "ClientHello",
            Side::Server => "ServerHello",
        }
    }
}
