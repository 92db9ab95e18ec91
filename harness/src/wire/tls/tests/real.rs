//! What is read of rustls talking to itself in memory.

use crate::model::Side::{Client, Server};
use crate::wire::build::Exchange;
use crate::wire::decode_tls;
use crate::wire::rules::{TlsContext, evaluate_tls};
use crate::wire::tests::transcript::capture;
use crate::wire::tls::{TlsConnection, TlsTranscript, TlsVersion};
use rcgen::{CertificateParams, CertifiedKey, DnType, KeyPair};
use std::io::Write;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion,
};

const NAME: &str = "foo.test";

/// A certificate for [`NAME`] that `issuer` issued to itself.
fn certificate(issuer: &str) -> CertifiedKey<KeyPair> {
    let signing_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, issuer);
    CertifiedKey { cert: params.self_signed(&signing_key).unwrap(), signing_key }
}

/// A client that offers `versions` and trusts one certificate.
fn client(versions: &[&'static SupportedProtocolVersion], trusted: &CertifiedKey<KeyPair>) -> Connection {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.cert.der().clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(versions).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    ClientConnection::new(Arc::new(config), NAME.try_into().unwrap()).unwrap().into()
}

fn server(provider: CryptoProvider, own: &CertifiedKey<KeyPair>) -> Connection {
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let builder =
        ServerConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key).unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
    ServerConnection::new(Arc::new(config)).unwrap().into()
}

/// Lets both sides talk until neither has anything to say, and notes what they said.
fn talk(mut exchange: Exchange, client: &mut Connection, server: &mut Connection) -> Exchange {
    loop {
        let before = exchange.steps().len();
        for side in [Client, Server] {
            let (from, to) = match side {
                Client => (&mut *client, &mut *server),
                Server => (&mut *server, &mut *client),
            };
            let mut said = Vec::new();
            while from.wants_write() {
                from.write_tls(&mut said).unwrap();
            }
            if said.is_empty() {
                continue;
            }
            let mut rest = said.as_slice();
            while !rest.is_empty() {
                to.read_tls(&mut rest).unwrap();
                // A side that refuses says so by an alert, which is written in the next round.
                let _ = to.process_new_packets();
            }
            exchange = exchange.bytes(side, said);
        }
        if exchange.steps().len() == before {
            return exchange;
        }
    }
}

/// What is read of an exchange, after the rules were found kept.
fn read(exchange: &Exchange) -> TlsConnection {
    let TlsTranscript { mut connections, sealed } = decode_tls(capture(exchange)).unwrap();
    assert!(sealed);
    let transcript = TlsTranscript { connections: connections.clone(), sealed };
    assert_eq!(evaluate_tls(&transcript, &TlsContext { server_name: Some(NAME.to_owned()) }), []);
    connections.pop().unwrap()
}

/// A whole handshake, then 10 octets of the client: what is read before and after them.
fn handshake(
    versions: &[&'static SupportedProtocolVersion],
    provider: CryptoProvider,
) -> (TlsConnection, TlsConnection) {
    let own = certificate("own");
    let (mut client, mut server) = (client(versions, &own), server(provider, &own));
    let exchange = talk(Exchange::new(), &mut client, &mut server);
    assert!(!client.is_handshaking() && !server.is_handshaking());
    assert_eq!(client.alpn_protocol(), Some(b"h2".as_slice()));
    let before = read(&exchange);
    client.writer().write_all(b"0123456789").unwrap();
    (before, read(&talk(exchange, &mut client, &mut server)))
}

fn assert_offer(connection: &TlsConnection, versions: &[TlsVersion]) {
    let hello = connection.client_hello.as_ref().unwrap();
    assert_eq!(hello.server_name.as_deref(), Some(NAME));
    assert_eq!(hello.alpn, [b"h2"]);
    assert_eq!(hello.versions, versions);
}

#[test]
fn tls_1_3() {
    let (before, after) = handshake(&[&TLS13, &TLS12], ring::default_provider());
    assert_offer(&before, &[TlsVersion::TLS_1_3, TlsVersion::TLS_1_2]);
    let chosen = before.server_hello.as_ref().unwrap();
    assert_eq!((chosen.version, chosen.alpn.as_ref()), (TlsVersion::TLS_1_3, None));
    assert!((0x1301..=0x1303).contains(&chosen.cipher_suite), "{chosen:?}");
    assert_eq!(before.sent_application_data(Client), None);
    let sent = after.sent_application_data(Client).unwrap();
    assert_eq!((sent, after.client.records[sent].length), (after.client.records.len() - 1, 10 + 1 + 16));
    assert_eq!((after.client.alert, after.client.not_tls, after.server.not_tls), (None, None, None));
}

#[test]
fn tls_1_3_with_a_retry() {
    let mut provider = ring::default_provider();
    provider.kx_groups = vec![ring::kx_group::SECP384R1];
    let (before, after) = handshake(&[&TLS13], provider);
    assert_offer(&before, &[TlsVersion::TLS_1_3]);
    // A HelloRetryRequest came first.
    let hello = before.server_hello.as_ref().unwrap();
    assert!(before.server.records[0].index < hello.record);
    assert_eq!(hello.version, TlsVersion::TLS_1_3);
    assert_eq!(before.sent_application_data(Client), None);
    assert_eq!(after.sent_application_data(Client), Some(after.client.records.len() - 1));
}

#[test]
fn tls_1_2() {
    let (before, after) = handshake(&[&TLS12], ring::default_provider());
    assert_offer(&before, &[TlsVersion::TLS_1_2]);
    let chosen = before.server_hello.as_ref().unwrap();
    assert_eq!((chosen.version, chosen.alpn.as_deref()), (TlsVersion::TLS_1_2, Some(b"h2".as_slice())));
    assert_eq!(before.sent_application_data(Client), None);
    assert_eq!(after.sent_application_data(Client), Some(after.client.records.len() - 1));
    assert_eq!(after.sent_application_data(Server), None);
}

#[test]
fn a_client_that_does_not_know_the_authority() {
    for versions in [&TLS13, &TLS12] {
        let own = certificate("own");
        let (mut client, mut server) =
            (client(&[versions], &certificate("other")), server(ring::default_provider(), &own));
        let connection = read(&talk(Exchange::new(), &mut client, &mut server));
        assert!(connection.server_hello.is_some());
        assert_eq!(connection.sent_application_data(Client), None);
        // TLS 1.3 encrypts the alert.
        let alert = connection.client.alert.map(|alert| alert.to_string());
        let shown = (versions == &TLS12).then(|| "fatal alert unknown_ca (48)".to_owned());
        assert_eq!(alert, shown);
    }
}
