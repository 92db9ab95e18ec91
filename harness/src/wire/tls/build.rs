//! Writes TLS records and hellos, good or broken, for fixtures and for explaining a rule by example.
//!
//! ```
//! use interop::model::Side::{Client, Server};
//! use interop::wire::build::Exchange;
//! use interop::wire::tls::build::{client_hello, server_hello};
//! use interop::wire::tls::TlsVersion;
//!
//! let client = client_hello().server_name("foo.test").alpn(&["h2"]).versions(&[0x0304, 0x0303]);
//! let server = server_hello().versions(&[0x0304]);
//! let connection = Exchange::new().bytes(Client, client.record()).bytes(Server, server.record()).tls_connection();
//! assert_eq!(connection.client_hello.unwrap().server_name.as_deref(), Some("foo.test"));
//! assert_eq!(connection.server_hello.unwrap().version, TlsVersion::TLS_1_3);
//! ```

use super::RecordKind;
use super::hello::RETRY_RANDOM;

/// TLS_AES_128_GCM_SHA256, of TLS 1.3.
const SUITE_1_3: u16 = 0x1301;
/// TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, of TLS 1.2.
const SUITE_1_2: u16 = 0xc02f;

/// A hello being written.
#[derive(Debug, Clone)]
pub struct Hello {
    from_client: bool,
    legacy_version: u16,
    random: [u8; 32],
    suites: Vec<u16>,
    extensions: Vec<u8>,
}

/// A ClientHello with the legacy version of TLS 1.2, a cipher suite of TLS 1.2 and one of TLS 1.3, and no extension.
pub fn client_hello() -> Hello {
    let suites = vec![SUITE_1_3, SUITE_1_2];
    Hello { from_client: true, legacy_version: 0x0303, random: [7; 32], suites, extensions: Vec::new() }
}

/// A ServerHello with the legacy version and a cipher suite of TLS 1.2 and no extension.
pub fn server_hello() -> Hello {
    Hello { from_client: false, suites: vec![SUITE_1_2], ..client_hello() }
}

/// A HelloRetryRequest (RFC 8446 section 4.1.4) of TLS 1.3.
pub fn hello_retry_request() -> Hello {
    Hello { random: RETRY_RANDOM, ..server_hello() }.versions(&[0x0304])
}

impl Hello {
    /// Sets the version that stands first (`legacy_version`).
    pub fn legacy_version(self, version: u16) -> Hello {
        Hello { legacy_version: version, ..self }
    }

    /// Adds any extension.
    pub fn extension(mut self, kind: u16, content: impl AsRef<[u8]>) -> Hello {
        self.extensions.extend(kind.to_be_bytes());
        self.extensions.extend(long(content));
        self
    }

    /// Adds `server_name` with one host name (RFC 6066 section 3).
    pub fn server_name(self, name: &str) -> Hello {
        let host = [&[0], long(name).as_slice()].concat();
        self.extension(0, long(host))
    }

    /// Adds `application_layer_protocol_negotiation` (RFC 7301 section 3.1).
    pub fn alpn(self, protocols: &[&str]) -> Hello {
        let names: Vec<u8> = protocols.iter().flat_map(short).collect();
        self.extension(16, long(names))
    }

    /// Adds `supported_versions` (RFC 8446 section 4.2.1): of a server the first of them, with TLS 1.3's cipher suite.
    pub fn versions(mut self, versions: &[u16]) -> Hello {
        let octets: Vec<u8> = versions.iter().flat_map(|version| version.to_be_bytes()).collect();
        if self.from_client {
            return self.extension(43, short(octets));
        }
        self.suites = vec![SUITE_1_3];
        self.extension(43, octets.first_chunk::<2>().copied().unwrap_or_default())
    }

    /// The handshake message (RFC 8446 sections 4.1.2 and 4.1.3).
    pub fn message(&self) -> Vec<u8> {
        let suites: Vec<u8> = self.suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
        let mut content = [&self.legacy_version.to_be_bytes(), self.random.as_slice(), &short([1; 32])].concat();
        content.extend(if self.from_client { long(suites) } else { suites });
        content.extend(if self.from_client { short([0]) } else { vec![0] });
        if !self.extensions.is_empty() {
            content.extend(long(&self.extensions));
        }
        handshake(if self.from_client { 1 } else { 2 }, content)
    }

    /// The handshake message, in one record.
    pub fn record(&self) -> Vec<u8> {
        record(RecordKind::Handshake, self.message())
    }
}

/// A record: type, version 3.3, length, content.
pub fn record(kind: RecordKind, content: impl AsRef<[u8]>) -> Vec<u8> {
    [&[kind.octet(), 3, 3], long(content).as_slice()].concat()
}

/// A record that is, or looks like, application data of so many octets.
pub fn protected(octets: usize) -> Vec<u8> {
    record(RecordKind::ApplicationData, vec![0; octets])
}

/// A record with an alert that is not encrypted.
pub fn alert(level: u8, description: u8) -> Vec<u8> {
    record(RecordKind::Alert, [level, description])
}

/// A handshake message: type, length, content.
pub fn handshake(kind: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let [_, length @ ..] = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[kind], length.as_slice(), content].concat()
}

/// A vector with two octets of length before it.
fn long(content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    [u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes().as_slice(), content].concat()
}

/// A vector with one octet of length before it.
fn short(content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    [&[u8::try_from(content.len()).unwrap_or(u8::MAX)], content].concat()
}
