use super::Missed;
use super::events::{Event, describe, events};
use crate::model::{Fault, Level, WireEvent};
use crate::wire::{Connection, Stream};

/// What breaks the order, at most one thing: the first event that is out of place, or missing.
pub(super) fn order(expected: &[WireEvent], connection: &Connection, stream: &Stream) -> Option<Missed> {
    let observed: Vec<Event> = events(stream).into_iter().filter(|event| expected.contains(&event.kind)).collect();
    let pairs = expected.iter().zip(&observed);
    let at = pairs.take_while(|(expected, observed)| **expected == observed.kind).count();
    let (wanted, got) = (expected.get(at), observed.get(at));
    let rest = observed.get(at..).unwrap_or_default();
    let fault = match (wanted, got) {
        (None, None) => return None,
        // A reset ends the stream: what is missing behind it is missing because of it.
        (_, Some(got)) if matches!(got.kind, WireEvent::Cancel | WireEvent::Reset) => got.side.into(),
        (Some(wanted), _) if short(*wanted, expected.get(at..).unwrap_or_default(), rest) => owes(*wanted),
        (_, Some(got)) => got.side.into(),
        (Some(wanted), None) => owes(*wanted),
    };
    let frame = got.map(|event| event.frame).or_else(|| last_frame(connection, stream));
    let expected: Vec<String> = expected.iter().map(|kind| describe(*kind).to_owned()).collect();
    let observed: Vec<String> = observed.iter().map(|e| format!("{} ({})", describe(e.kind), e.frame)).collect();
    Some(Missed { level: Level::Must, fault, frame, expected: list(&expected), observed: list(&observed) })
}

/// Whether there are fewer of a kind than expected.
fn short(kind: WireEvent, expected: &[WireEvent], observed: &[Event]) -> bool {
    let wanted = expected.iter().filter(|wanted| **wanted == kind).count();
    observed.iter().filter(|event| event.kind == kind).count() < wanted
}

fn owes(kind: WireEvent) -> Fault {
    match kind {
        WireEvent::Request | WireEvent::HalfClose | WireEvent::Cancel => Fault::Client,
        WireEvent::Response | WireEvent::Trailers => Fault::Server,
        WireEvent::Reset => Fault::Unknown,
    }
}

fn last_frame(connection: &Connection, stream: &Stream) -> Option<usize> {
    connection.frames.iter().rev().find(|frame| frame.stream == stream.id).map(|frame| frame.index)
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "nothing of the kind".to_owned() } else { items.join(", ") }
}
