use super::InputError;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Reads a YAML file of ours strictly.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, InputError> {
    let text = std::fs::read_to_string(path).map_err(|error| InputError::whole(path, cannot_read(&error)))?;
    parse(path, &text)
}

fn cannot_read(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::InvalidData {
        "not UTF-8".to_owned()
    } else {
        format!("cannot be read: {error}")
    }
}

/// Parses YAML text strictly; `path` is for errors only.
pub(super) fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, InputError> {
    serde_yaml::from_str(text).map_err(|error| {
        let what = error.to_string();
        let at = error.location().map(|location| (location.line(), location.column()));
        InputError { path: path.to_owned(), at: Some(at.unwrap_or_else(|| locate(text, &what))), what: explain(&what) }
    })
}

/// The place of an error that the parser gives none for, since it is about a document as a whole: the first of the names it
/// quotes that stands in the text, else the beginning.
fn locate(text: &str, message: &str) -> (usize, usize) {
    let quoted = message.split('`').skip(1).step_by(2);
    let place = |name: &str| {
        let stands = |line: &str| line.match_indices(name).map(|(at, _)| at).find(|at| is_word(line, *at, name.len()));
        text.lines().enumerate().find_map(|(number, line)| Some((number + 1, stands(line)? + 1)))
    };
    quoted.filter(|name| !name.is_empty()).find_map(place).unwrap_or((1, 1))
}

fn is_word(line: &str, at: usize, length: usize) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    !part(line[..at].chars().next_back()) && !part(line[at + length..].chars().next())
}

/// The parser's message without its place, which stands before it already, and with the nearest valid name. The names are
/// taken from the message since serde gives them in no other form.
fn explain(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    let named: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let [given, valid @ ..] = named.as_slice() else { return message.to_owned() };
    if !message.contains("unknown field") && !message.contains("unknown variant") {
        return message.to_owned();
    }
    match nearest(given, valid) {
        Some(name) => format!("{message}; did you mean `{name}`?"),
        None => message.to_owned(),
    }
}

/// The valid name most like `given`, if any is at all like it.
pub(crate) fn nearest<'a>(given: &str, valid: &[&'a str]) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(given, name);
    let best = valid.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.7).then_some(*best)
}
