use super::text::bytes;
use super::{Broken, TlsContext};
use crate::model::Side;
use crate::wire::tls::{ClientHello, ServerHello, TlsConnection, TlsVersion};

/// HTTP/2 over TLS, as ALPN names it (RFC 9113 section 3.1).
const H2: &[u8] = b"h2";

pub(super) fn w18(connection: &TlsConnection, context: &TlsContext) -> Vec<Broken> {
    let Some(client) = &connection.client_hello else { return Vec::new() };
    let mut broken = offer(client, context);
    if let Some(server) = &connection.server_hello {
        broken.extend(choice(client, server));
    }
    broken
}

/// What the client offers.
fn offer(client: &ClientHello, context: &TlsContext) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut say = |expected: String, observed: String| {
        broken.push(Broken::new(Side::Client, client.record, expected, observed));
    };
    if !client.versions.iter().copied().any(fits_http2) {
        say("an offer of TLS 1.2 or higher".to_owned(), versions(client));
    }
    if !offers_h2(client) {
        say("an ALPN offer of h2".to_owned(), protocols(client));
    }
    if let Some(told) = &context.server_name {
        let sent = client.server_name.as_deref();
        // Names of hosts have no case (RFC 6066 section 3).
        if !sent.is_some_and(|sent| sent.eq_ignore_ascii_case(told)) {
            say(format!("server name {told}"), sent.map_or("none".to_owned(), |sent| bytes(sent.as_bytes())));
        }
    }
    broken
}

/// What the server chose of it.
fn choice(client: &ClientHello, server: &ServerHello) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut say = |expected: &str, observed: String| {
        broken.push(Broken::new(Side::Server, server.record, expected, observed));
    };
    if !fits_http2(server.version) {
        say("a version of TLS 1.2 or higher", server.version.to_string());
    } else if !client.versions.contains(&server.version) {
        let observed = format!("{} where it offers {}", server.version, versions(client));
        say("a version that the client offers", observed);
    }
    let shown = server.version < TlsVersion::TLS_1_3;
    if shown && offers_h2(client) && server.alpn.as_deref() != Some(H2) {
        say("ALPN choice h2", server.alpn.as_deref().map_or("none".to_owned(), bytes));
    }
    broken
}

fn offers_h2(client: &ClientHello) -> bool {
    client.alpn.iter().any(|protocol| protocol == H2)
}

/// Whether a version is TLS 1.2 or higher. Drafts of TLS 1.3 and DTLS have numbers far above and are neither.
fn fits_http2(version: TlsVersion) -> bool {
    version >= TlsVersion::TLS_1_2 && version < TlsVersion(0x0400)
}

fn versions(client: &ClientHello) -> String {
    let versions: Vec<_> = client.versions.iter().map(ToString::to_string).collect();
    if versions.is_empty() { "none".to_owned() } else { bytes(versions.join(", ").as_bytes()) }
}

fn protocols(client: &ClientHello) -> String {
    if client.alpn.is_empty() { "none".to_owned() } else { bytes(&client.alpn.join(b", ".as_slice())) }
}
