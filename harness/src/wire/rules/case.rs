//! The rules that one case adds to those of every call ([`WireRule`]): one file a rule.

mod at_once;
mod compressed;
mod connections;
mod credit;
mod expires;
mod large_headers;
mod lengths;
mod never;
mod order;
mod stalled;
mod status;
mod trailers_only;
mod unanswered;

use super::{events, flow, multiplexing, text, timeout, view};
use crate::model::{Direction, Fault, Finding, Level, Place, Side, WireRule};
use crate::wire::tls::TlsTranscript;
use crate::wire::{Connection, Stream, Transcript};

/// Everything on a stream that breaks a rule of its case. `Credit` is about the whole connection of that stream; of rules about all
/// calls together speaks [`check_together`].
///
/// The check is named `wire.` and the rule's name. At fault is the side whose event is out of place, or which owed the
/// one that is missing.
pub fn check(rule: &WireRule, connection: &Connection, stream: &Stream) -> Vec<Finding> {
    let missed = match rule {
        WireRule::Order(expected) => order::order(expected, connection, stream).into_iter().collect(),
        WireRule::Never(kinds) => never::never(kinds, stream),
        WireRule::Lengths(expected) => lengths::lengths(expected, stream),
        WireRule::TrailersOnly => trailers_only::trailers_only(stream).into_iter().collect(),
        WireRule::Status(expected) => status::status(expected, stream),
        // That there is no stream at all is seen where streams are counted.
        WireRule::Unsent => Vec::new(),
        WireRule::Unanswered => unanswered::unanswered(connection, stream).into_iter().collect(),
        WireRule::Credit(directions) => directions.iter().filter_map(|way| credit::credit(*way, connection)).collect(),
        WireRule::Stalled(directions) => {
            directions.iter().filter_map(|way| stalled::stalled(*way, connection, stream)).collect()
        }
        WireRule::Compressed(expected) => compressed::compressed(expected, stream),
        WireRule::LargeHeaders(directions) => {
            directions.iter().filter_map(|way| large_headers::large_headers(*way, connection, stream)).collect()
        }
        WireRule::Expires(place) => expires::expires(*place, connection, stream).into_iter().collect(),
        WireRule::Connections(_) | WireRule::AtOnce(_) => Vec::new(),
    };
    missed.into_iter().map(|missed| missed.finding(name(rule), connection.index)).collect()
}

/// What breaks a rule about all calls of a case together, once they were all made.
pub fn check_together(rule: &WireRule, transcript: &Transcript) -> Option<Finding> {
    let (connection, missed) = match rule {
        WireRule::Connections(expected) => connections::connections(*expected, connections::used(transcript)),
        WireRule::AtOnce(least) => at_once::at_once(*least, transcript),
        WireRule::Order(_)
        | WireRule::Never(_)
        | WireRule::Lengths(_)
        | WireRule::TrailersOnly
        | WireRule::Status(_)
        | WireRule::Unsent
        | WireRule::Unanswered
        | WireRule::Credit(_)
        | WireRule::Stalled(_)
        | WireRule::Compressed(_)
        | WireRule::LargeHeaders(_)
        | WireRule::Expires(_) => None,
    }?;
    Some(missed.finding(name(rule), connection))
}

/// The same where the connections are TLS, which shows of these rules only over how many of them calls went.
pub fn check_together_tls(rule: &WireRule, transcript: &TlsTranscript) -> Option<Finding> {
    let WireRule::Connections(expected) = rule else { return None };
    let (connection, missed) = connections::connections(*expected, connections::used_tls(transcript))?;
    Some(missed.finding(name(rule), connection))
}

fn name(rule: &WireRule) -> &'static str {
    match rule {
        WireRule::Order(_) => "wire.order",
        WireRule::Never(_) => "wire.never",
        WireRule::Lengths(_) => "wire.lengths",
        WireRule::TrailersOnly => "wire.trailers_only",
        WireRule::Status(_) => "wire.status",
        WireRule::Credit(_) => "wire.credit",
        WireRule::Stalled(_) => "wire.stalled",
        WireRule::Compressed(_) => "wire.compressed",
        WireRule::Unsent => "wire.unsent",
        WireRule::Unanswered => "wire.unanswered",
        WireRule::LargeHeaders(_) => "wire.large_headers",
        WireRule::Expires(_) => "wire.expires",
        WireRule::Connections(_) => "wire.connections",
        WireRule::AtOnce(_) => "wire.at_once",
    }
}

/// Who sends in a direction, and what.
fn sent(way: Direction) -> (Side, &'static str) {
    match way {
        Direction::Request => (Side::Client, "request"),
        Direction::Response => (Side::Server, "response"),
    }
}

/// What a rule asks for and what there is instead.
struct Missed {
    level: Level,
    fault: Fault,
    /// The frame to look at; where the connection is TLS, the record.
    frame: Option<usize>,
    expected: String,
    observed: String,
}

impl Missed {
    fn finding(self, check: &str, connection: usize) -> Finding {
        Finding {
            check: check.to_owned(),
            level: self.level,
            fault: self.fault,
            expected: self.expected,
            observed: self.observed,
            place: self.frame.map(|frame| Place { connection, frame }),
        }
    }
}

#[cfg(test)]
mod tests;
