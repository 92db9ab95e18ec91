use super::TlsVersion;
use super::extensions::Extensions;
use tls_parser::{parse_tls_handshake_client_hello, parse_tls_handshake_server_hello};

/// The random by which a HelloRetryRequest is told from other ServerHellos: the SHA-256 of "HelloRetryRequest" (RFC 8446
/// section 4.1.3).
pub(super) const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What a client offers (RFC 8446 section 4.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientHello {
    /// The first host name of `server_name` (RFC 6066 section 3); what is not UTF-8 in it is replaced.
    pub server_name: Option<String>,
    /// The protocols it offers, preferred one first (RFC 7301 section 3.1); none without the extension.
    pub alpn: Vec<Vec<u8>>,
    /// The versions in `supported_versions` (RFC 8446 section 4.2.1), preferred one first, without the GREASE values of
    /// RFC 8701. Without the extension a client offers all versions up to one, and only that one is here.
    pub versions: Vec<TlsVersion>,
    /// Index of the record it ended in.
    pub record: usize,
    /// When the tap had all of it, in microseconds.
    pub at_us: u64,
}

/// What a server chose (RFC 8446 section 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHello {
    /// The one in `supported_versions`, or the legacy version where there is none.
    pub version: TlsVersion,
    /// The cipher suite, as in the registry of TLS cipher suites.
    pub cipher_suite: u16,
    /// The protocol it chose, in TLS 1.2 and earlier; TLS 1.3 sends it encrypted.
    pub alpn: Option<Vec<u8>>,
    /// Index of the record it ended in.
    pub record: usize,
    /// When the tap had all of it, in microseconds.
    pub at_us: u64,
}

/// Reads the content of a ClientHello, or says why it cannot.
pub(super) fn client(message: &[u8], record: usize, at_us: u64) -> Result<ClientHello, String> {
    let cannot = |what: &str| format!("a ClientHello {what}");
    let (rest, hello) = parse_tls_handshake_client_hello(message).map_err(|_| cannot("that cannot be read"))?;
    if !rest.is_empty() {
        return Err(cannot("with octets behind its fields"));
    }
    let extensions = Extensions::parse(hello.ext.unwrap_or_default()).map_err(|what| cannot(&what))?;
    let versions = match extensions.versions {
        Some(versions) => versions.into_iter().filter(|version| !version.is_grease()).collect(),
        None => vec![TlsVersion(hello.version.0)],
    };
    let (server_name, alpn) = (extensions.server_name, extensions.alpn.unwrap_or_default());
    Ok(ClientHello { server_name, alpn, versions, record, at_us })
}

/// Reads the content of a ServerHello, or says why it cannot; none where it is a HelloRetryRequest.
pub(super) fn server(message: &[u8], record: usize, at_us: u64) -> Result<Option<ServerHello>, String> {
    let cannot = |what: &str| format!("a ServerHello {what}");
    let (rest, hello) = parse_tls_handshake_server_hello(message).map_err(|_| cannot("that cannot be read"))?;
    if !rest.is_empty() {
        return Err(cannot("with octets behind its fields"));
    }
    if hello.random == RETRY_RANDOM {
        return Ok(None);
    }
    let extensions = Extensions::parse(hello.ext.unwrap_or_default()).map_err(|what| cannot(&what))?;
    let chosen = extensions.versions.and_then(|versions| versions.first().copied());
    Ok(Some(ServerHello {
        version: chosen.unwrap_or(TlsVersion(hello.version.0)),
        cipher_suite: hello.cipher.0,
        alpn: extensions.alpn.and_then(|protocols| protocols.into_iter().next()),
        record,
        at_us,
    }))
}
