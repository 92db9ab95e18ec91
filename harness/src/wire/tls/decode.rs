use super::hello_reader::{Hello, HelloReader};
use super::splitter::{Piece, Splitter};
use super::{Alert, HelloDefect, NotTls, RecordKind, TlsConnection, TlsRecord};
use crate::model::Side;
use crate::wire::budget::{Budget, take};
use crate::wire::{Decoder, Ending, SidePair};
use bytes::Bytes;

/// Reads one TLS connection, as far as that can be read without keys.
#[derive(Debug)]
pub struct TlsDecoder {
    connection: TlsConnection,
    directions: SidePair<Direction>,
    /// Records of both directions so far.
    records: usize,
    budget: Budget,
}

/// What is known of one direction beyond the result.
#[derive(Debug)]
struct Direction {
    splitter: Splitter,
    hello: HelloReader,
}

impl Direction {
    fn new(side: Side) -> Self {
        Direction { splitter: Splitter::default(), hello: HelloReader::new(side) }
    }
}

impl Decoder for TlsDecoder {
    type Connection = TlsConnection;

    fn new(index: usize, budget: &Budget) -> Self {
        TlsDecoder {
            connection: TlsConnection { index, ..TlsConnection::default() },
            directions: SidePair { client: Direction::new(Side::Client), server: Direction::new(Side::Server) },
            records: 0,
            budget: budget.clone(),
        }
    }

    fn push(&mut self, side: Side, at_us: u64, mut bytes: Bytes) {
        self.connection.half_mut(side).octets += bytes.len() as u64;
        while let Some(piece) = self.directions.of_mut(side).splitter.next(&mut bytes) {
            match piece {
                Piece::Record { kind, body } => self.record(side, at_us, kind, &body),
                Piece::NotTls(octets) => self.not_tls(side, at_us, &octets),
            }
        }
    }

    fn end(&mut self, side: Side, ending: Ending) {
        self.connection.half_mut(side).end.get_or_insert(ending);
    }

    fn finish(self) -> TlsConnection {
        self.connection
    }
}

impl TlsDecoder {
    fn record(&mut self, side: Side, at_us: u64, kind: RecordKind, body: &[u8]) {
        let index = self.records;
        self.records += 1;
        let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
        let half = self.connection.half_mut(side);
        if take(&self.budget.tls_records, 1) {
            half.records.push(TlsRecord { index, kind, length, at_us });
        } else {
            half.left_out += 1;
        }
        if let (RecordKind::Alert, &[level, description]) = (kind, body) {
            half.alert.get_or_insert(Alert { level, description, record: index, at_us });
        }
        match self.directions.of_mut(side).hello.read(kind, body, index, at_us) {
            Some(Ok(Hello::Client(hello))) => self.connection.client_hello = Some(hello),
            Some(Ok(Hello::Server(hello))) => self.connection.server_hello = Some(hello),
            Some(Err(what)) => half.hello_defect = Some(HelloDefect { record: index, what, at_us }),
            None => {}
        }
    }

    fn not_tls(&mut self, side: Side, at_us: u64, octets: &[u8]) {
        let half = self.connection.half_mut(side);
        let after_records = half.records.len() as u64 + half.left_out;
        let not_tls = half.not_tls.get_or_insert_with(|| NotTls { octets: Vec::new(), after_records, at_us });
        not_tls.octets.extend_from_slice(octets);
    }
}
