//! Over how many connections the calls of a case go. One that carries none of them is not counted: a client may open more than it
//! uses.

use super::Missed;
use crate::model::{Fault, Level, Side};
use crate::wire::tls::TlsTranscript;
use crate::wire::{Connection, Transcript};

/// Where a connection begins to carry calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    at_us: u64,
    connection: usize,
    /// The frame; where the connection is TLS, the record.
    frame: usize,
}

/// The connections with a request stream.
pub(super) fn used(transcript: &Transcript) -> Vec<Use> {
    let first = |connection: &Connection| {
        let heads = connection.streams.values().filter_map(|stream| stream.client.heads.first());
        let frame = connection.frames.get(*heads.min()?)?;
        Some(Use { at_us: frame.at_us, connection: connection.index, frame: frame.index })
    };
    transcript.connections.iter().filter_map(first).collect()
}

/// The connections on which the client sent application data.
pub(super) fn used_tls(transcript: &TlsTranscript) -> Vec<Use> {
    let first = transcript.connections.iter().filter_map(|connection| {
        let record = connection.client.records.get(connection.sent_application_data(Side::Client)?)?;
        Some(Use { at_us: record.at_us, connection: connection.index, frame: record.index })
    });
    first.collect()
}

/// Another number of them than expected, and the connection of the first call that goes over one too many.
pub(super) fn connections(expected: u32, mut used: Vec<Use>) -> Option<(usize, Missed)> {
    used.sort_by_key(|first| (first.at_us, first.connection));
    let most = usize::try_from(expected).unwrap_or(usize::MAX);
    let beyond = used.get(most);
    (used.len() != most).then(|| {
        let missed = Missed {
            level: Level::Must,
            fault: Fault::Client,
            frame: beyond.map(|first| first.frame),
            expected: format!("calls over {expected} connections"),
            observed: format!("calls over {}", used.len()),
        };
        (beyond.map_or(0, |first| first.connection), missed)
    })
}

#[cfg(test)]
mod tests {
    use crate::model::Side::{Client, Server};
    use crate::model::{Finding, WireRule};
    use crate::wire::Transcript;
    use crate::wire::build::Exchange;
    use crate::wire::rules::case::{check_together, check_together_tls};
    use crate::wire::tls::build::{client_hello, protected, server_hello};
    use crate::wire::tls::{TlsConnection, TlsTranscript};

    /// Fingerprint, expectation, what there was, and where.
    type Found = Option<(String, String, String, Option<(usize, usize)>)>;

    fn told(finding: Option<Finding>) -> Found {
        let finding = finding?;
        let place = finding.place.map(|place| (place.connection, place.frame));
        Some((finding.fingerprint(), finding.expected, finding.observed, place))
    }

    fn missed(expected: u32, observed: u32, place: Option<(usize, usize)>) -> Found {
        let (expected, observed) = (format!("calls over {expected} connections"), format!("calls over {observed}"));
        Some(("wire.connections@client".to_owned(), expected, observed, place))
    }

    fn found(expected: u32, exchanges: &[Exchange]) -> Found {
        let connections = exchanges.iter().enumerate().map(|(index, exchange)| exchange.connection_at(index)).collect();
        told(check_together(&WireRule::Connections(expected), &Transcript { connections, sealed: true }))
    }

    /// A connection on which calls begin at these times.
    fn calls(at_us: &[u64]) -> Exchange {
        let begun = Exchange::new().preface().settings(Client, &[]).settings(Server, &[]);
        (1..)
            .step_by(2)
            .zip(at_us)
            .fold(begun, |exchange, (id, at_us)| exchange.at(*at_us).headers(Client, id, 0, &[(":method", "POST")]))
    }

    #[test]
    fn connections_that_carry_calls_are_counted() {
        let two = [calls(&[1000, 3000]), calls(&[]), calls(&[2000])];
        assert_eq!(found(2, &two), None);
        assert_eq!(found(1, &two), missed(1, 2, Some((2, 2))));
        assert_eq!(found(3, &two), missed(3, 2, None));
        assert_eq!(found(1, &[]), missed(1, 0, None));
    }

    #[test]
    fn the_call_that_came_last_is_one_too_many() {
        assert_eq!(found(1, &[calls(&[2000]), calls(&[1000, 3000])]), missed(1, 2, Some((0, 2))));
    }

    #[test]
    fn frames_of_the_server_are_no_calls() {
        let pushed = calls(&[]).headers(Server, 2, 0, &[(":status", "200")]);
        assert_eq!(found(1, &[calls(&[1000]), pushed]), None);
    }

    /// A handshake over TLS 1.3, then so many records of the client at this time.
    fn tls(at_us: u64, records: usize) -> TlsConnection {
        let begun = Exchange::new()
            .bytes(Client, client_hello().server_name("a.test").alpn(&["h2"]).versions(&[0x0304]).record())
            .bytes(Server, server_hello().versions(&[0x0304]).record())
            .bytes(Client, protected(53));
        let sent = |exchange: Exchange, _| exchange.bytes(Client, protected(100));
        (0..records).fold(begun.at(at_us), sent).tls_connection()
    }

    #[test]
    fn over_tls_those_with_application_data_are_counted() {
        let connections =
            vec![tls(1000, 1), TlsConnection { index: 1, ..tls(0, 0) }, TlsConnection { index: 2, ..tls(2000, 2) }];
        let transcript = TlsTranscript { connections, sealed: true };
        let found = |expected| told(check_together_tls(&WireRule::Connections(expected), &transcript));
        assert_eq!(found(2), None);
        assert_eq!(found(1), missed(1, 2, Some((2, 3))));
        assert_eq!(found(3), missed(3, 2, None));
        assert_eq!(told(check_together_tls(&WireRule::AtOnce(9), &transcript)), None, "TLS does not show it");
    }
}
