//! How many streams are open at a time.

use super::Missed;
use super::multiplexing::{MostOpen, most_open};
use crate::model::{Fault, Level};
use crate::wire::Transcript;
use std::cmp::Reverse;

/// Fewer streams at a time than asked for on every connection, and the connection that had the most. A server that allows fewer is to
/// blame for them.
pub(super) fn at_once(least: u32, transcript: &Transcript) -> Option<(usize, Missed)> {
    let each = transcript.connections.iter().map(|connection| (connection.index, most_open(connection)));
    let none = (0, MostOpen { streams: 0, frame: None, allowed: u32::MAX });
    let (connection, most) = each.max_by_key(|(index, most)| (most.streams, Reverse(*index))).unwrap_or(none);
    let MostOpen { streams, frame, allowed } = most;
    (streams < usize::try_from(least).unwrap_or(usize::MAX)).then(|| {
        let (fault, allowed) = match allowed < least {
            true => (Fault::Server, format!(", with SETTINGS_MAX_CONCURRENT_STREAMS of {allowed}")),
            false => (Fault::Client, String::new()),
        };
        let missed = Missed {
            // Calls that are quick enough need not meet, however soon they are started.
            level: Level::Should,
            fault,
            frame,
            expected: format!("at least {least} streams open at once on one connection"),
            observed: format!("at most {streams}{allowed}"),
        };
        (connection, missed)
    })
}

#[cfg(test)]
mod tests {
    use crate::model::Side::{Client, Server};
    use crate::model::WireRule;
    use crate::wire::build::Exchange;
    use crate::wire::flag::END_STREAM;
    use crate::wire::rules::case::check_together;
    use crate::wire::{Transcript, code, setting};

    /// Fingerprint, what there was, and where.
    type Found = Option<(String, String, Option<(usize, usize)>)>;

    /// What is found in two connections, of which the first has one call.
    fn found(least: u32, exchange: &Exchange) -> Found {
        let connections = vec![open(1, begun()).connection_at(0), exchange.connection_at(1)];
        let finding = check_together(&WireRule::AtOnce(least), &Transcript { connections, sealed: true })?;
        Some((finding.fingerprint(), finding.observed, finding.place.map(|place| (place.connection, place.frame))))
    }

    fn begun() -> Exchange {
        Exchange::new().preface().settings(Client, &[])
    }

    fn open(id: u32, exchange: Exchange) -> Exchange {
        exchange.headers(Client, id, 0, &[(":method", "POST")])
    }

    fn ended(id: u32, exchange: Exchange) -> Exchange {
        exchange.headers(Server, id, END_STREAM, &[("grpc-status", "0")])
    }

    fn client(observed: &str, connection: usize, frame: usize) -> Found {
        Some(("wire.at_once@client".to_owned(), observed.to_owned(), Some((connection, frame))))
    }

    #[test]
    fn streams_are_open_until_both_sides_end_them() {
        let two = open(3, open(1, begun()));
        assert_eq!(found(2, &two), None);
        assert_eq!(found(3, &two), client("at most 2", 1, 2));
        let half_closed = open(3, open(1, begun()).data(Client, 1, END_STREAM, b""));
        assert_eq!(found(2, &half_closed), None);
        let answered = open(3, ended(1, open(1, begun())));
        assert_eq!(found(2, &answered), None, "the client has not ended it");
        let in_turn = open(3, ended(1, open(1, begun()).data(Client, 1, END_STREAM, b"")));
        assert_eq!(found(2, &in_turn), client("at most 1", 0, 1));
        assert_eq!(found(2, &open(5, open(3, in_turn))), None, "later");
    }

    #[test]
    fn a_reset_of_either_side_ends_a_stream() {
        for side in [Client, Server] {
            let reset = open(3, open(1, begun()).rst_stream(side, 1, code::CANCEL));
            assert_eq!(found(2, &reset), client("at most 1", 0, 1));
        }
    }

    #[test]
    fn streams_of_two_connections_are_not_at_once() {
        assert_eq!(found(2, &open(1, begun())), client("at most 1", 0, 1));
        assert_eq!(found(1, &begun()), None);
        let nothing = check_together(&WireRule::AtOnce(1), &Transcript::default()).unwrap();
        assert_eq!((nothing.fingerprint().as_str(), nothing.place), ("wire.at_once@client", None));
    }

    #[test]
    fn a_server_that_allows_fewer_is_to_blame() {
        let limited = |most| begun().settings(Server, &[(setting::MAX_CONCURRENT_STREAMS, most)]).settings_ack(Client);
        let observed = "at most 2, with SETTINGS_MAX_CONCURRENT_STREAMS of 2".to_owned();
        let server = Some(("wire.at_once@server".to_owned(), observed, Some((1, 4))));
        assert_eq!(found(3, &open(3, open(1, limited(2)))), server);
        assert_eq!(found(3, &open(3, open(1, limited(3)))), client("at most 2", 1, 4));
    }
}
