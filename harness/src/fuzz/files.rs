use crate::input::{InputError, texts};
use crate::judge::expected_calls;

/// A text as a case, as `peer.yaml` and as the ledger: it is read, or refused with a place that is in it.
pub fn files(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match texts::case(text) {
        Ok(case) => drop(expected_calls(&case)),
        Err(error) => is_placed(&error, text),
    }
    texts::peer(text).err().iter().for_each(|error| is_placed(error, text));
    texts::ledger(text).err().iter().for_each(|error| is_placed(error, text));
}

fn is_placed(error: &InputError, text: &str) {
    // What ends a line in YAML 1.1. The end of a text whose last line has no end is the parser's next line.
    let ends = text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
    let (line, column) = error.at.expect("an error about a text has a place");
    assert!((1..=ends + 2).contains(&line), "line {line} of {}", ends + 1);
    assert!((1..=text.len() + 1).contains(&column), "column {column}");
    assert!(!error.what.is_empty());
}
