use super::{Direction, Field, Said, Sent};
use serde::Serialize;
use std::fmt;

/// Something that the two decoders do not agree on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where.
    pub direction: Direction,
    /// In what.
    pub what: &'static str,
    /// What this harness reads.
    pub ours: String,
    /// And the other.
    pub theirs: String,
}

/// Everything in which two decoders differ over the same captures.
pub fn compare(ours: &Said, theirs: &Said) -> Vec<Difference> {
    let mut directions: Vec<&Direction> = ours.keys().chain(theirs.keys()).collect();
    directions.sort();
    directions.dedup();
    let nothing = Sent::default();
    let of = |direction: &&Direction| {
        let (a, b) = (ours.get(direction).unwrap_or(&nothing), theirs.get(direction).unwrap_or(&nothing));
        [
            differ("frames (type, length)", &a.frames, &b.frames),
            differ("header fields (list, name, value, length)", &fields(a), &fields(b)),
            differ("messages (compressed flag, bytes)", &a.messages, &b.messages),
            differ("reset codes", &a.resets, &b.resets),
            differ("END_STREAM", &[a.ends], &[b.ends]),
        ]
        .map(|told| told.map(|(what, ours, theirs)| Difference { direction: **direction, what, ours, theirs }))
    };
    directions.iter().flat_map(of).flatten().collect()
}

/// The fields of all header lists, each with its list's number, so that the one that differs is told.
fn fields(sent: &Sent) -> Vec<(usize, &str, &str, usize)> {
    let lists = sent.headers.iter().enumerate();
    lists.flat_map(|(at, list)| list.iter().map(move |one: &Field| (at, &*one.name, &*one.value, one.length))).collect()
}

/// Where two lists differ: from the first element on that is not the same in both.
fn differ<T: PartialEq + fmt::Debug>(
    what: &'static str,
    ours: &[T],
    theirs: &[T],
) -> Option<(&'static str, String, String)> {
    if ours == theirs {
        return None;
    }
    let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let told = |list: &[T]| match list.get(same) {
        Some(element) => format!("{} in all, number {same} is {element:?}", list.len()),
        None => format!("{} in all", list.len()),
    };
    Some((what, told(ours), told(theirs)))
}
