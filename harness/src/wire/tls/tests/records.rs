//! Records, alerts and what is neither.

use crate::model::Side::{Client, Server};
use crate::wire::build::Exchange;
use crate::wire::tls::build::{alert, client_hello, protected, record};
use crate::wire::tls::{NotTls, RecordKind, TlsHalf, TlsRecord};
use crate::wire::{Ending, limits};

fn server(bytes: impl Into<bytes::Bytes>) -> TlsHalf {
    Exchange::new().bytes(Server, bytes).tls_connection().server
}

#[test]
fn records_are_counted_over_both_directions() {
    let connection = Exchange::new()
        .bytes(Client, client_hello().record())
        .at(5_000)
        .bytes(Server, protected(7))
        .bytes(Client, [record(RecordKind::ChangeCipherSpec, [1]), protected(0)].concat())
        .end(Client)
        .broken(Server)
        .broken(Client)
        .tls_connection();
    let server = TlsRecord { index: 1, kind: RecordKind::ApplicationData, length: 7, at_us: 5_000 };
    assert_eq!(connection.server.records, [server]);
    assert_eq!(connection.client.records.iter().map(|record| record.index).collect::<Vec<_>>(), [0, 2, 3]);
    assert_eq!(connection.client.octets, client_hello().record().len() as u64 + 6 + 5);
    assert_eq!((connection.client.end, connection.server.end), (Some(Ending::Closed), Some(Ending::Broken)));
}

#[test]
fn the_first_plaintext_alert_is_read() {
    let encrypted = record(RecordKind::Alert, [0; 26]);
    let half = server([encrypted, alert(2, 48), alert(1, 0)].concat());
    let found = half.alert.unwrap();
    assert_eq!((found.level, found.description, found.record, found.name()), (2, 48, 1, "unknown_ca"));
    assert_eq!(found.to_string(), "fatal alert unknown_ca (48)");
    assert_eq!(server(alert(1, 112)).alert.unwrap().to_string(), "warning alert unrecognized_name (112)");
    assert_eq!(server(alert(3, 255)).alert.unwrap().to_string(), "level 3 alert unknown (255)");
}

#[test]
fn octets_that_are_no_record() {
    let page = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let half = server([protected(3).as_slice(), page].concat());
    let not_tls = NotTls { octets: page[..limits::NOT_TLS].to_vec(), after_records: 1, at_us: 0 };
    assert_eq!((half.records.len(), half.not_tls), (1, Some(not_tls)));
    assert_eq!(half.octets, 8 + page.len() as u64);
    for wrong in [[24, 3, 3, 0, 0], [23, 2, 3, 0, 0], [23, 3, 3, 0x48, 0x01]] {
        assert_eq!(server(wrong.to_vec()).not_tls.map(|not_tls| not_tls.octets), Some(wrong.to_vec()));
    }
    for right in [[23, 3, 0, 0, 0], [23, 3, 0xff, 0, 0], [23, 3, 3, 0x48, 0x00]] {
        assert_eq!(server(right.to_vec()).not_tls, None);
    }
}

#[test]
fn records_beyond_the_limit_are_counted() {
    let records = protected(0).repeat(limits::TLS_RECORDS);
    let half = server([records.as_slice(), &protected(0).repeat(2), b"x"].concat());
    assert_eq!((half.records.len(), half.left_out), (limits::TLS_RECORDS, 2));
    assert_eq!(half.not_tls.map(|not_tls| not_tls.after_records), Some(limits::TLS_RECORDS as u64 + 2));
}
