//! The rules that one case adds to those of every call ([`WireRule`]).

mod compressed;

use super::events::{Event, describe, events};
use super::text;
use super::view::{self, frame_name, kind_of};
use crate::model::{Direction, Fault, Finding, Lengths, Level, Place, Side, WireEvent, WireRule, WireStatus};
use crate::wire::{Connection, Message, Payload, Stream, kind, percent};

/// Everything on a stream that breaks a rule of its case. `Credit` is about the whole connection of that stream.
///
/// The check is named `wire.` and the rule's name. At fault is the side whose event is out of place, or which owed the
/// one that is missing.
pub fn check(rule: &WireRule, connection: &Connection, stream: &Stream) -> Vec<Finding> {
    let missed = match rule {
        WireRule::Order(expected) => order(expected, connection, stream).into_iter().collect(),
        WireRule::Never(kinds) => never(kinds, stream),
        WireRule::Lengths(expected) => lengths(expected, stream),
        WireRule::TrailersOnly => trailers_only(stream).into_iter().collect(),
        WireRule::Status(expected) => status(expected, stream),
        // That there is no stream at all is seen where streams are counted.
        WireRule::Unsent => Vec::new(),
        WireRule::Unanswered => unanswered(connection, stream).into_iter().collect(),
        WireRule::Credit(directions) => directions.iter().filter_map(|way| credit(*way, connection)).collect(),
        WireRule::Compressed(expected) => compressed::compressed(expected, stream),
    };
    missed.into_iter().map(|missed| missed.finding(name(rule), connection)).collect()
}

fn name(rule: &WireRule) -> &'static str {
    match rule {
        WireRule::Order(_) => "wire.order",
        WireRule::Never(_) => "wire.never",
        WireRule::Lengths(_) => "wire.lengths",
        WireRule::TrailersOnly => "wire.trailers_only",
        WireRule::Status(_) => "wire.status",
        WireRule::Credit(_) => "wire.credit",
        WireRule::Compressed(_) => "wire.compressed",
        WireRule::Unsent => "wire.unsent",
        WireRule::Unanswered => "wire.unanswered",
    }
}

struct Missed {
    level: Level,
    fault: Fault,
    frame: Option<usize>,
    expected: String,
    observed: String,
}

impl Missed {
    fn finding(self, check: &str, connection: &Connection) -> Finding {
        Finding {
            check: check.to_owned(),
            level: self.level,
            fault: self.fault,
            expected: self.expected,
            observed: self.observed,
            place: self.frame.map(|frame| Place { connection: connection.index, frame }),
        }
    }
}

/// Frames count, not what could be made of them.
fn unanswered(connection: &Connection, stream: &Stream) -> Option<Missed> {
    let server = &stream.server;
    let firsts = [server.heads.first().copied(), server.data.first().copied(), server.reset.map(|(frame, _)| frame)];
    let answer = connection.frames.get(firsts.into_iter().flatten().min()?)?;
    Some(Missed {
        level: Level::Must,
        fault: Fault::Server,
        frame: Some(answer.index),
        expected: "no answer from the server".to_owned(),
        observed: frame_name(answer),
    })
}

