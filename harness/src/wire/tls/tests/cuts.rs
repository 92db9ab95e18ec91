//! However bytes are cut, the same is read; whatever they are, nothing panics.

use crate::model::Side::{self, Client, Server};
use crate::wire::build::Exchange;
use crate::wire::rules::{TlsContext, evaluate_tls};
use crate::wire::tests::pieces::{Event, WHOLE, any_side, damage, damaged, decode_pieces, events, sizes};
use crate::wire::tls::build::{alert, client_hello, handshake, hello_retry_request, protected, record, server_hello};
use crate::wire::tls::{RecordKind, TlsConnection, TlsDecoder, TlsTranscript};
use proptest::collection::vec;
use proptest::prelude::*;

fn decode(events: &[Event], pieces: &[usize]) -> TlsConnection {
    decode_pieces::<TlsDecoder>(events, pieces)
}

/// Everything that the decoder knows: hellos across records, two messages in one, a retry, an alert, no TLS at the end.
fn rich() -> Exchange {
    let client = client_hello().server_name("foo.test").alpn(&["h2", "http/1.1"]).versions(&[0x1a1a, 0x0304, 0x0303]);
    let message = client.message();
    let server = [hello_retry_request().message(), server_hello().versions(&[0x0304]).message()].concat();
    Exchange::new()
        .bytes(Client, record(RecordKind::Handshake, &message[..50]))
        .bytes(Client, record(RecordKind::Handshake, &message[50..]))
        .bytes(Server, alert(1, 112))
        .bytes(Server, record(RecordKind::Handshake, &server[..100]))
        .bytes(Client, client.record())
        .bytes(Server, record(RecordKind::Handshake, &server[100..]))
        .bytes(Server, record(RecordKind::ChangeCipherSpec, [1]))
        .bytes(Server, protected(16_401))
        .bytes(Client, protected(53))
        .bytes(Client, protected(70))
        .bytes(Server, b"HTTP/1.1 500 Internal Server Error\r\n\r\n".repeat(3))
        .end(Server)
        .bytes(Client, protected(100)[..60].to_vec())
        .broken(Client)
}

#[test]
fn the_rich_exchange_is_read() {
    let connection = rich().tls_connection();
    assert_eq!(connection.client_hello.as_ref().map(|hello| hello.record), Some(1));
    assert_eq!(connection.server_hello.as_ref().map(|hello| hello.record), Some(5));
    assert_eq!(connection.client.records.iter().map(|record| record.index).collect::<Vec<_>>(), [0, 1, 4, 8, 9]);
    assert_eq!(connection.server.records.iter().map(|record| record.index).collect::<Vec<_>>(), [2, 3, 5, 6, 7]);
    assert_eq!(connection.server.not_tls.as_ref().map(|not_tls| not_tls.octets.len()), Some(32));
    assert_eq!(connection.sent_application_data(Client), Some(4));
}

#[test]
fn octet_by_octet_gives_the_same() {
    let events = events(&rich());
    assert_eq!(decode(&events, &[1]), decode(&events, WHOLE));
}

/// Records with any content, and with handshake messages of any content.
fn any_record() -> impl Strategy<Value = Vec<u8>> {
    let kind = (20_u8..24).prop_filter_map("a record type", RecordKind::of);
    let plain = (kind, vec(any::<u8>(), 0..60)).prop_map(|(kind, content)| record(kind, content));
    let message = (1_u8..3, vec(any::<u8>(), 0..60)).prop_map(|(kind, content)| handshake(kind, content));
    let message = message.prop_map(|message| record(RecordKind::Handshake, message));
    // Extensions of any type and content, of which those that are read are the likelier ones.
    let kind = prop_oneof![Just(0_u16), Just(16), Just(43), any::<u16>()];
    let hello = (any::<bool>(), 0x0300_u16..0x0305, vec((kind, vec(any::<u8>(), 0..8)), 0..5));
    let hello = hello.prop_map(|(client, version, extensions)| {
        let hello = if client { client_hello() } else { server_hello() }.legacy_version(version);
        extensions.into_iter().fold(hello, |hello, (kind, content)| hello.extension(kind, content)).record()
    });
    prop_oneof![plain, message, hello]
}

fn exchange(pieces: Vec<(Side, Vec<u8>)>) -> Exchange {
    pieces.into_iter().fold(Exchange::new(), |exchange, (side, bytes)| exchange.bytes(side, bytes))
}

/// That what was read can be judged too, and that what it says fits together.
fn consistent(connection: TlsConnection) -> Result<(), TestCaseError> {
    let records = connection.client.records.len() + connection.server.records.len();
    for side in Side::BOTH {
        let half = connection.half(side);
        let octets: u64 = half.records.iter().map(|record| u64::from(record.length) + 5).sum();
        prop_assert!(octets <= half.octets);
        prop_assert!(connection.sent_application_data(side).is_none_or(|at| at < half.records.len()));
    }
    let transcript = TlsTranscript { connections: vec![connection], sealed: true };
    for found in evaluate_tls(&transcript, &TlsContext { server_name: Some("foo.test".to_owned()) }) {
        prop_assert!(found.place.is_none_or(|place| place.frame < records));
    }
    Ok(())
}

proptest! {
    #[test]
    fn cuts_do_not_matter(sizes in sizes()) {
        let events = events(&rich());
        prop_assert_eq!(decode(&events, &sizes), decode(&events, WHOLE));
    }

    #[test]
    fn cuts_do_not_matter_for_damaged_bytes(sizes in sizes(), damage in damage()) {
        let events = damaged(events(&rich()), damage);
        let whole = decode(&events, WHOLE);
        prop_assert_eq!(&decode(&events, &sizes), &whole);
        consistent(whole)?;
    }

    #[test]
    fn cuts_do_not_matter_for_any_records(sizes in sizes(), records in vec((any_side(), any_record()), 0..20)) {
        let events = events(&exchange(records));
        let whole = decode(&events, WHOLE);
        prop_assert_eq!(&decode(&events, &sizes), &whole);
        consistent(whole)?;
    }

    #[test]
    fn any_bytes_do_not_panic(sizes in sizes(), chunks in vec((any_side(), vec(any::<u8>(), 0..300)), 0..20)) {
        let events = events(&exchange(chunks));
        let whole = decode(&events, WHOLE);
        prop_assert_eq!(&decode(&events, &sizes), &whole);
        consistent(whole)?;
    }
}
