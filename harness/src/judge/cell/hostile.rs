//! What few bytes of a peer can do to its cell: it fails, the limit is told, and nobody is blamed for what the decoder does not know.

use super::Judgement;
use super::tests::{REQUEST_HEADERS, fingerprints, judged, judged_as};
use crate::model::Side::{Client, Server};
use crate::model::{Lack, Verdict};
use crate::wire::build::{Exchange, frame, gzip, message};
use crate::wire::flag::{END_HEADERS, END_STREAM};
use crate::wire::tls::{TlsConnection, TlsTranscript};
use crate::wire::{Connection, Transcript, kind, limits};

/// A call up to where the server answers.
fn asked() -> Exchange {
    let request = [&REQUEST_HEADERS[..], &[("grpc-accept-encoding", "gzip")]].concat();
    let exchange = Exchange::new().preface().settings(Client, &[]).settings(Server, &[]);
    exchange.headers(Client, 1, 0, &request).data(Client, 1, END_STREAM, message(0, [8, 0, 16, 3, 26, 4, 18, 2, 0, 0]))
}

/// The same, and the start of a good answer.
fn answered(encoding: &str) -> Exchange {
    let response = [(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", encoding)];
    asked().headers(Server, 1, 0, &response)
}

fn with_trailers(exchange: Exchange) -> Connection {
    exchange.headers(Server, 1, END_STREAM, &[("grpc-status", "0")]).connection()
}

fn judge(connection: Connection) -> Judgement {
    judged(Transcript { connections: vec![connection], sealed: true })
}

/// The cell fails by a limit alone, whose name is in the reason.
fn is_limited(judgement: &Judgement, what: &str) {
    assert_eq!(fingerprints(judgement), ["H5@unknown"], "{:#?}", judgement.findings);
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert!(judgement.reason.contains(what), "{}", judgement.reason);
}

#[test]
fn a_message_that_announces_4_gib() {
    let connection = with_trailers(answered("gzip").data(Server, 1, 0, [0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]));
    assert_eq!(connection.streams[&1].server.partial, 8);
    let judgement = judge(connection);
    assert!(judgement.reason.starts_with("W6@server"), "{}", judgement.reason);
    assert!(judgement.reason.contains("8 octets into a message"), "{}", judgement.reason);
}

#[test]
fn settings_of_16_mib() {
    let announced = asked().bytes(Server, frame(kind::SETTINGS, 0, 0, vec![0; 0xff_fffc])[..20].to_vec());
    let whole = asked().frame(Server, kind::SETTINGS, 0, 0, vec![0; 0xff_fffc]);
    for exchange in [announced, whole] {
        let judgement = judge(exchange.connection());
        assert!(judgement.reason.starts_with("H1@server"), "{}", judgement.reason);
        assert!(judgement.reason.contains("SETTINGS of 16777212 bytes"), "{}", judgement.reason);
    }
}

/// A header block in which a field of 4 KB goes into the table once, and is then pointed at by one octet each time.
fn pointing(times: usize) -> Vec<u8> {
    let mut block = asked().block(Server, &[("x", "v".repeat(4_000))]);
    block.extend(vec![0xbe; times]);
    block
}

#[test]
fn one_field_of_the_table_again_and_again() {
    let exchange = asked().frame(Server, kind::HEADERS, END_HEADERS | END_STREAM, 1, pointing(10_000));
    is_limited(&judge(exchange.connection()), "a header list is larger than the decoder holds");
}

#[test]
fn continuations_without_end() {
    let mut exchange = asked().frame(Server, kind::HEADERS, 0, 1, pointing(0));
    for _ in 0..100 {
        exchange = exchange.frame(Server, kind::CONTINUATION, 0, 1, [0x88; 16_384]);
    }
    is_limited(&judge(exchange.connection()), "a header block is longer than the decoder holds");
}

#[test]
fn a_message_that_inflates_without_end() {
    // Members of a MiB each, since making one is slow too.
    let bomb = message(1, gzip(vec![0; 1 << 20]).repeat((limits::INFLATED_MESSAGE >> 20) + 1));
    let room = answered("gzip").window_update(Client, 1, 1 << 20).window_update(Client, 0, 1 << 20);
    let exchange = room.data_in_frames(Server, 1, 0, bomb, 16_384);
    is_limited(&judge(with_trailers(exchange)), "a message inflates to more than the decoder holds");
}

#[test]
fn a_limit_proves_no_lack() {
    let exchange = asked().frame(Server, kind::HEADERS, END_HEADERS | END_STREAM, 1, pointing(10_000));
    let transcript = Transcript { connections: vec![exchange.connection()], sealed: true };
    let lack = Lack { reason: "no unary calls".into(), link: "https://example.test".into() };
    let judgement = judged_as(transcript, Some(lack));
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert!(
        judgement.reason.starts_with("not proven, since a limit of the decoder was reached"),
        "{}",
        judgement.reason
    );
}

#[test]
fn a_hundred_thousand_streams() {
    let mut octets = Vec::new();
    for stream in 1..=u32::try_from(limits::STREAMS).unwrap() {
        // :method POST and :path /, both of the static table.
        octets.extend(frame(kind::HEADERS, END_HEADERS | END_STREAM, stream * 2 + 1, [0x83, 0x84]));
    }
    let judgement = judge(asked().bytes(Client, octets).connection());
    assert_eq!(judgement.verdict, Verdict::Fail);
    let told = |finding: &crate::model::Finding| finding.observed.starts_with("more streams than the decoder holds");
    assert!(judgement.findings.iter().any(told), "{}", judgement.reason);
    assert!(judgement.findings.iter().all(|finding| finding.check != "calls"), "who opened what is not known");
}

#[test]
fn frames_without_end() {
    let endless = frame(kind::PING, 0, 0, [0; 8]).repeat(limits::FRAMES);
    let judgement = judge(answered("gzip").bytes(Server, endless).connection());
    is_limited(&judgement, "more frames than the decoder holds");
}

#[test]
fn more_tls_records_than_are_kept() {
    let mut connection = TlsConnection::default();
    connection.server.left_out = 3;
    let judgement = judged(TlsTranscript { connections: vec![connection], sealed: true });
    assert_eq!(judgement.verdict, Verdict::Fail);
    let told =
        |finding: &crate::model::Finding| finding.fingerprint() == "records@unknown" && finding.observed == "3 more";
    assert!(judgement.findings.iter().any(told), "{:#?}", judgement.findings);
}
