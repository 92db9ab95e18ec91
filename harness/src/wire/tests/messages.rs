//! gRPC messages in DATA frames.

use super::defects;
use crate::model::Side::{Client, Server};
use crate::wire::build::{Exchange, deflate, gzip, message};
use crate::wire::flag::{END_HEADERS, END_STREAM, PADDED};
use crate::wire::inflate::Inflater;
use crate::wire::{Budget, Half, Layer, Unreadable, kind};
use bytes::Bytes;

/// What comes of DATA frames, each padded by one octet, behind headers.
fn client_half(fields: &[(&str, &str)], data: &[&[u8]]) -> Half {
    let mut exchange = Exchange::new().preface().headers(Client, 1, 0, fields);
    for data in data {
        exchange = exchange.data_padded(Client, 1, 0, data, 1);
    }
    let connection = exchange.connection();
    assert_eq!(connection.defects, []);
    connection.streams[&1].client.clone()
}

const GRPC: (&str, &str) = ("content-type", "application/grpc+proto");

#[test]
fn several_in_one_frame() {
    let half = client_half(&[GRPC], &[&[message(0, b"ab"), message(0, b""), message(0, b"c")].concat()]);
    let bodies: Vec<_> = half.messages.iter().map(|message| message.body.clone().unwrap()).collect();
    assert_eq!(bodies, ["ab", "", "c"]);
    assert_eq!(half.partial, 0);
}

#[test]
fn one_in_several_frames() {
    let sent = message(0, b"hello");
    let half = client_half(&[GRPC], &[&sent[..3], b"", &sent[3..6], &sent[6..]]);
    let [message] = half.messages.as_slice() else { panic!("one message") };
    assert_eq!((message.first_frame, message.last_frame), (1, 4));
    assert_eq!(message.raw, "hello");
    assert_eq!(half.data, [1, 2, 3, 4]);
}

#[test]
fn an_empty_frame_before_a_message_is_no_part_of_it() {
    let half = client_half(&[GRPC], &[b"", &message(0, b"x")]);
    assert_eq!(half.messages[0].first_frame, 2);
}

#[test]
fn a_whole_message_is_not_copied() {
    let exchange = Exchange::new().headers(Server, 1, 0, &[GRPC]).data(Server, 1, 0, message(0, b"x"));
    let connection = exchange.connection();
    let crate::wire::Payload::Data { data, .. } = &connection.frames[1].payload else { panic!("DATA") };
    let message = &connection.streams[&1].server.messages[0];
    assert_eq!(message.raw.as_ptr(), data[5..].as_ptr());
    assert_eq!(message.body.as_ref().unwrap().as_ptr(), data[5..].as_ptr());
}

#[test]
fn an_open_message_is_partial() {
    let half = client_half(&[GRPC], &[&message(0, b"hello")[..7]]);
    assert_eq!((half.messages.len(), half.partial), (0, 7));
    let half = client_half(&[GRPC], &[&[message(0, b"x"), vec![0, 0]].concat()]);
    assert_eq!((half.messages.len(), half.partial), (1, 2));
}

#[test]
fn compressed_messages_are_inflated() {
    let text = b"zeros and zeros and zeros".as_slice();
    for (encoding, compressed) in [("gzip", gzip(text)), ("deflate", deflate(text)), ("identity", text.to_vec())] {
        let half = client_half(&[GRPC, ("grpc-encoding", encoding)], &[&message(1, &compressed), &message(0, text)]);
        assert_eq!(half.messages[0].raw, compressed, "{encoding}");
        assert_eq!(half.messages[0].flag, 1);
        assert_eq!(half.messages[0].body.as_deref(), Ok(text), "{encoding}");
        assert_eq!(half.messages[1].body.as_deref(), Ok(text), "{encoding}");
    }
}

