use serde::Serialize;

/// A value as JSON on one line, in ASCII: what a peer sent is in it, and it may be shown on a terminal.
pub fn json_line(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(ascii(&serde_json::to_string(value)?))
}

/// The same for people: over many lines.
pub fn json_pretty(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(ascii(&serde_json::to_string_pretty(value)?))
}

/// What is beyond ASCII stands in strings only, where an escape means the same. JSON asks for one for the first 32 characters
/// only (RFC 8259 section 7).
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            text.push(c);
        } else {
            text.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_printable_ascii_is_escaped_and_means_the_same() {
        let nasty = "\u{1b}[2J\u{7f}\u{9b}\u{202e}é\u{10ffff}\n\"\\ ";
        for json in [json_line(&[nasty]).unwrap(), json_pretty(&[nasty]).unwrap()] {
            assert!(json.bytes().all(|byte| byte == b'\n' || byte == b' ' || byte.is_ascii_graphic()), "{json:?}");
            assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [nasty]);
        }
    }
}
