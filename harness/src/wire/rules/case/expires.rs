//! That a call ends because its deadline passes (<https://grpc.io/docs/guides/deadlines/>, and "Timeout" in gRPC's
//! `PROTOCOL-HTTP2.md`). The deadline is the client's to keep; a server that keeps it too may be the first to end the call.

use super::timeout::timeout_ns;
use super::{Missed, text, view};
use crate::model::{Expires, Fault, Level, Side, StatusCode};
use crate::wire::{Connection, Stream, code};

/// How much of its time a call has at least, in hundredths.
const LEAST: u64 = 90;

/// How long after its time a call has ended at the latest, in microseconds.
const GRACE_US: u64 = 2_000_000;

const EXPIRED: &str = "RST_STREAM with CANCEL, or grpc-status: 4";

/// What is wrong with how a call ends, at most one thing. Its time is what `grpc-timeout` says, from when the request headers reached
/// the tap. It ends by RST_STREAM with CANCEL of either side (grpc-go's servers do that: <https://github.com/grpc/grpc-go/issues/2886>)
/// or by the server's trailers with DEADLINE_EXCEEDED (C core's do this), whichever comes first:
///
/// - not before 90 % of its time, unless it may [expire anywhere](Expires::Anywhere). For the client, whose clock runs before its headers
///   are on the wire (on a busy machine, long before), that is counted from the first frame of the connection;
/// - not later than 2 s after its time, for which the client is to blame whoever ends it then.
///
/// No server says OK to it, not even later.
pub(super) fn expires(expires: Expires, connection: &Connection, stream: &Stream) -> Option<Missed> {
    let headers = view::request(stream)?;
    let (begun, value) = (headers.first_frame, headers.get("grpc-timeout"));
    let Some(time_us) = value.and_then(timeout_ns).and_then(|ns| u64::try_from(ns / 1_000).ok()) else {
        let observed = value.map_or("none".to_owned(), |value| text::field(b"grpc-timeout", value));
        return Some(missed(Fault::Client, begun, "a grpc-timeout".to_owned(), observed));
    };
    let Some(end) = first_end(stream) else {
        return Some(missed(Fault::Client, begun, EXPIRED.to_owned(), "a stream that does not end".to_owned()));
    };
    if !end.expired {
        return Some(missed(end.side.into(), end.frame, EXPIRED.to_owned(), end.observed));
    }
    if let Some((frame, status)) = status(stream).filter(|(_, status)| is(status, StatusCode::Ok)) {
        let expected = "no OK after the deadline".to_owned();
        return Some(missed(Fault::Server, frame, expected, text::field(b"grpc-status", status)));
    }
    let timed = Timed { connection, begun, time_us, end };
    let early = if expires == Expires::OnTheWire { timed.early() } else { None };
    early.or_else(|| timed.late())
}

/// A call that ended as a passed deadline would end it.
struct Timed<'a> {
    connection: &'a Connection,
    /// Its request headers.
    begun: usize,
    time_us: u64,
    end: End,
}

impl Timed<'_> {
    fn early(&self) -> Option<Missed> {
        let (since, what) = match self.end.side {
            Side::Client => (0, "the first frame"),
            Side::Server => (self.begun, "the request headers"),
        };
        let (after_us, least_us) = (self.ended_after_us(since)?, self.time_us / 100 * LEAST);
        let bound = format!("no sooner than {} after {what}", ms(least_us));
        (after_us < least_us).then(|| self.missed(self.end.side.into(), &bound, after_us))
    }

    fn late(&self) -> Option<Missed> {
        let (after_us, most_us) = (self.ended_after_us(self.begun)?, self.time_us.saturating_add(GRACE_US));
        let bound = format!("no later than {} after the request headers", ms(most_us));
        (after_us > most_us).then(|| self.missed(Fault::Client, &bound, after_us))
    }

    fn ended_after_us(&self, frame: usize) -> Option<u64> {
        let at_us = |frame: usize| self.connection.frames.get(frame).map(|frame| frame.at_us);
        Some(at_us(self.end.frame)?.saturating_sub(at_us(frame)?))
    }

    fn missed(&self, fault: Fault, bound: &str, after_us: u64) -> Missed {
        let observed = format!("{} after {}", self.end.observed, ms(after_us));
        missed(fault, self.end.frame, format!("an end {bound}"), observed)
    }
}

