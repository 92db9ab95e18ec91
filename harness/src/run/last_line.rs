/// The last line of what goes by that has anything in it, in bounded memory.
#[derive(Debug, Default)]
pub(crate) struct LastLine {
    line: Vec<u8>,
    /// The line being written.
    next: Vec<u8>,
}

/// Longest line that is kept, in bytes.
pub(crate) const LIMIT: usize = 200;

impl LastLine {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = part.strip_suffix(b"\n");
            let text = line.unwrap_or(part);
            self.next.extend_from_slice(&text[..text.len().min(LIMIT - self.next.len())]);
            if line.is_some() {
                self.end();
            }
        }
    }

    fn end(&mut self) {
        let next = std::mem::take(&mut self.next);
        if !next.trim_ascii().is_empty() {
            self.line = next;
        }
    }

    pub(crate) fn text(mut self) -> String {
        self.end();
        String::from_utf8_lossy(self.line.trim_ascii()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(chunks: &[&str]) -> String {
        let mut last = LastLine::default();
        chunks.iter().for_each(|chunk| last.push(chunk.as_bytes()));
        last.text()
    }

    #[test]
    fn the_last_line_with_anything_in_it_counts() {
        assert_eq!(last(&["a\nKeyEr", "ror: 'x'\n", "\n  \n"]), "KeyError: 'x'");
        assert_eq!(last(&["a\nno end"]), "no end");
        assert_eq!(last(&[]), "");
        assert_eq!(last(&[&"x".repeat(1000)]).len(), LIMIT);
    }
}