#[test]
fn what_does_not_inflate_has_a_reason() {
    let whole = gzip(b"hello");
    let longer = [deflate(b"hello"), vec![0]].concat();
    for (encoding, raw, reason) in [
        (Some("gzip"), b"hello".as_slice(), "it does not inflate"),
        (Some("gzip"), b"", "it does not inflate"),
        (Some("gzip"), &whole[..whole.len() - 1], "it does not inflate"),
        (Some("gzip"), &[whole.clone(), b"more".to_vec()].concat(), "it does not inflate"),
        (Some("deflate"), b"hello", "it does not inflate"),
        (Some("deflate"), &deflate(b"hello")[..6], "it does not inflate"),
        (Some("deflate"), &longer, "1 octets stand behind the end"),
        (Some("snappy"), b"hello", "grpc-encoding \"snappy\" is not known here"),
        (None, b"hello", "no grpc-encoding says how"),
    ] {
        let fields: Vec<_> = encoding.map(|encoding| ("grpc-encoding", encoding)).into_iter().chain([GRPC]).collect();
        let half = client_half(&fields, &[&message(1, raw)]);
        let body = half.messages[0].body.clone();
        assert!(body.as_ref().is_err_and(|why| why.to_string().contains(reason)), "{encoding:?}: {body:?}");
    }
}

#[test]
fn an_unknown_flag_is_a_defect() {
    let connection = Exchange::new().headers(Server, 1, 0, &[GRPC]).data(Server, 1, 0, message(2, b"x")).connection();
    assert_eq!(defects(&connection), [(Layer::Message, "a message has compressed flag 2")]);
    assert!(connection.streams[&1].server.messages[0].body.is_err());
}

#[test]
fn a_half_that_ends_inside_a_message_is_a_defect() {
    let by_data = Exchange::new().headers(Server, 1, 0, &[GRPC]).data(Server, 1, END_STREAM, [0, 0]);
    let by_trailers = Exchange::new().headers(Server, 1, 0, &[GRPC]).data(Server, 1, 0, [0, 0]).headers(
        Server,
        1,
        END_STREAM,
        &[GRPC],
    );
    for exchange in [by_data, by_trailers] {
        let connection = exchange.connection();
        assert_eq!(defects(&connection), [(Layer::Message, "stream 1 ends 2 octets into a message")]);
    }
}

#[test]
fn an_error_page_has_no_messages() {
    let page = b"<html>Service Unavailable</html>".as_slice();
    for fields in [&[("content-type", "text/html"), (":status", "200")][..], &[(":status", "503")]] {
        let exchange = Exchange::new().headers(Server, 1, 0, fields).data(Server, 1, END_STREAM, page);
        let connection = exchange.connection();
        assert_eq!(connection.defects, []);
        let half = &connection.streams[&1].server;
        assert_eq!((half.messages.len(), half.partial, half.data.len()), (0, 0, 1));
    }
}

#[test]
fn what_is_read_as_grpc() {
    for (fields, grpc) in [
        (&[("content-type", "application/grpc")][..], true),
        (&[("content-type", "Application/gRPC;charset=utf-8")], true),
        (&[("content-type", "application/grpc+json"), (":status", "503")], true),
        (&[("content-type", "application/grpc-web+proto")], false),
        (&[("content-type", "application/grpc;charset=utf-8")], true),
        (&[("content-type", "application/grpc ; charset=utf-8")], true),
        (&[("content-type", "application/grpc +proto")], false),
        (&[("content-type", "text/application/grpc")], false),
        (&[("content-type", "")], false),
        (&[("content-type", "application/grp")], false),
        (&[(":status", "200")], true),
        (&[(":status", "404")], false),
        (&[("te", "trailers")], true),
    ] {
        let half = client_half(fields, &[&message(0, b"x")]);
        assert_eq!(half.is_grpc(), grpc, "{fields:?}");
        assert_eq!(half.messages.len(), usize::from(grpc), "{fields:?}");
    }
}

#[test]
fn an_informational_answer_says_nothing_of_the_body() {
    let exchange = Exchange::new().headers(Server, 1, 0, &[(":status", "103"), ("content-type", "text/html")]);
    let exchange = exchange.headers(Server, 1, 0, &[(":status", "200")]).data(Server, 1, 0, message(0, b"x"));
    let connection = exchange.connection();
    let half = &connection.streams[&1].server;
    assert_eq!((half.header(":status"), half.messages.len()), (Some(b"200".as_slice()), 1));
}

