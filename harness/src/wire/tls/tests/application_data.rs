//! Which record is the first with application data.

use crate::model::Side::{self, Client, Server};
use crate::wire::build::Exchange;
use crate::wire::tls::RecordKind::ChangeCipherSpec;
use crate::wire::tls::TlsConnection;
use crate::wire::tls::build::{client_hello, protected, record, server_hello};

fn said(hellos: Exchange, side: Side, lengths: &[usize]) -> TlsConnection {
    let exchange = hellos.bytes(side, record(ChangeCipherSpec, [1]));
    lengths.iter().fold(exchange, |exchange, length| exchange.bytes(side, protected(*length))).tls_connection()
}

fn hellos(version: u16) -> Exchange {
    let server = if version == 0x0304 { server_hello().versions(&[version]) } else { server_hello() };
    Exchange::new().bytes(Client, client_hello().versions(&[version]).record()).bytes(Server, server.record())
}

#[test]
fn a_client_of_tls_1_3() {
    // Its records 0 and 1 are the ClientHello and change_cipher_spec.
    for (lengths, expected) in [
        (&[][..], None),
        (&[19], None),
        (&[53], None),
        (&[69, 19], None),
        (&[53, 41], Some(3)),
        (&[69, 53], Some(3)),
        (&[53, 19, 40], Some(4)),
        (&[41], Some(2)),
        (&[19, 53], Some(3)),
    ] {
        assert_eq!(said(hellos(0x0304), Client, lengths).sent_application_data(Client), expected, "{lengths:?}");
    }
}

#[test]
fn a_server_of_tls_1_3_does_not_tell() {
    assert_eq!(said(hellos(0x0304), Server, &[900, 53, 100]).sent_application_data(Server), None);
}

#[test]
fn tls_1_2_shows_types() {
    for side in Side::BOTH {
        assert_eq!(said(hellos(0x0303), side, &[53]).sent_application_data(side), Some(2));
        assert_eq!(said(hellos(0x0303), side, &[]).sent_application_data(side), None);
    }
}

#[test]
fn without_a_server_hello_nothing_is_known() {
    let exchange = Exchange::new().bytes(Client, client_hello().record());
    assert_eq!(said(exchange, Client, &[100]).sent_application_data(Client), None);
}
