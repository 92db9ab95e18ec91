//! A sender that flow control stops and lets go on (RFC 9113 section 5.2.1).

use super::flow::Windows;
use super::view::kind_of;
use super::{Missed, sent};
use crate::model::{Direction, Fault, Level};
use crate::wire::{Connection, Frame, Stream, kind};

/// That a sender never had nothing left of its stream's window or of the connection's, or that no more DATA came after that. Whether it
/// had more credit than it used or kept back what it might have sent, the wire does not tell.
pub(super) fn stalled(way: Direction, connection: &Connection, stream: &Stream) -> Option<Missed> {
    let (sender, what) = sent(way);
    let carries = |frame: &Frame| {
        (frame.side, frame.stream, kind_of(frame)) == (sender, stream.id, kind::DATA) && frame.length > 0
    };
    let mut windows = Windows::new(sender);
    let mut least: Option<(i64, usize)> = None;
    for frame in &connection.frames {
        // Credit came, since more than there is would break W16.
        if carries(frame) && least.is_some_and(|(left, _)| left <= 0) {
            return None;
        }
        windows.see(frame);
        if let Some(left) = windows.left(stream.id).filter(|left| least.is_none_or(|(least, _)| *left < least)) {
            least = Some((left, frame.index));
        }
    }
    Some(Missed {
        // How large a window grows is the receiver's choice, and on a busy machine a matter of time.
        level: Level::Should,
        fault: Fault::Unknown,
        frame: least.map(|(_, frame)| frame),
        expected: format!("{what} DATA stopped by a window of which nothing is left, and more of it after that"),
        observed: match least {
            Some((..=0, _)) => "no more after that".to_owned(),
            Some((left, _)) => format!("at least {left} bytes left at all times"),
            None => "no stream to send it on".to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use crate::model::Direction::{Request, Response};
    use crate::model::Side::{Client, Server};
    use crate::model::{Direction, Side, WireRule};
    use crate::wire::build::Exchange;
    use crate::wire::flag::END_STREAM;
    use crate::wire::rules::case::check;
    use crate::wire::setting::INITIAL_WINDOW_SIZE as INITIAL;

    const NONE: &[(&str, &str)] = &[];

    /// What is found on stream 1: who is to blame, what there was, and in which frame.
    fn found(way: Direction, exchange: &Exchange) -> Vec<(String, String, Option<usize>)> {
        let connection = exchange.connection();
        let found = check(&WireRule::Stalled(vec![way]), &connection, &connection.streams[&1]);
        found.into_iter().map(|f| (f.fingerprint(), f.observed, f.place.map(|place| place.frame))).collect()
    }

    fn missed(observed: &str, frame: usize) -> Vec<(String, String, Option<usize>)> {
        vec![("wire.stalled@unknown".to_owned(), observed.to_owned(), Some(frame))]
    }

    /// Stream 1, on which each side may send 100 octets.
    fn begun() -> Exchange {
        let exchange =
            Exchange::new().preface().settings(Client, &[(INITIAL, 100)]).settings(Server, &[(INITIAL, 100)]);
        let exchange = exchange.settings_ack(Client).settings_ack(Server);
        exchange.headers(Client, 1, 0, NONE).headers(Server, 1, 0, NONE)
    }

    fn sent(exchange: Exchange, side: Side, octets: usize) -> Exchange {
        exchange.data(side, 1, 0, vec![0; octets])
    }

    #[test]
    fn a_stream_that_goes_on_after_its_window_was_empty() {
        let ways = [(Request, Client, Server), (Response, Server, Client)];
        for (way, sender, receiver) in ways {
            let full = sent(sent(begun(), sender, 60), sender, 40).window_update(receiver, 1, 1);
            let nothing_more = sent(full, sender, 0);
            assert_eq!(found(way, &nothing_more), missed("no more after that", 7));
            assert_eq!(found(way, &sent(nothing_more, sender, 1)), []);
        }
    }

    #[test]
    fn a_window_that_was_never_empty() {
        let exchange = sent(begun(), Server, 99).window_update(Client, 1, 100);
        let exchange = sent(exchange, Server, 100).headers(Server, 1, END_STREAM, NONE);
        assert_eq!(found(Response, &exchange), missed("at least 1 bytes left at all times", 6));
        assert_eq!(found(Request, &exchange), missed("at least 100 bytes left at all times", 4));
    }

    #[test]
    fn what_is_stopped_is_one_stream_and_one_direction() {
        let exchange = sent(begun(), Client, 100).window_update(Server, 1, 9).headers(Client, 3, 0, NONE);
        let exchange = sent(exchange, Server, 9).data(Client, 3, 0, [0; 9]);
        assert_eq!(found(Request, &exchange), missed("no more after that", 6));
    }

    #[test]
    fn an_initial_window_may_empty_a_stream_and_fill_it_again() {
        let lowered = sent(begun(), Server, 20).settings(Client, &[(INITIAL, 9)]).settings_ack(Server);
        let raised = lowered.settings(Client, &[(INITIAL, 30)]);
        assert_eq!(found(Response, &sent(raised, Server, 10)), []);
    }

    #[test]
    fn the_connection_stops_all_its_streams() {
        let large = Exchange::new().preface().settings(Client, &[]).settings(Server, &[(INITIAL, 100_000)]);
        let both = large.headers(Client, 1, 0, NONE).headers(Client, 3, 0, NONE);
        let full = both.data_in_frames(Client, 3, 0, vec![0; 65_535], 16_384).window_update(Server, 0, 9);
        assert_eq!(found(Request, &full), missed("no more after that", 7));
        assert_eq!(found(Request, &sent(full, Client, 9)), []);
    }
}
