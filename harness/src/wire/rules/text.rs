/// Longest part of a name or value that is shown, in bytes.
const SHOWN: usize = 80;

/// Bytes from the wire for people: escaped, and cut where they are long.
pub(super) fn bytes(value: &[u8]) -> String {
    match value.get(..SHOWN) {
        Some(start) if value.len() > SHOWN => format!("{}... ({} bytes)", start.escape_ascii(), value.len()),
        _ => value.escape_ascii().to_string(),
    }
}

/// A header field for people.
pub(super) fn field(name: &[u8], value: &[u8]) -> String {
    format!("{}: {}", bytes(name), bytes(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_cuts() {
        assert_eq!(field(b"a-bin", b"\0\xff"), "a-bin: \\x00\\xff");
        assert_eq!(bytes(&[b'x'; SHOWN]), "x".repeat(SHOWN));
        assert_eq!(bytes(&[b'x'; SHOWN + 1]), format!("{}... (81 bytes)", "x".repeat(SHOWN)));
    }
}
