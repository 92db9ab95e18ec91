use super::limit::Limit;
use super::view::{Kind, Seen, blocks};
use super::{Broken, text};
use crate::model::Side;
use crate::wire::{Connection, SidePair, binary, setting};
use std::collections::BTreeSet;

pub(super) fn w4(connection: &Connection) -> Vec<Broken> {
    let takes_raw = |receiver| Limit::new(receiver, setting::GRPC_ALLOW_TRUE_BINARY_METADATA, 0).course(connection);
    let takes_raw = SidePair { client: takes_raw(Side::Client), server: takes_raw(Side::Server) };
    let mut broken = Vec::new();
    for seen in blocks(connection) {
        let raw = takes_raw.of(seen.side.other()).before(seen.block.first_frame) == 1;
        let fields = seen.block.fields.iter().filter(|(name, _)| !name.starts_with(b":"));
        let wrong = fields.filter_map(|(name, value)| Some((name, value, expected(name, value, raw)?)));
        broken.extend(wrong.map(|(name, value, expected)| seen.broken(expected, text::field(name, value))));
    }
    broken
}

/// What a field should be, where it is not so; `raw` where the receiver takes 0x00 followed by raw bytes.
fn expected(name: &[u8], value: &[u8], raw: bool) -> Option<&'static str> {
    let is_binary = name.ends_with(b"-bin");
    let has_edge = matches!(value, [b' ' | b'\t', ..] | [.., b' ' | b'\t']);
    if !is_name(name) {
        Some("a header name of 0-9 a-z _ - .")
    } else if is_binary && value.first() == Some(&0) {
        (!raw).then_some("base64, as the receiver did not announce setting 0xfe03 = 1")
    } else if name == b"grpc-message" {
        // It has an encoding of its own, which W10 is about.
        None
    } else if has_edge {
        Some("a value without white space at its start and end")
    } else if is_binary {
        binary::decode(value).is_err().then_some("base64, padded or not")
    } else {
        let printable = value.iter().all(|byte| (0x20..=0x7e).contains(byte));
        (!printable).then_some("a value of bytes 0x20 to 0x7e")
    }
}

pub(super) fn w5(connection: &Connection) -> Vec<Broken> {
    // That a client sends trailers at all is W13's to say.
    let seen = blocks(connection).filter(|seen| seen.kind != Kind::RequestTrailers);
    seen.flat_map(|seen| pseudo_headers(&seen).into_iter().chain(reserved_names(&seen))).collect()
}

fn pseudo_headers(seen: &Seen<'_>) -> Vec<Broken> {
    let known: &[&[u8]] = match seen.side {
        Side::Client => &[b":method", b":scheme", b":path", b":authority"],
        Side::Server => &[b":status"],
    };
    let mut broken = Vec::new();
    let (mut earlier, mut others) = (BTreeSet::new(), false);
    for (name, value) in &seen.block.fields {
        if !name.starts_with(b":") {
            others = true;
            continue;
        }
        let again = !earlier.insert(name.as_ref());
        let expected = if seen.kind == Kind::Trailers {
            "no pseudo-header in trailers"
        } else if !known.contains(&name.as_ref()) {
            "no unknown pseudo-header"
        } else if again {
            "each pseudo-header once"
        } else if others {
            "pseudo-headers before all others"
        } else {
            continue;
        };
        broken.push(seen.broken(expected, text::field(name, value)));
    }
    broken
}

fn reserved_names(seen: &Seen<'_>) -> Vec<Broken> {
    const EITHER: [&[u8]; 4] = [b"grpc-encoding", b"grpc-accept-encoding", b"grpc-trace-bin", b"grpc-tags-bin"];
    const REQUEST: [&[u8]; 3] = [b"grpc-timeout", b"grpc-message-type", b"grpc-previous-rpc-attempts"];
    const RESPONSE: [&[u8]; 5] = [
        b"grpc-status",
        b"grpc-message",
        b"grpc-status-details-bin",
        b"grpc-retry-pushback-ms",
        b"grpc-server-stats-bin",
    ];
    let (own, what): (&[&[u8]], _) = match seen.side {
        Side::Client => (&REQUEST, "no grpc- name in a request but those defined for it"),
        Side::Server => (&RESPONSE, "no grpc- name in a response but those defined for it"),
    };
    let undefined = |name: &[u8]| name.starts_with(b"grpc-") && !EITHER.contains(&name) && !own.contains(&name);
    let fields = seen.block.fields.iter().filter(|(name, _)| undefined(name));
    fields.map(|(name, value)| seen.broken(what, text::field(name, value))).collect()
}

fn is_name(name: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_lowercase() || b"_-.".contains(byte);
    !name.is_empty() && name.iter().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(is_name(b"x-grpc_test.0-bin"));
        for bad in ["", "X-Upper", "a b", "a:b", "\u{e9}"] {
            assert!(!is_name(bad.as_bytes()), "{bad}");
        }
    }
}
