use super::source::Source;
use super::{InputError, place};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};
use std::fmt;
use std::marker::PhantomData;
#[cfg(any(test, feature = "fuzz"))]
use std::path::Path;

/// Deepest nesting of brackets: the parser's time grows with its square. Ours have three or four.
const DEEPEST: usize = 64;

/// Parses a YAML file strictly.
pub(super) fn parse<T: DeserializeOwned>(Source { path, text }: &Source) -> Result<T, InputError> {
    if let Some(at) = too_deep(text) {
        let what = format!("brackets more than {DEEPEST} deep");
        return Err(InputError { path: path.clone(), at: Some(at), what });
    }
    serde_yaml::from_str(text).map_err(|error| {
        let what = error.to_string();
        let at = error.location().map(|location| (location.line(), location.column()));
        let at = place::of_error(text, &what, at);
        let what = if is_tab(text, at) { TAB.to_owned() } else { explain(text, &what) };
        InputError { path: path.clone(), at: Some(at), what }
    })
}

/// The parser's word for it is "a character that cannot start any token".
const TAB: &str = "a tab: YAML is indented with spaces";

fn is_tab(text: &str, (line, column): (usize, usize)) -> bool {
    text.lines().nth(line - 1).and_then(|line| line.chars().nth(column - 1)) == Some('\t')
}

/// Where brackets nest too deep. Those in texts count too: nobody writes so many that do not close.
fn too_deep(text: &str) -> Option<(usize, usize)> {
    let mut depth = 0_usize;
    for (number, line) in text.lines().enumerate() {
        for (column, c) in line.chars().enumerate() {
            match c {
                '[' | '{' => depth += 1,
                ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEEPEST {
                return Some((number + 1, column + 1));
            }
        }
    }
    None
}

/// Reads a mapping and checks it while the parser is at it, for only then has what is wrong a place.
pub(super) fn checked<'de, D, Written, Checked>(deserializer: D) -> Result<Checked, D::Error>
where
    D: Deserializer<'de>,
    Written: Deserialize<'de>,
    Checked: TryFrom<Written, Error = String>,
{
    deserializer.deserialize_map(Check(PhantomData::<(Written, Checked)>))
}

struct Check<T>(PhantomData<T>);

impl<'de, Written, Checked> Visitor<'de> for Check<(Written, Checked)>
where
    Written: Deserialize<'de>,
    Checked: TryFrom<Written, Error = String>,
{
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Checked, A::Error> {
        let written = Written::deserialize(MapAccessDeserializer::new(map))?;
        Checked::try_from(written).map_err(A::Error::custom)
    }
}

/// The parser's message without its place, which stands before it already, in the words of YAML and with the nearest valid
/// name. The names are taken from the message since serde gives them in no other form.
fn explain(text: &str, message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    if message == "repetition limit exceeded" {
        return "aliases (`*name`) repeat too much of the file".to_owned();
    }
    if is_empty(text) {
        return format!("nothing in it: {message}");
    }
    let named: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match named.as_slice() {
        [given, valid @ ..] if message.contains("unknown field") || message.contains("unknown variant") => {
            format!("{message}{}", hint(given, valid))
        }
        _ => in_words_of_yaml(message),
    }
}

/// Whether there is nothing but comments.
fn is_empty(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#') || line == "---")
}

/// serde says what it expected in Rust's words.
fn in_words_of_yaml(message: &str) -> String {
    let Some((what, expected)) = message.rsplit_once(", expected ") else { return message.to_owned() };
    let what = what.replace("invalid type: sequence", "invalid type: list");
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative and not too large",
        "a sequence" => "a list",
        "field identifier" => "a key",
        _ if expected.starts_with("struct ") => "a mapping",
        _ if expected.starts_with("enum ") => "a name, or a mapping of one name",
        _ => expected,
    };
    format!("{what}, expected {expected}")
}

/// The end of a message about a name that is not known: the valid name most like it, if there is one.
pub(crate) fn hint(given: &str, valid: &[&str]) -> String {
    nearest(given, valid).map_or(String::new(), |name| format!("; did you mean `{name}`?"))
}

/// The valid name most like `given`, if any is at all like it.
pub(crate) fn nearest<'a>(given: &str, valid: &[&'a str]) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(given, name);
    let best = valid.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.7).then_some(*best)
}

/// For tests and fuzzing: the text as if it stood in a file.
#[cfg(any(test, feature = "fuzz"))]
pub(super) fn parse_text<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, InputError> {
    parse(&Source { path: path.to_owned(), text: text.to_owned() })
}
