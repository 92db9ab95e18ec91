//! The one place where values are made the same that mean the same, or that are others each time.

use super::said::{self, ANY};
use crate::model::StatusCode;
use crate::wire::binary::{self, Form};
use std::fmt::Write;

/// Longest value that stands in full, in characters.
const LONGEST: usize = 160;
/// So many of them are shown of one that does not.
const SHOWN: usize = 40;

/// All values of one name in a header block, in order; one field may hold several.
pub(super) fn values<'a>(name: &str, fields: impl Iterator<Item = &'a [u8]>) -> String {
    fields.map(|field| value(name, field)).collect::<Vec<_>>().join(" & ")
}

/// The value of a header field.
pub(super) fn value(name: &str, field: &[u8]) -> String {
    match name {
        // Addresses and clocks of the run.
        ":authority" | "date" => ANY.to_owned(),
        // What is left of the time; its unit stays.
        "grpc-timeout" => without_digits(&printable(field)),
        "grpc-status" => named(printable(field)),
        "user-agent" | "server" => without_versions(&printable(field)),
        name if name.ends_with("-bin") => shortened(&octets(field)),
        _ => shortened(&printable(field)),
    }
}

/// A status with its name.
fn named(text: String) -> String {
    let code = text.parse().ok().and_then(StatusCode::from_number);
    code.filter(|code| code.number().to_string() == text).map_or(text, |code| code.to_string())
}

/// One line of visible characters. What is printable stays, which makes this idempotent.
pub(super) fn printable(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "\"\"".to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        let outer = at == 0 || at + 1 == bytes.len();
        match byte {
            b' ' if !outer => text.push(' '),
            0x21..=0x7e => text.push(char::from(*byte)),
            _ => drop(write!(text, "\\x{byte:02x}")),
        }
    }
    text
}

/// How the value of a `-bin` field is written, if it is any.
pub(super) fn binary_form(field: &[u8]) -> &'static str {
    match binary::decode(field).map(|decoded| decoded.form) {
        Ok(Form::Base64 { padded: false }) => said::BASE64,
        Ok(Form::Base64 { padded: true }) => said::PADDED,
        Ok(Form::Raw) => said::RAW,
        Err(_) => "no base64",
    }
}

/// The octets of a `-bin` field, in hexadecimal, however they were written.
fn octets(field: &[u8]) -> String {
    let Ok(decoded) = binary::decode(field) else { return printable(field) };
    let hex = |octets: &[u8]| octets.iter().fold("0x".to_owned(), |text, octet| format!("{text}{octet:02x}"));
    decoded.values.iter().map(|value| hex(value)).collect::<Vec<_>>().join(",")
}

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let shown: String = text.chars().take(SHOWN).collect();
    format!("{shown}... ({} characters)", text.len())
}

fn without_digits(text: &str) -> String {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if unit.len() == text.len() { text.to_owned() } else { format!("{ANY}{unit}") }
}

/// What begins with a digit behind a slash is a version.
fn without_versions(text: &str) -> String {
    let is_version = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    let mut parts = text.split('/');
    let mut folded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let version = part.starts_with(|c: char| c.is_ascii_digit());
        let rest = if version { part.trim_start_matches(is_version) } else { part };
        let _ = write!(folded, "/{}{rest}", if version { ANY } else { "" });
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_another_each_time_folds() {
        let folded = [
            (":authority", "172.18.0.2:50051", "#"),
            ("date", "Thu, 26 Nov 2026 10:28:40 GMT", "#"),
            ("grpc-timeout", "499985u", "#u"),
            ("grpc-timeout", "soon", "soon"),
            ("user-agent", "grpc-c++/1.51.1 grpc-c/29.0.0 (linux; chttp2)", "grpc-c++/# grpc-c/# (linux; chttp2)"),
            ("user-agent", "grpc-go/1.80.0-dev", "grpc-go/#"),
            ("grpc-status", "12", "12 UNIMPLEMENTED"),
            ("grpc-status", "007", "007"),
            ("grpc-status", "17", "17"),
            ("x-trace-bin", "q6ur", "0xababab"),
            ("x-trace-bin", "qw==", "0xab"),
            ("x-trace-bin", "\0\u{1}", "0x01"),
            ("x-trace-bin", "", "0x"),
            ("x-note", "a\tb ", "a\\x09b\\x20"),
            ("x-note", "", "\"\""),
        ];
        for (name, field, expected) in folded {
            assert_eq!(value(name, field.as_bytes()), expected, "{name}: {field}");
        }
    }

    #[test]
    fn how_octets_are_written_is_told_apart() {
        let forms =
            [("q6ur", "base64"), ("qw==", "base64 with padding"), ("\0\u{1}", "raw octets"), ("?", "no base64")];
        for (field, form) in forms {
            assert_eq!(binary_form(field.as_bytes()), form, "{field}");
        }
    }

    #[test]
    fn a_long_value_keeps_its_length() {
        assert_eq!(value("x-long", &[b'a'; 300]), format!("{}... (300 characters)", "a".repeat(40)));
    }

    proptest! {
        #[test]
        fn what_is_normal_stays_as_it_is(
            name in "user-agent|server|date|:authority|grpc-timeout|grpc-status|grpc-message|x-note",
            field in prop_oneof![any::<Vec<u8>>(), "[a-z/0-9. #-]{0,200}".prop_map(String::into_bytes)],
        ) {
            let once = value(&name, &field);
            prop_assert_eq!(value(&name, once.as_bytes()), once.clone());
            prop_assert!(once.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && once == once.trim());
        }
    }
}
