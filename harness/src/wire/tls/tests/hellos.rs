//! What is read of hellos.

use crate::model::Side::{Client, Server};
use crate::wire::build::Exchange;
use crate::wire::limits;
use crate::wire::tls::build::{client_hello, handshake, hello_retry_request, record, server_hello};
use crate::wire::tls::{ClientHello, RecordKind, ServerHello, TlsHalf, TlsVersion};

fn client(bytes: impl Into<bytes::Bytes>) -> (TlsHalf, Option<ClientHello>) {
    let connection = Exchange::new().bytes(Client, bytes).tls_connection();
    (connection.client, connection.client_hello)
}

fn server(bytes: impl Into<bytes::Bytes>) -> (TlsHalf, Option<ServerHello>) {
    let connection = Exchange::new().bytes(Server, bytes).tls_connection();
    (connection.server, connection.server_hello)
}

/// Why there is no ClientHello.
fn defect(bytes: impl Into<bytes::Bytes>) -> String {
    let (half, hello) = client(bytes);
    assert_eq!(hello, None);
    half.hello_defect.unwrap().what
}

#[test]
fn what_a_client_offers() {
    let hello = client_hello()
        .extension(0x2a2a, [])
        .extension(5, [1, 0, 0, 0, 0])
        .server_name("foo.test")
        .alpn(&["grpc-exp", "h2"])
        // Not what such an extension looks like, and not read.
        .extension(42, [1])
        .versions(&[0xdada, 0x0304, 0x0303])
        .server_name("second.test");
    let expected = ClientHello {
        server_name: Some("foo.test".to_owned()),
        alpn: vec![b"grpc-exp".to_vec(), b"h2".to_vec()],
        versions: vec![TlsVersion::TLS_1_3, TlsVersion::TLS_1_2],
        record: 0,
        at_us: 0,
    };
    assert_eq!(client(hello.record()).1, Some(expected));
}

#[test]
fn a_hello_without_extensions() {
    let (_, hello) = client(client_hello().legacy_version(0x0301).record());
    let versions = vec![TlsVersion(0x0301)];
    assert_eq!(hello, Some(ClientHello { server_name: None, alpn: vec![], versions, record: 0, at_us: 0 }));
    let (_, hello) = server(server_hello().legacy_version(0x0302).record());
    let version = TlsVersion(0x0302);
    assert_eq!(hello, Some(ServerHello { version, cipher_suite: 0xc02f, alpn: None, record: 0, at_us: 0 }));
}

#[test]
fn what_a_server_chooses() {
    let (_, hello) = server(server_hello().alpn(&["h2"]).record());
    let hello = hello.unwrap();
    assert_eq!((hello.version, hello.alpn), (TlsVersion::TLS_1_2, Some(b"h2".to_vec())));
    let (_, hello) = server(server_hello().versions(&[0x0304]).record());
    let hello = hello.unwrap();
    assert_eq!((hello.version, hello.cipher_suite, hello.alpn), (TlsVersion::TLS_1_3, 0x1301, None));
}

#[test]
fn a_retry_is_no_server_hello() {
    let retry = hello_retry_request();
    assert_eq!(server(retry.record()), {
        let (half, _) = server(retry.record());
        assert_eq!(half.hello_defect, None);
        (half, None)
    });
    let in_one = record(RecordKind::Handshake, [retry.message(), server_hello().message()].concat());
    let (half, hello) = server(in_one);
    assert_eq!((half.hello_defect, hello.map(|hello| hello.version)), (None, Some(TlsVersion::TLS_1_2)));
}

#[test]
fn the_first_client_hello_is_kept() {
    let (first, second) = (client_hello().server_name("a.test"), client_hello().server_name("b.test"));
    let (_, hello) = client([first.record(), second.record()].concat());
    assert_eq!(hello.unwrap().server_name.as_deref(), Some("a.test"));
}

#[test]
fn a_hello_in_records_of_one_octet() {
    let message = client_hello().server_name("foo.test").message();
    let records: Vec<u8> = message.iter().flat_map(|octet| record(RecordKind::Handshake, [*octet])).collect();
    let (half, hello) = client(records);
    assert_eq!(half.records.len(), message.len());
    assert_eq!(hello.map(|hello| hello.record), Some(message.len() - 1));
}

#[test]
fn hellos_that_cannot_be_read() {
    let hello = |content: &[u8]| record(RecordKind::Handshake, handshake(1, content));
    let good = client_hello().message();
    assert_eq!(defect(hello(&good[4..40])), "a ClientHello that cannot be read");
    assert_eq!(defect(hello(&[&good[4..], &[0, 0, 1]].concat())), "a ClientHello with octets behind its fields");
    assert_eq!(
        defect(hello(&[&good[4..], &[0, 3, 0, 0, 9]].concat())),
        "a ClientHello whose extensions do not fit their length"
    );
    let alpn = client_hello().extension(16, [0, 9, 2]).record();
    assert_eq!(defect(alpn), "a ClientHello whose extension 16 cannot be read");
    assert_eq!(defect(server_hello().record()), "a handshake message of type 2 before the ClientHello");
    assert_eq!(
        defect(record(RecordKind::ChangeCipherSpec, [1])),
        "a record of type change_cipher_spec before the ClientHello"
    );
    let (half, hello) = server(server_hello().legacy_version(0x0304).record());
    assert_eq!((half.hello_defect.unwrap().what, hello), ("a ServerHello that cannot be read".to_owned(), None));
}

#[test]
fn a_length_on_the_wire_allocates_nothing() {
    let length = u32::try_from(limits::TLS_HELLO).unwrap().to_be_bytes();
    let start = [1, length[1], length[2], length[3], 3, 3];
    let (half, hello) = client(record(RecordKind::Handshake, start));
    assert_eq!((half.hello_defect, hello), (None, None));
    let length = u32::try_from(limits::TLS_HELLO + 1).unwrap().to_be_bytes();
    let start = [1, length[1], length[2], length[3], 3, 3];
    assert_eq!(defect(record(RecordKind::Handshake, start)), "a ClientHello of 131397 octets");
}
