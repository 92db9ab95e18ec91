/// Text from a peer made safe to print within a line: control characters and everything beyond ASCII are escaped.
pub fn escape(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c == ' ' || c.is_ascii_graphic() { vec![c] } else { c.escape_default().collect() })
        .collect()
}

/// The same of text that may have several lines, which stay lines; those after the first begin with `indent`.
pub(super) fn escape_lines(text: &str, indent: &str) -> String {
    text.trim_end().lines().map(escape).collect::<Vec<_>>().join(&format!("\n{indent}"))
}

/// Text of ours as it may be printed, whatever got into it: control characters but the end of a line are escaped, and so is what cannot
/// be seen or turns the direction of writing.
pub fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '\n' | ' ' => vec![c],
            _ if c.is_ascii_graphic() => vec![c],
            _ if c.is_ascii() => c.escape_default().collect(),
            _ => c.escape_debug().collect(),
        })
        .collect()
}

/// Text of ours in lines of at most so many characters, cut at spaces.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + word.len() < width => line.extend([" ", word]),
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// A number with its noun.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
