//! Percent-encoding of `grpc-message` (gRPC's `PROTOCOL-HTTP2.md`, "Status-Message").

use percent_encoding::percent_decode;
use std::borrow::Cow;

/// The text of a `grpc-message` value. A broken escape stays as it is and a broken UTF-8 sequence becomes U+FFFD: the
/// specification forbids to fail here or to throw the message away.
pub fn decode(value: &[u8]) -> Cow<'_, str> {
    match percent_decode(value).into() {
        Cow::Borrowed(octets) => String::from_utf8_lossy(octets),
        Cow::Owned(octets) => Cow::Owned(String::from_utf8_lossy(&octets).into_owned()),
    }
}

/// Whether a `grpc-message` value is text in UTF-8, percent-encoded: its octets are 0x20 to 0x7E, and a `%` begins an escape of
/// two hexadecimal digits, of either case (RFC 5234 section 2.3).
pub fn is_encoded(value: &[u8]) -> bool {
    let mut rest = value;
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => after,
            (b'%', _) => return false,
            (0x20..=0x7e, after) => after,
            (_, _) => return false,
        };
    }
    percent_decode(value).decode_utf8().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
    use proptest::prelude::*;

    /// What must be escaped besides octets beyond ASCII: all but 0x20 to 0x24 and 0x26 to 0x7E.
    const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

    fn encode(text: &str) -> String {
        percent_encode(text.as_bytes(), ESCAPED).to_string()
    }

    const TEXT: &str = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    const WIRE: &str = "%09%0Atest with whitespace%0D%0Aand Unicode BMP %E2%98%BA and non-BMP %F0%9F%98%88%09%0A";

    #[test]
    fn special_status_message_of_the_interop_suite() {
        assert_eq!(encode(TEXT), WIRE);
        assert_eq!(decode(WIRE.as_bytes()), TEXT);
        assert_eq!(decode(WIRE.to_lowercase().as_bytes()), TEXT.to_lowercase());
    }

    #[test]
    fn percent_signs_are_escaped_and_spaces_are_not() {
        assert_eq!(encode("100 % ~\u{7f}"), "100 %25 ~%7F");
    }

    #[test]
    fn other_encodings_are_told() {
        for good in ["", " 100 %25 ~ ", "%09%0a%E2%98%ba", "all%20of%20it"] {
            assert!(is_encoded(good.as_bytes()), "{good}");
        }
        for bad in ["%", "100%", "%2", "%zz", "% 20", "a\tb", "\u{e9}", "%e9", "%E2%98", "\u{7f}"] {
            assert!(!is_encoded(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn broken_escapes_stay() {
        assert_eq!(decode(b"%"), "%");
        assert_eq!(decode(b"a%2"), "a%2");
        assert_eq!(decode(b"%zz%41"), "%zzA");
        assert_eq!(decode(b"%ff."), "\u{fffd}.");
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text: String) {
            let wire = encode(&text);
            prop_assert!(is_encoded(wire.as_bytes()));
            prop_assert_eq!(decode(wire.as_bytes()), text);
        }
    }
}