#[test]
fn behind_headers_that_are_not_decoded_nothing_is_known() {
    let undecodable = Exchange::new().frame(Server, kind::HEADERS, END_HEADERS, 1, [0x80]);
    let open = Exchange::new().frame(Server, kind::HEADERS, 0, 1, [0x88]);
    for exchange in [undecodable, open] {
        let connection = exchange.data(Server, 1, END_STREAM, b"<html>").connection();
        let half = &connection.streams[&1].server;
        assert_eq!((half.is_grpc(), half.heads.as_slice(), half.end_stream), (false, &[0][..], Some(1)));
        assert_eq!((half.messages.len(), half.partial, half.data.len()), (0, 0, 1));
    }
    let trailers = Exchange::new().headers(Server, 1, 0, &[GRPC]).data(Server, 1, 0, message(0, b"x"));
    let connection = trailers.frame(Server, kind::HEADERS, END_HEADERS, 1, [0x80]).connection();
    let half = &connection.streams[&1].server;
    assert_eq!((half.is_grpc(), half.messages.len()), (true, 1), "known by its headers");
}

#[test]
fn behind_a_malformed_frame_messages_cannot_be_told() {
    let exchange = Exchange::new().headers(Server, 1, 0, &[GRPC]).data(Server, 1, 0, b"\0\0\0");
    let exchange = exchange.frame(Server, kind::DATA, PADDED, 1, [9, 0]).data(Server, 1, END_STREAM, b"\x09");
    let connection = exchange.connection();
    assert_eq!(defects(&connection), [(Layer::Framing, "DATA has 9 octets of padding and only 1 to hold it")]);
    assert_eq!(connection.streams[&1].server.end_stream, Some(3));
    let ended = Exchange::new().headers(Server, 1, 0, &[GRPC]).frame(Server, kind::DATA, PADDED | END_STREAM, 1, [9]);
    assert_eq!(ended.connection().streams[&1].server.end_stream, Some(1));
}

#[test]
fn what_comes_behind_the_end_is_no_message() {
    let exchange = Exchange::new().headers(Server, 1, END_STREAM, &[GRPC]).data(Server, 1, END_STREAM, b"\x09");
    let reset = Exchange::new().headers(Server, 1, 0, &[GRPC]).rst_stream(Server, 1, 0).data(Server, 1, 0, b"\x09");
    for exchange in [exchange, reset] {
        let connection = exchange.connection();
        let half = &connection.streams[&1].server;
        assert_eq!((half.messages.len(), half.partial, half.data.len()), (0, 0, 1));
        assert_eq!(connection.defects, []);
    }
}

#[test]
fn the_other_direction_has_its_own_encoding() {
    let connection = Exchange::new()
        .preface()
        .headers(Client, 1, 0, &[GRPC])
        .data(Client, 1, END_STREAM, message(0, b"hello"))
        .headers(Server, 1, 0, &[GRPC, ("grpc-encoding", "gzip")])
        .data(Server, 1, 0, message(1, gzip(b"hello")))
        .connection();
    assert_eq!(connection.streams[&1].server.messages[0].body.as_deref(), Ok(b"hello".as_slice()));
    assert_eq!(connection.streams[&1].client.messages[0].body.as_deref(), Ok(b"hello".as_slice()));
}

#[test]
fn inflating_stays_within_the_budget() {
    let raw = Bytes::from(gzip([0; 100]));
    let budget = Budget::default();
    budget.inflated.set(150);
    let inflater = Inflater::new(&budget);
    assert_eq!(inflater.body(1, &raw, Some(b"gzip")).map(|body| body.len()), Ok(100));
    assert_eq!(inflater.body(1, &raw, Some(b"gzip")), Err(Unreadable::Limit));
    assert_eq!(inflater.body(0, &raw, Some(b"gzip")), Ok(raw));
}
