use super::input::Input;
use crate::proto::v1::Observation;
use crate::run::last_line::{self, LastLine};
use crate::run::observations::{LIMIT, OutputError, Parser};
use std::mem::discriminant;

/// A client's standard output: it gives the same observations, and then the same error, however the pipe cuts it; what is held stays
/// within what came and within the limit. Its last line is the same too.
pub fn observations(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let cuts = input.cuts();
    let output = input.rest();
    let pieces = cuts.pieces(output);
    let (whole, cut) = (parse(&[output]), parse(&pieces));
    assert_eq!(whole.0, cut.0);
    assert_eq!(discriminant(&whole.1), discriminant(&cut.1), "{} {}", whole.1, cut.1);
    assert!(whole.1.to_string().bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{:?}", whole.1);
    assert_eq!(last_line(&[output]), last_line(&pieces));
}

fn parse(pieces: &[&[u8]]) -> (Vec<Observation>, OutputError) {
    let mut parser = Parser::default();
    let mut observations = Vec::new();
    for piece in pieces {
        parser.buffer().extend_from_slice(piece);
        loop {
            match parser.next() {
                Ok(Some(observation)) => observations.push(observation),
                Ok(None) => break,
                Err(error) => return (observations, error),
            }
        }
        let held = parser.buffer().len();
        assert!(held <= LIMIT + 10, "{held} bytes are held");
        let most = pieces.iter().map(|piece| piece.len()).sum::<usize>() * 2 + 64;
        assert!(parser.buffer().capacity() <= most, "{} of {most}", parser.buffer().capacity());
    }
    (observations, parser.ended())
}

fn last_line(pieces: &[&[u8]]) -> String {
    let mut last = LastLine::default();
    pieces.iter().for_each(|piece| last.push(piece));
    let text = last.text();
    // An octet that is not UTF-8 is shown as a character of three.
    assert!(text.len() <= last_line::LIMIT * 3);
    text
}
