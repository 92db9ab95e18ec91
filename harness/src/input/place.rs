//! Places of errors that the parser gives none for, or only roughly.

/// Line and column, both from 1.
type Place = (usize, usize);

/// The place of an error. The parser knows that of what it cannot read; a check of ours has that of the mapping which it is
/// about, or none where that is the whole document: then it is that of the first name which the message quotes.
pub(super) fn of_error(text: &str, message: &str, found: Option<Place>) -> Place {
    let start = found.unwrap_or((1, 1));
    let quoted = || message.split('`').skip(1).step_by(2).filter(|name| !name.is_empty());
    if message.contains("duplicate field `") {
        return quoted().next().and_then(|key| second(text, key, start)).unwrap_or(start);
    }
    let of_the_parser = ["invalid ", "unknown field", "unknown variant", "missing field"];
    if found.is_some() && of_the_parser.iter().any(|own| message.contains(own)) {
        return start;
    }
    quoted().find_map(|name| words(text, name, start).next()).unwrap_or(start)
}

/// Where a key stands a second time: below its first place, or in the same line.
fn second(text: &str, key: &str, start: Place) -> Option<Place> {
    let is_key = |(line, column): &Place| {
        let rest = text.lines().nth(line - 1).and_then(|text| text.get(column - 1 + key.len()..));
        rest.is_some_and(|rest| rest.starts_with(':'))
    };
    let mut keys = words(text, key, start).filter(is_key);
    let (line, column) = keys.next()?;
    keys.find(|(other_line, other_column)| *other_line == line || *other_column == column)
}

/// Every place of a word from `start` on.
fn words<'a>(text: &'a str, word: &'a str, (line, column): Place) -> impl Iterator<Item = Place> + 'a {
    let lines = text.lines().enumerate().skip(line - 1);
    let places = lines.flat_map(move |(number, text)| {
        let places = text.match_indices(word).filter(move |(at, _)| is_word(text, *at, word.len()));
        places.map(move |(at, _)| (number + 1, at + 1))
    });
    places.filter(move |place| *place >= (line, column))
}

fn is_word(line: &str, at: usize, length: usize) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    !part(line[..at].chars().next_back()) && !part(line[at + length..].chars().next())
}