fn order(expected: &[WireEvent], connection: &Connection, stream: &Stream) -> Option<Missed> {
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

fn never(kinds: &[WireEvent], stream: &Stream) -> Vec<Missed> {
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

fn lengths(expected: &Lengths, stream: &Stream) -> Vec<Missed> {
    let of = |expected: &Option<Vec<u32>>, side: Side, what: &str| {
        let expected: Vec<String> = expected.as_ref()?.iter().map(u32::to_string).collect();
        let messages = &stream.half(side).messages;
        let observed: Vec<String> = messages.iter().map(length).collect();
        let at = expected.iter().zip(&observed).take_while(|(expected, observed)| expected == observed).count();
        (expected != observed).then(|| Missed {
            level: Level::Must,
            fault: side.into(),
            frame: messages.get(at).or(messages.last()).map(|message| message.first_frame),
            expected: format!("{what} lengths [{}]", expected.join(", ")),
            observed: format!("[{}]", observed.join(", ")),
        })
    };
    let both = [of(&expected.request, Side::Client, "request"), of(&expected.response, Side::Server, "response")];
    both.into_iter().flatten().collect()
}

fn length(message: &Message) -> String {
    match &message.body {
        Ok(body) => body.len().to_string(),
        Err(why) => format!("unreadable: {why}"),
    }
}

fn trailers_only(stream: &Stream) -> Option<Missed> {
    let response = view::response(stream);
    if response.is_some_and(|response| response.end_stream) {
        return None;
    }
    let observed = match response {
        None => "no response headers",
        Some(_) if stream.server.data.is_empty() => "response headers without END_STREAM",
        Some(_) => "response headers without END_STREAM, and DATA",
    };
    Some(Missed {
        level: Level::Must,
        fault: Fault::Server,
        frame: response.map(|response| response.first_frame),
        expected: "one response header block, with END_STREAM".to_owned(),
        observed: observed.to_owned(),
    })
}

fn status(expected: &WireStatus, stream: &Stream) -> Vec<Missed> {
    let code = expected.code.number().to_string();
    let Some(last) = stream.server.headers.iter().find(|block| block.end_stream) else {
        return vec![Missed {
            level: Level::Must,
            fault: Fault::Server,
            frame: None,
            expected: format!("grpc-status: {code}"),
            observed: "no header block with END_STREAM".to_owned(),
        }];
    };
    let differs = |name: &str, expected: &str, level| Missed {
        level,
        fault: Fault::Server,
        frame: Some(last.first_frame),
        expected: format!("{name}: {expected}"),
        observed: last.get(name).map_or_else(|| format!("no {name}"), |value| text::field(name.as_bytes(), value)),
    };
    let mut missed = Vec::new();
    if last.get("grpc-status") != Some(code.as_bytes()) {
        missed.push(differs("grpc-status", &code, Level::Must));
    }
    // An empty message may be left out.
    let message = last.get("grpc-message").unwrap_or_default();
    if let Some(expected) = expected.message.as_deref().filter(|expected| expected.as_bytes() != message) {
        let same = percent::decode(message) == percent::decode(expected.as_bytes());
        // The grammar lets a sender escape more than it must, and leaves the case of the digits open in practice.
        missed.push(differs("grpc-message", expected, if same { Level::Should } else { Level::Must }));
    }
    missed
}

/// The connection's window before any WINDOW_UPDATE (RFC 9113 section 6.9.2).
const FIRST_WINDOW: u64 = 65_535;

fn credit(way: Direction, connection: &Connection) -> Option<Missed> {
    let (sender, what) = match way {
        Direction::Request => (Side::Client, "request"),
        Direction::Response => (Side::Server, "response"),
    };
    let (mut sent, mut allowed) = (0_u64, FIRST_WINDOW);
    for frame in &connection.frames {
        if frame.side == sender && kind_of(frame) == kind::DATA {
            sent += u64::from(frame.length);
        } else if let Payload::WindowUpdate { increment } = frame.payload
            && (frame.side, frame.stream) == (sender.other(), 0)
        {
            allowed += u64::from(increment);
        }
        if sent > allowed {
            return Some(Missed {
                level: Level::Must,
                fault: sender.into(),
                frame: Some(frame.index),
                expected: format!("{what} DATA within the {allowed} bytes of credit given so far"),
                observed: format!("{sent} bytes"),
            });
        }
    }
    (sent <= FIRST_WINDOW).then(|| Missed {
        level: Level::Must,
        fault: sender.into(),
        frame: None,
        expected: format!("more than {FIRST_WINDOW} bytes of {what} DATA"),
        observed: format!("{sent} bytes"),
    })
}

#[cfg(test)]
mod tests;