/// What ends a call.
struct End {
    side: Side,
    frame: usize,
    /// Whether that is what a deadline leads to.
    expired: bool,
    observed: String,
}

fn first_end(stream: &Stream) -> Option<End> {
    let resets = Side::BOTH.into_iter().filter_map(|side| {
        let (frame, reason) = stream.half(side).reset?;
        Some(End {
            side,
            frame,
            expired: reason == code::CANCEL,
            observed: format!("RST_STREAM with {} of the {side}", code::name(reason)),
        })
    });
    let ended = stream.server.end_stream.map(|frame| match status(stream) {
        Some((_, status)) => {
            let expired = is(status, StatusCode::DeadlineExceeded);
            End { side: Side::Server, frame, expired, observed: text::field(b"grpc-status", status) }
        }
        None => {
            End { side: Side::Server, frame, expired: false, observed: "END_STREAM without grpc-status".to_owned() }
        }
    });
    resets.chain(ended).min_by_key(|end| end.frame)
}

/// The `grpc-status` that the server ended the call with, and its frame.
fn status(stream: &Stream) -> Option<(usize, &[u8])> {
    let last = stream.trailers()?;
    Some((last.first_frame, last.get("grpc-status")?))
}

fn is(status: &[u8], code: StatusCode) -> bool {
    status == code.number().to_string().as_bytes()
}

fn ms(us: u64) -> String {
    format!("{}.{:03} ms", us / 1_000, us % 1_000)
}

fn missed(fault: Fault, frame: usize, expected: String, observed: String) -> Missed {
    Missed { level: Level::Must, fault, frame: Some(frame), expected, observed }
}

#[cfg(test)]
mod tests {
    use crate::model::Side::{Client, Server};
    use crate::model::{Expires, WireRule};
    use crate::wire::build::Exchange;
    use crate::wire::code;
    use crate::wire::flag::END_STREAM;
    use crate::wire::rules::case::check;

    type Found = Option<(String, String, String)>;

    /// Fingerprint, expectation and what there was.
    fn found(expires: Expires, exchange: &Exchange) -> Found {
        let connection = exchange.connection();
        let found = check(&WireRule::Expires(expires), &connection, &connection.streams[&1]).pop()?;
        Some((found.fingerprint(), found.expected, found.observed))
    }

    fn on_the_wire(exchange: &Exchange) -> Found {
        found(Expires::OnTheWire, exchange)
    }

    fn missed(side: &str, expected: &str, observed: &str) -> Found {
        Some((format!("wire.expires@{side}"), expected.to_owned(), observed.to_owned()))
    }

    const EITHER: &str = "RST_STREAM with CANCEL, or grpc-status: 4";

    /// The time, in microseconds, at which the headers of a call reach the tap, the next frame after the first.
    const BEGUN: u64 = 7_000_000;

    /// A call that the client gives this `grpc-timeout`, with the clock set to so many microseconds later.
    fn called(timeout: &str, after_us: u64) -> Exchange {
        let begun = Exchange::new().at(BEGUN - 200).preface().settings(Client, &[]);
        begun.headers(Client, 1, 0, &[(":method", "POST"), ("grpc-timeout", timeout)]).at(BEGUN + after_us)
    }

    fn cancelled(exchange: Exchange) -> Exchange {
        exchange.rst_stream(Client, 1, code::CANCEL)
    }

    fn cancelled_by_server(exchange: Exchange) -> Exchange {
        exchange.rst_stream(Server, 1, code::CANCEL)
    }

    fn ended(exchange: Exchange, status: &str) -> Exchange {
        exchange.headers(Server, 1, END_STREAM, &[(":status", "200"), ("grpc-status", status)])
    }

    #[test]
    fn either_side_may_end_the_call_and_the_other_too() {
        let at_the_deadline = || called("500m", 500_000);
        assert_eq!(on_the_wire(&cancelled(at_the_deadline())), None);
        assert_eq!(on_the_wire(&cancelled_by_server(at_the_deadline())), None);
        assert_eq!(on_the_wire(&cancelled(cancelled_by_server(at_the_deadline()))), None);
        assert_eq!(on_the_wire(&ended(at_the_deadline(), "4")), None);
        assert_eq!(on_the_wire(&cancelled(ended(at_the_deadline(), "4"))), None);
        assert_eq!(on_the_wire(&ended(cancelled(at_the_deadline()), "4")), None);
        let with_headers = at_the_deadline().headers(Server, 1, 0, &[(":status", "200")]);
        assert_eq!(on_the_wire(&with_headers.headers(Server, 1, END_STREAM, &[("grpc-status", "4")])), None);
        assert_eq!(on_the_wire(&at_the_deadline()), missed("client", EITHER, "a stream that does not end"));
    }

