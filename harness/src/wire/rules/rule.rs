use super::RULES;
use crate::model::{Fault, Finding, Level, Place, Side};
use crate::wire::tls::{TlsConnection, TlsTranscript};
use crate::wire::{Connection, Transcript, limits};
use std::collections::BTreeMap;
use std::fmt;

/// One checkable fact about a connection.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Stable name: `W` and a number for gRPC's rules, `H` and a number for those of HTTP/2 below them, `T` and a number
    /// for those of TLS below that.
    pub id: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// How binding it is.
    pub level: Level,
    /// Whom it binds.
    pub binds: Binds,
    /// Where it is specified.
    pub spec: &'static str,
    /// What it says, why, and which neighbouring facts other rules own.
    pub says: &'static str,
    /// Every place where a connection breaks it.
    pub check: Check,
}

/// What a rule looks at: every rule is evaluated where that can be read, and only there.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// Frames: where the tap sees HTTP/2.
    Http2(fn(&Connection) -> Vec<Broken>),
    /// What TLS shows without keys: where the tap sees TLS.
    Tls(fn(&TlsConnection, &TlsContext) -> Vec<Broken>),
}

/// Whom a rule binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binds {
    /// The client only.
    Client,
    /// The server only.
    Server,
    /// Each side for what it sends.
    Both,
    /// Neither: it says what could not be judged.
    Neither,
}

impl fmt::Display for Binds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Binds::Client => "client",
            Binds::Server => "server",
            Binds::Both => "both",
            Binds::Neither => "none",
        })
    }
}

/// What a rule about TLS must know beyond the bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsContext {
    /// The name of the server, where the client was told one that is not an address.
    pub server_name: Option<String>,
}

/// One place where a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Who broke it; unknown where the rule binds neither side.
    pub fault: Fault,
    /// The frame to look at; where the connection is TLS, the record.
    pub frame: Option<usize>,
    /// What should have been.
    pub expected: String,
    /// What was there.
    pub observed: String,
}

impl Broken {
    pub(super) fn new(side: Side, frame: usize, expected: impl Into<String>, observed: impl Into<String>) -> Broken {
        Broken { fault: side.into(), frame: Some(frame), expected: expected.into(), observed: observed.into() }
    }
}

/// Everything in a transcript that breaks one of [`RULES`]: by connection, then in the order of the rules; within
/// [`limits::FINDINGS`].
pub fn evaluate(transcript: &Transcript) -> Vec<Finding> {
    bounded(transcript.connections.iter().flat_map(evaluate_connection))
}

/// So many of each rule and side as are kept, and how many there are besides.
fn bounded(findings: impl Iterator<Item = Finding>) -> Vec<Finding> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut kept, mut others) = (Vec::new(), Vec::new());
    for finding in findings {
        let count = counts.entry(finding.fingerprint()).or_default();
        *count += 1;
        match count.checked_sub(limits::FINDINGS) {
            None | Some(0) => kept.push(finding),
            Some(1) => others.push(finding),
            Some(_) => {}
        }
    }
    kept.extend(others.into_iter().map(|first| {
        let count = counts.get(&first.fingerprint()).copied().unwrap_or_default();
        Finding { observed: format!("and {} more", count.saturating_sub(limits::FINDINGS)), place: None, ..first }
    }));
    kept
}

pub(super) fn evaluate_connection(connection: &Connection) -> Vec<Finding> {
    let of_rule = |rule: &'static Rule| match rule.check {
        Check::Http2(check) => findings(rule, connection.index, check(connection)),
        Check::Tls(_) => Vec::new(),
    };
    RULES.iter().flat_map(of_rule).collect()
}

/// Everything in what TLS shows that breaks one of [`RULES`]: by connection, then in the order of the rules;
/// within [`limits::FINDINGS`]. [`Place::frame`] is then the index of a TLS record, see
/// [`TlsRecord::index`](crate::wire::tls::TlsRecord::index).
pub fn evaluate_tls(transcript: &TlsTranscript, context: &TlsContext) -> Vec<Finding> {
    bounded(transcript.connections.iter().flat_map(|connection| evaluate_tls_connection(connection, context)))
}

pub(super) fn evaluate_tls_connection(connection: &TlsConnection, context: &TlsContext) -> Vec<Finding> {
    let of_rule = |rule: &'static Rule| match rule.check {
        Check::Http2(_) => Vec::new(),
        Check::Tls(check) => findings(rule, connection.index, check(connection, context)),
    };
    RULES.iter().flat_map(of_rule).collect()
}

fn findings(rule: &Rule, connection: usize, broken: Vec<Broken>) -> Vec<Finding> {
    let finding = |broken: Broken| Finding {
        check: rule.id.to_owned(),
        level: rule.level,
        fault: broken.fault,
        expected: broken.expected,
        observed: broken.observed,
        place: broken.frame.map(|frame| Place { connection, frame }),
    };
    broken.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Compressed, Direction, Expires, Lengths, StatusCode, WireEvent, WireRule, WireStatus};
    use crate::wire::build::Exchange;
    use crate::wire::rules::case;
    use proptest::prelude::*;

    fn any_frame() -> impl Strategy<Value = (Side, u8, u8, u32, Vec<u8>)> {
        let side = prop_oneof![Just(Side::Client), Just(Side::Server)];
        // 0x88 and the like are whole indexed fields, so that some header blocks decode.
        let octet = prop_oneof![any::<u8>(), 0x81_u8..=0x8f];
        (side, 0..=10_u8, any::<u8>(), 0..5_u32, prop::collection::vec(octet, 0..12))
    }

    fn any_case_rules() -> Vec<WireRule> {
        use WireEvent::{Cancel, HalfClose, Request, Reset, Response, Trailers};
        let all = vec![Request, Response, HalfClose, Trailers, Cancel, Reset];
        let status = WireStatus { code: StatusCode::Ok, message: Some(String::new()) };
        vec![
            WireRule::Order(all.clone()),
            WireRule::Never(all),
            WireRule::Lengths(Lengths { request: Some(vec![1]), response: Some(vec![]) }),
            WireRule::TrailersOnly,
            WireRule::Status(status),
            WireRule::Credit(vec![Direction::Request, Direction::Response]),
            WireRule::Stalled(vec![Direction::Request, Direction::Response]),
            WireRule::Compressed(Compressed { request: Some(vec![true]), response: Some(vec![false]) }),
            WireRule::LargeHeaders(vec![Direction::Request, Direction::Response]),
            WireRule::Expires(Expires::OnTheWire),
            WireRule::Connections(2),
            WireRule::AtOnce(2),
        ]
    }

    proptest! {
        #[test]
        fn any_frames_are_judged_without_panic(frames in prop::collection::vec(any_frame(), 0..30)) {
            let exchange = frames.into_iter().fold(Exchange::new().preface(), |exchange, (side, kind, flags, stream, payload)| {
                exchange.frame(side, kind, flags, stream, payload)
            });
            let connection = exchange.connection();
            for found in evaluate_connection(&connection) {
                prop_assert!(found.place.is_none_or(|place| place.frame < connection.frames.len()));
            }
            let transcript = Transcript { connections: vec![connection], sealed: true };
            for rule in any_case_rules() {
                let _ = case::check_together(&rule, &transcript);
                for connection in &transcript.connections {
                    for stream in connection.streams.values() {
                        let _ = case::check(&rule, connection, stream);
                    }
                }
            }
        }
    }
}
