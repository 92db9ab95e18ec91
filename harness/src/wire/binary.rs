//! Values of `-bin` metadata (gRPC's `PROTOCOL-HTTP2.md`, "Custom-Metadata"): base64, or raw where C core agreed on it.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

/// Senders should leave the padding out, receivers must accept both: all of it or none.
const BARE: GeneralPurpose = engine(DecodePaddingMode::RequireNone);
const PADDED: GeneralPurpose = engine(DecodePaddingMode::RequireCanonical);

const fn engine(padding: DecodePaddingMode) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&alphabet::STANDARD, config.with_decode_padding_mode(padding))
}

/// The octets of one header field: several where values were joined by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinaryValues {
    /// The values, in order.
    pub values: Vec<Bytes>,
    /// How they were written.
    pub form: Form,
}

/// How a `-bin` value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Base64.
    Base64 {
        /// Whether any value has padding.
        padded: bool,
    },
    /// 0x00 and raw octets: only for a receiver that announced
    /// [`GRPC_ALLOW_TRUE_BINARY_METADATA`](super::setting::GRPC_ALLOW_TRUE_BINARY_METADATA).
    Raw,
}

/// The octets that a `-bin` field stands for; in words why where it stands for none.
pub fn decode(field: &[u8]) -> Result<BinaryValues, String> {
    if let Some((0, raw)) = field.split_first().map(|(first, raw)| (*first, raw)) {
        return Ok(BinaryValues { values: vec![Bytes::copy_from_slice(raw)], form: Form::Raw });
    }
    let mut padded = false;
    let mut values = Vec::new();
    for value in field.split(|octet| *octet == b',') {
        let value = trim(value);
        let engine = if value.ends_with(b"=") { PADDED } else { BARE };
        padded |= value.ends_with(b"=");
        values.push(engine.decode(value).map(Bytes::from).map_err(|error| format!("no base64: {error}"))?);
    }
    Ok(BinaryValues { values, form: Form::Base64 { padded } })
}

/// What stands between the white space that may surround a member of a list (RFC 9110 section 5.6.1).
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', inner @ ..] | [inner @ .., b' ' | b'\t'] = value {
        value = inner;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use proptest::prelude::*;

    fn base64(padded: bool, values: &[&'static [u8]]) -> Result<BinaryValues, String> {
        let values = values.iter().map(|value| Bytes::from_static(value)).collect();
        Ok(BinaryValues { values, form: Form::Base64 { padded } })
    }

    #[test]
    fn values_of_the_interop_suite() {
        assert_eq!(decode(b"q6ur"), base64(false, &[&[0xab, 0xab, 0xab]]));
        assert_eq!(decode(b"CgsKCwoL"), base64(false, &[&[10, 11, 10, 11, 10, 11]]));
    }

    #[test]
    fn padding_may_be_there_or_not() {
        assert_eq!(decode(b"+/8="), base64(true, &[&[0xfb, 0xff]]));
        assert_eq!(decode(b"+/8"), base64(false, &[&[0xfb, 0xff]]));
        assert_eq!(decode(b""), base64(false, &[b""]));
    }

    #[test]
    fn joined_values_are_split() {
        assert_eq!(decode(b"YQ,Yg==, Yw"), base64(true, &[b"a", b"b", b"c"]));
    }

    #[test]
    fn raw_octets_follow_a_zero() {
        let raw = decode(b"\0a,\xff").unwrap();
        assert_eq!(raw, BinaryValues { values: vec![Bytes::from_static(b"a,\xff")], form: Form::Raw });
    }

    #[test]
    fn what_is_base64() {
        for good in ["", "AA", "AA==", "AAE", "AAE=", "AAEC", "ab+/", "AAEC, AwQF", "AA==\t,AA"] {
            assert!(decode(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in
            ["A", "AAAAA", "A===", "AA=", "AAEC=", "AAEC====", "A=AA", "ab-_", "AA EC", "=", "==", "====", "AA\n"]
        {
            assert!(decode(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(decode(b"ab\xff").is_err());
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(value: Vec<u8>) {
            for engine in [STANDARD, STANDARD_NO_PAD] {
                let decoded = decode(engine.encode(&value).as_bytes()).unwrap();
                prop_assert_eq!(decoded.values, vec![Bytes::from(value.clone())]);
            }
        }
    }
}
