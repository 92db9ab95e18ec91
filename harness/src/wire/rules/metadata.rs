use super::limit::Limit;
use super::view::{Kind, Seen, blocks};
use super::{Broken, Context, text};
use crate::model::Side;
use crate::wire::{Connection, SidePair, setting};

pub(super) fn w4(connection: &Connection, _: &Context) -> Vec<Broken> {
    let takes_raw = |receiver| Limit::new(receiver, setting::GRPC_ALLOW_TRUE_BINARY_METADATA, 0).course(connection);
    let takes_raw = SidePair { client: takes_raw(Side::Client), server: takes_raw(Side::Server) };
    let mut broken = Vec::new();
    for seen in blocks(connection) {
        let raw = takes_raw.of(seen.side.other()).before(seen.block.first_frame) == 1;
        for (name, value) in seen.block.fields.iter().filter(|(name, _)| !name.starts_with(b":")) {
            let expected = if !is_name(name) {
                "a header name of 0-9 a-z _ - ."
            } else if !name.ends_with(b"-bin") {
                if value.iter().all(|byte| (0x20..=0x7e).contains(byte)) {
                    continue;
                }
                "a value of bytes 0x20 to 0x7e"
            } else if value.first() == Some(&0) {
                if raw {
                    continue;
                }
                "base64, as the receiver did not announce setting 0xfe03 = 1"
            } else if value.split(|byte| *byte == b',').all(is_base64) {
                continue;
            } else {
                "base64, padded or not"
            };
            broken.push(seen.broken(expected, text::field(name, value)));
        }
    }
    broken
}

pub(super) fn w5(connection: &Connection, _: &Context) -> Vec<Broken> {
    blocks(connection).flat_map(|seen| pseudo_headers(&seen).into_iter().chain(reserved_names(&seen))).collect()
}

fn pseudo_headers(seen: &Seen<'_>) -> Vec<Broken> {
    let known: &[&[u8]] = match seen.side {
        Side::Client => &[b":method", b":scheme", b":path", b":authority"],
        Side::Server => &[b":status"],
    };
    let fields = &seen.block.fields;
    let mut broken = Vec::new();
    for (at, (name, value)) in fields.iter().enumerate().filter(|(_, (name, _))| name.starts_with(b":")) {
        let before = fields.get(..at).unwrap_or_default();
        let expected = if matches!(seen.kind, Kind::RequestTrailers | Kind::Trailers) {
            "no pseudo-header in trailers"
        } else if !known.contains(&name.as_ref()) {
            "no unknown pseudo-header"
        } else if before.iter().any(|(earlier, _)| earlier == name) {
            "each pseudo-header once"
        } else if before.iter().any(|(earlier, _)| !earlier.starts_with(b":")) {
            "pseudo-headers before all others"
        } else {
            continue;
        };
        broken.push(seen.broken(expected, text::field(name, value)));
    }
    broken
}

fn reserved_names(seen: &Seen<'_>) -> Vec<Broken> {
    const EITHER: [&[u8]; 5] =
        [b"grpc-encoding", b"grpc-accept-encoding", b"grpc-message-type", b"grpc-trace-bin", b"grpc-tags-bin"];
    const REQUEST: [&[u8]; 2] = [b"grpc-timeout", b"grpc-previous-rpc-attempts"];
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

fn is_base64(value: &[u8]) -> bool {
    let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
    let digits = value.get(..value.len() - padding).unwrap_or_default();
    let alphabet = digits.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte));
    let whole = digits.len() % 4 != 1 && (padding == 0 || (padding <= 2 && value.len().is_multiple_of(4)));
    alphabet && whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64() {
        for good in ["", "AA", "AA==", "AAE", "AAE=", "AAEC", "ab+/"] {
            assert!(is_base64(good.as_bytes()), "{good}");
        }
        for bad in ["A", "AAAAA", "A===", "AA=", "AAEC=", "AAEC====", "A=AA", "ab-_", "AA EC", "=", "==", "===="] {
            assert!(!is_base64(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn names() {
        assert!(is_name(b"x-grpc_test.0-bin"));
        for bad in ["", "X-Upper", "a b", "a:b", "\u{e9}"] {
            assert!(!is_name(bad.as_bytes()), "{bad}");
        }
    }
}
