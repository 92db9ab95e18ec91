use super::view::{Kind, Seen, blocks};
use super::{Broken, text};
use crate::model::Side;
use crate::wire::{Connection, is_grpc_type};
use std::net::Ipv6Addr;

pub(super) fn w1(connection: &Connection) -> Vec<Broken> {
    let mut broken = Vec::new();
    for seen in requests(connection) {
        broken.extend(unless(&seen, ":method", ":method: POST", |value| value == b"POST"));
        // Over TLS, where it is https, no frames are seen.
        broken.extend(unless(&seen, ":scheme", ":scheme: http", |value| value == b"http"));
        broken.extend(unless(&seen, ":path", ":path of the form /service/method", is_path));
        broken.extend(unless(&seen, ":authority", ":authority of the form host[:port]", is_authority));
    }
    broken
}

pub(super) fn w2(connection: &Connection) -> Vec<Broken> {
    const CONNECTION_SPECIFIC: [&[u8]; 5] =
        [b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"];
    let mut broken = Vec::new();
    for seen in blocks(connection) {
        if seen.kind == Kind::Request {
            broken.extend(unless(&seen, "te", "te: trailers", |value| value == b"trailers"));
        }
        for (name, value) in &seen.block.fields {
            let in_response = seen.side == Side::Server && name.as_ref() == b"te";
            if in_response || CONNECTION_SPECIFIC.contains(&name.as_ref()) {
                broken.push(seen.broken("no connection-specific header", text::field(name, value)));
            }
        }
    }
    broken
}

pub(super) fn w3(connection: &Connection) -> Vec<Broken> {
    requests(connection).flat_map(|seen| content_type(&seen)).collect()
}

pub(super) fn w17(connection: &Connection) -> Vec<Broken> {
    let expected = "user-agent of the form grpc-language[-variant]/version";
    let wrong = |seen: Seen<'_>| unless(&seen, "user-agent", expected, is_user_agent).into_iter().next();
    requests(connection).find_map(wrong).into_iter().collect()
}

/// What is wrong with the content type of a request or a response.
pub(super) fn content_type(seen: &Seen<'_>) -> Vec<Broken> {
    let expected = "content-type: application/grpc, alone or with +format or ;parameter";
    let mut broken = unless(seen, "content-type", expected, is_grpc_type);
    let count = seen.block.all("content-type").count();
    if count > 1 {
        broken.push(seen.broken("one content-type", format!("{count} of them")));
    }
    broken
}

/// Every value of a name that does not hold, or its absence.
pub(super) fn unless(seen: &Seen<'_>, name: &str, expected: &str, holds: impl Fn(&[u8]) -> bool) -> Vec<Broken> {
    let mut values = seen.block.all(name).peekable();
    if values.peek().is_none() {
        return vec![seen.broken(expected, format!("no {name}"))];
    }
    values
        .filter(|value| !holds(value))
        .map(|value| seen.broken(expected, text::field(name.as_bytes(), value)))
        .collect()
}

fn requests(connection: &Connection) -> impl Iterator<Item = Seen<'_>> {
    blocks(connection).filter(|seen| seen.kind == Kind::Request)
}

fn is_path(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"/") else { return false };
    let mut parts = rest.split(|byte| *byte == b'/');
    let mut named = || parts.next().is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_graphic));
    named() && named() && parts.next().is_none()
}

/// host[:port] of RFC 3986 section 3.2, without user information and not empty.
fn is_authority(value: &[u8]) -> bool {
    let Ok(value) = std::str::from_utf8(value) else { return false };
    let (host_holds, rest) = match value.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host.parse::<Ipv6Addr>().is_ok(), rest),
        None => {
            let (host, rest) = value.split_at(value.find(':').unwrap_or(value.len()));
            (is_host(host.as_bytes()), rest)
        }
    };
    host_holds && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

fn is_host(host: &[u8]) -> bool {
    !host.is_empty() && host.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(byte))
}

/// What follows the version, in parentheses or as further products, is free.
fn is_user_agent(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"grpc-") else { return false };
    let product = rest.split(|byte| *byte == b' ').next().unwrap_or_default();
    let mut parts = product.splitn(2, |byte| *byte == b'/');
    let mut named = || parts.next().is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_graphic));
    named() && named()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_agents() {
        for good in
            ["grpc-go/1.79.3", "grpc-c++/1.51.1 grpc-c/29.0.0 (linux; chttp2)", "grpc-java-android/0.9.1 (x; y)"]
        {
            assert!(is_user_agent(good.as_bytes()), "{good}");
        }
        for bad in
            ["", "tonic/0.14.9", "grpc-go", "grpc-/1.0", "grpc-go/", "grpc-go/ 1.0", "x grpc-go/1.0", "grpc go/1.0"]
        {
            assert!(!is_user_agent(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn authorities() {
        for good in ["localhost", "127.0.0.1:8080", "[::1]:50051", "[fe80::1]", "foo.test.google.fr", "a%2Fb"] {
            assert!(is_authority(good.as_bytes()), "{good}");
        }
        for bad in
            ["", ":80", "a:", "a:+1", "a:99999", "a:b:1", "me@host", "/run/x.sock", "[::1", "[x]:1", "[::1]80", "a b"]
        {
            assert!(!is_authority(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn paths() {
        assert!(is_path(b"/grpc.testing.TestService/UnaryCall"));
        for bad in ["", "/", "/a", "a/b", "/a/", "//b", "/a/b/c", "/a/b ", "/a/b\u{e9}"] {
            assert!(!is_path(bad.as_bytes()), "{bad}");
        }
    }
}
