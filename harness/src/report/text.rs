/// Text from a peer made safe to print: control characters and everything beyond ASCII are escaped.
pub fn escape(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c == ' ' || c.is_ascii_graphic() { vec![c] } else { c.escape_default().collect() })
        .collect()
}

/// A number with its noun.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