    #[test]
    fn what_comes_first_is_for_the_deadline() {
        let at_the_deadline = || called("500m", 500_000);
        let reset = |side| at_the_deadline().rst_stream(side, 1, 2);
        let by_client = missed("client", EITHER, "RST_STREAM with INTERNAL_ERROR of the client");
        assert_eq!(on_the_wire(&ended(reset(Client), "4")), by_client);
        let by_server = missed("server", EITHER, "RST_STREAM with INTERNAL_ERROR of the server");
        assert_eq!(on_the_wire(&cancelled(reset(Server))), by_server);
        let status = missed("server", EITHER, "grpc-status: 1");
        assert_eq!(on_the_wire(&cancelled(ended(at_the_deadline(), "1"))), status);
        let without = missed("server", EITHER, "END_STREAM without grpc-status");
        let trailers = at_the_deadline().headers(Server, 1, END_STREAM, &[(":status", "200")]);
        assert_eq!(on_the_wire(&trailers), without);
        assert_eq!(on_the_wire(&cancelled(at_the_deadline().data(Server, 1, END_STREAM, b""))), without);
    }

    #[test]
    fn no_server_says_ok() {
        let first = missed("server", EITHER, "grpc-status: 0");
        assert_eq!(on_the_wire(&ended(called("500m", 500_000), "0")), first);
        let later = missed("server", "no OK after the deadline", "grpc-status: 0");
        assert_eq!(on_the_wire(&ended(cancelled(called("500m", 500_000)), "0")), later);
        assert_eq!(on_the_wire(&ended(cancelled(called("500m", 500_000)), "1")), None, "that is for `status` to say");
    }

    #[test]
    fn a_call_has_a_timeout() {
        let without = Exchange::new().preface().headers(Client, 1, 0, &[(":method", "POST")]);
        assert_eq!(on_the_wire(&cancelled(without)), missed("client", "a grpc-timeout", "none"));
        let no_number = missed("client", "a grpc-timeout", "grpc-timeout: soon");
        assert_eq!(on_the_wire(&cancelled(called("soon", 500_000))), no_number);
    }

    #[test]
    fn nobody_gives_up_early() {
        assert_eq!(on_the_wire(&ended(called("500m", 450_000), "4")), None);
        let early = |side, since: &str, observed: &str| {
            missed(side, &format!("an end no sooner than 450.000 ms after {since}"), observed)
        };
        let by_server = early("server", "the request headers", "grpc-status: 4 after 449.999 ms");
        assert_eq!(on_the_wire(&ended(called("500000u", 449_999), "4")), by_server);
        let by_server = early("server", "the request headers", "RST_STREAM with CANCEL of the server after 449.999 ms");
        assert_eq!(on_the_wire(&cancelled_by_server(called("500m", 449_999))), by_server);
        // 100 us pass between the first frame and the headers.
        assert_eq!(on_the_wire(&cancelled(called("500m", 449_900))), None);
        let by_client = early("client", "the first frame", "RST_STREAM with CANCEL of the client after 449.999 ms");
        assert_eq!(on_the_wire(&cancelled(called("500m", 449_899))), by_client);
        for soon in [cancelled(called("1m", 0)), ended(called("1m", 0), "4")] {
            assert!(on_the_wire(&soon).is_some());
            assert_eq!(found(Expires::Anywhere, &soon), None);
        }
    }

    #[test]
    fn the_client_lets_nobody_be_late() {
        assert_eq!(on_the_wire(&cancelled(called("500m", 2_500_000))), None);
        let expected = "an end no later than 2500.000 ms after the request headers";
        let late = missed("client", expected, "grpc-status: 4 after 2500.001 ms");
        assert_eq!(on_the_wire(&ended(called("500m", 2_500_001), "4")), late);
        let late = found(Expires::Anywhere, &cancelled(called("1m", 2_001_001)));
        assert_eq!(late.unwrap().1, "an end no later than 2001.000 ms after the request headers");
    }
}
