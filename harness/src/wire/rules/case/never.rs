use super::Missed;
use super::events::{describe, events};
use crate::model::{Level, WireEvent};
use crate::wire::Stream;

/// The first event of each kind that is not to be.
pub(super) fn never(kinds: &[WireEvent], stream: &Stream) -> Vec<Missed> {
    let events = events(stream);
    let firsts = kinds.iter().filter_map(|kind| events.iter().find(|event| event.kind == *kind));
    firsts
        .map(|event| Missed {
            level: Level::Must,
            fault: event.side.into(),
            frame: Some(event.frame),
            expected: format!("no {}", describe(event.kind)),
            observed: format!("{} ({})", describe(event.kind), event.frame),
        })
        .collect()
}
