use super::check;
use crate::model::Side::{Client, Server};
use crate::model::{Compressed, Direction, Lengths, Level, Side, StatusCode, WireEvent, WireRule, WireStatus};
use crate::wire::build::{Exchange, deflate, gzip, message};
use crate::wire::flag::{END_HEADERS, END_STREAM};
use crate::wire::{code, kind};
use WireEvent::{Cancel, HalfClose, Request, Reset, Response, Trailers};

const NONE: &[(&str, &str)] = &[];

/// A call that the client has begun.
fn begun() -> Exchange {
    Exchange::new().preface().headers(Client, 1, 0, &[(":method", "POST"), ("grpc-encoding", "gzip")])
}

fn head(exchange: Exchange) -> Exchange {
    exchange.headers(Server, 1, 0, &[(":status", "200")])
}

fn send(exchange: Exchange, side: Side, flags: u8) -> Exchange {
    exchange.data(side, 1, flags, message(0, b"body"))
}

fn trailers(exchange: Exchange) -> Exchange {
    exchange.headers(Server, 1, END_STREAM, &[("grpc-status", "5"), ("grpc-message", "a%0ab")])
}

fn unary() -> Exchange {
    trailers(send(head(send(begun(), Client, END_STREAM)), Server, 0))
}

/// Fingerprints and texts of what a rule finds on stream 1.
fn found(rule: &WireRule, exchange: &Exchange) -> Vec<(String, String, String)> {
    let connection = exchange.connection_at(2);
    let found = check(rule, &connection, connection.streams.get(&1).unwrap());
    let places = found.iter().filter_map(|finding| finding.place);
    assert!(places.into_iter().all(|place| place.connection == 2 && place.frame < connection.frames.len()));
    found.into_iter().map(|f| (f.fingerprint(), f.expected, f.observed)).collect()
}

/// The fingerprints alone.
fn faults(rule: &WireRule, exchange: &Exchange) -> Vec<String> {
    found(rule, exchange).into_iter().map(|(fingerprint, _, _)| fingerprint).collect()
}

fn order(events: &[WireEvent]) -> WireRule {
    WireRule::Order(events.to_vec())
}

#[test]
fn order_of_a_unary_call() {
    let rule = order(&[Request, HalfClose, Response, Trailers]);
    assert_eq!(found(&rule, &unary()), []);
    assert_eq!(
        found(&order(&[Request, Response, HalfClose, Trailers]), &unary()),
        [(
            "wire.order@client".to_owned(),
            "request, response, half_close, trailers".to_owned(),
            "request (1), half_close (1), response (3), trailers (4)".to_owned()
        )]
    );
    let only_trailers = order(&[Trailers]);
    assert_eq!(found(&only_trailers, &unary()), []);
}

#[test]
fn order_blames_who_owed_the_missing_event() {
    let no_response = trailers(head(send(begun(), Client, END_STREAM)));
    let rule = order(&[Request, HalfClose, Response, Trailers]);
    assert_eq!(faults(&rule, &no_response), ["wire.order@server"]);
    let no_half_close = trailers(send(head(send(begun(), Client, 0)), Server, 0));
    assert_eq!(faults(&rule, &no_half_close), ["wire.order@client"]);
    assert_eq!(faults(&rule, &send(begun(), Client, END_STREAM)), ["wire.order@server"]);
    assert_eq!(faults(&rule, &begun()), ["wire.order@client"]);
    assert_eq!(faults(&order(&[Request, Cancel]), &send(begun(), Client, 0)), ["wire.order@client"]);
    assert_eq!(faults(&order(&[Request, Reset]), &send(begun(), Client, 0)), ["wire.order@unknown"]);
    assert_eq!(found(&rule, &begun())[0].2, "nothing of the kind");
}

#[test]
fn order_blames_who_was_early_or_did_more() {
    let ping_pong = order(&[Request, Response, Request, Response]);
    let eager = send(send(head(send(send(begun(), Client, 0), Client, 0)), Server, 0), Server, 0);
    assert_eq!(faults(&ping_pong, &eager), ["wire.order@client"]);
    let one = order(&[Request, HalfClose, Response, Trailers]);
    let two = trailers(send(send(head(send(begun(), Client, END_STREAM)), Server, 0), Server, 0));
    assert_eq!(faults(&one, &two), ["wire.order@server"]);
    let extra = order(&[Request]);
    assert_eq!(faults(&extra, &send(send(begun(), Client, 0), Client, 0)), ["wire.order@client"]);
}

#[test]
fn order_blames_a_reset_for_what_is_missing_behind_it() {
    let rule = order(&[Request, Response, Cancel]);
    let early = send(begun(), Client, 0).rst_stream(Client, 1, code::CANCEL);
    assert_eq!(faults(&rule, &early), ["wire.order@client"]);
    let refused = send(begun(), Client, 0).rst_stream(Server, 1, 7);
    assert_eq!(faults(&order(&[Request, Response, Reset]), &refused), ["wire.order@server"]);
    let right = send(head(send(begun(), Client, 0)), Server, 0).rst_stream(Client, 1, code::CANCEL);
    assert_eq!(found(&rule, &right), []);
}

#[test]
fn a_cancel_is_the_clients_and_of_that_code_only() {
    let rule = WireRule::Never(vec![Cancel, Reset]);
    let observed = |exchange: Exchange| found(&rule, &exchange).pop().map(|(side, _, observed)| (side, observed));
    let some = |side: &str, observed: &str| Some((format!("wire.never@{side}"), observed.to_owned()));
    assert_eq!(observed(begun().rst_stream(Client, 1, code::CANCEL)), some("client", "cancel (1)"));
    assert_eq!(observed(begun().rst_stream(Client, 1, 2)), some("client", "reset (1)"));
    assert_eq!(observed(begun().rst_stream(Server, 1, code::CANCEL)), some("server", "reset (1)"));
    assert_eq!(observed(unary()), None);
}

#[test]
fn never_names_each_kind_once() {
    let rule = WireRule::Never(vec![Response, HalfClose]);
    let two = send(send(head(send(begun(), Client, END_STREAM)), Server, 0), Server, 0);
    assert_eq!(faults(&rule, &two), ["wire.never@server", "wire.never@client"]);
    assert_eq!(found(&rule, &two)[0].1, "no response");
    assert_eq!(faults(&rule, &send(begun(), Client, 0)), Vec::<String>::new());
}

#[test]
fn lengths_are_those_of_inflated_messages() {
    let exchange = begun().data(Client, 1, 0, message(1, gzip([0; 500]))).data(Client, 1, 0, message(0, b"1234"));
    let exchange = send(head(exchange), Server, 0);
    let rule = |request, response| WireRule::Lengths(Lengths { request, response });
    assert_eq!(found(&rule(Some(vec![500, 4]), Some(vec![4])), &exchange), []);
    assert_eq!(found(&rule(None, None), &exchange), []);
    let missed = found(&rule(Some(vec![500, 5]), Some(vec![])), &exchange);
    let text = |side: &str, expected: &str, observed: &str| {
        (format!("wire.lengths@{side}"), expected.to_owned(), observed.to_owned())
    };
    assert_eq!(
        missed,
        [text("client", "request lengths [500, 5]", "[500, 4]"), text("server", "response lengths []", "[4]")]
    );
    let unreadable = begun().data(Client, 1, 0, message(1, b"no gzip"));
    let missed = found(&rule(Some(vec![7]), None), &unreadable);
    assert!(missed[0].2.starts_with("[unreadable: "), "{missed:?}");
}

#[test]
fn trailers_only_is_one_block_that_ends() {
    let rule = WireRule::TrailersOnly;
    let only = begun().headers(Server, 1, 0, &[(":status", "103")]);
    let only = only.headers(Server, 1, END_STREAM, &[(":status", "200"), ("grpc-status", "12")]);
    assert_eq!(found(&rule, &only), []);
    let observed = |exchange: &Exchange| found(&rule, exchange).pop().map(|(_, _, observed)| observed);
    assert_eq!(observed(&unary()).unwrap(), "response headers without END_STREAM, and DATA");
    assert_eq!(observed(&trailers(head(begun()))).unwrap(), "response headers without END_STREAM");
    assert_eq!(observed(&begun()).unwrap(), "no response headers");
    assert_eq!(faults(&rule, &begun()), ["wire.trailers_only@server"]);
}

#[test]
fn status_is_compared_by_meaning_and_noted_by_encoding() {
    let rule = |code, message: Option<&str>| WireRule::Status(WireStatus { code, message: message.map(str::to_owned) });
    let exact = StatusCode::NotFound;
    for message in [None, Some("a%0ab")] {
        assert_eq!(found(&rule(exact, message), &unary()), []);
    }
    let missed = found(&rule(StatusCode::Ok, Some("a b")), &unary());
    let observed: Vec<_> = missed.iter().map(|(_, _, observed)| observed.as_str()).collect();
    assert_eq!(observed, ["grpc-status: 5", "grpc-message: a%0ab"]);
    let levels = |message| {
        let stream = unary().connection();
        let stream_1 = &stream.streams[&1];
        check(&rule(exact, Some(message)), &stream, stream_1).iter().map(|finding| finding.level).collect::<Vec<_>>()
    };
    assert_eq!(levels("a%0Ab"), [Level::Should]);
    assert_eq!(levels("a%0Ac"), [Level::Must]);
    assert_eq!(found(&rule(exact, None), &head(begun()))[0].2, "no header block with END_STREAM");
    let bare = head(begun()).headers(Server, 1, END_STREAM, NONE);
    let missed = found(&rule(exact, Some("x")), &bare);
    assert_eq!(missed.iter().map(|m| m.2.as_str()).collect::<Vec<_>>(), ["no grpc-status", "no grpc-message"]);
    let silent = head(begun()).headers(Server, 1, END_STREAM, &[("grpc-status", "5")]);
    assert_eq!(found(&rule(exact, Some("")), &silent), []);
}

/// Request DATA of so many bytes on the wire.
fn transfer(bytes: usize) -> Exchange {
    begun().data(Client, 1, 0, message(0, vec![0; bytes - 5]))
}

#[test]
fn credit_counts_what_passed_on_the_connection() {
    let rule = WireRule::Credit(vec![Direction::Request]);
    assert_eq!(found(&rule, &transfer(65_536)), [], "that there was no credit is W16's to say");
    let text = |observed: &str| {
        [("wire.credit@client".to_owned(), "more than 65535 bytes of request DATA".to_owned(), observed.to_owned())]
    };
    assert_eq!(found(&rule, &transfer(65_535)), text("65535 bytes"));
    let padded = transfer(65_000).data_padded(Client, 1, 0, b"", 99);
    assert_eq!(found(&rule, &padded), text("65100 bytes"));
    assert_eq!(found(&rule, &padded.data(Client, 3, 0, [0; 436])), [], "other streams count too");
}

#[test]
fn credit_is_asked_of_each_direction_named() {
    let rule = WireRule::Credit(vec![Direction::Request, Direction::Response]);
    assert_eq!(faults(&rule, &unary()), ["wire.credit@client", "wire.credit@server"]);
    let both = head(transfer(100_000)).data(Server, 1, 0, vec![0; 100_000]);
    assert_eq!(found(&rule, &both), []);
}

/// Headers of a side besides the usual ones, and its messages.
type Sent<'a> = (&'a [(&'a str, &'a str)], &'a [Vec<u8>]);

/// A call of which each side sends this.
fn encoded([(request, requests), (response, responses)]: [Sent<'_>; 2]) -> Exchange {
    let exchange = Exchange::new().preface().headers(Client, 1, 0, &[&[(":method", "POST")], request].concat());
    let exchange = requests.iter().fold(exchange, |exchange, message| exchange.data(Client, 1, 0, message));
    let exchange = exchange.headers(Server, 1, 0, &[&[(":status", "200")], response].concat());
    responses.iter().fold(exchange, |exchange, message| exchange.data(Server, 1, 0, message))
}

fn compressed(request: Option<&[bool]>, response: Option<&[bool]>) -> WireRule {
    let list = |flags: Option<&[bool]>| flags.map(<[bool]>::to_vec);
    WireRule::Compressed(Compressed { request: list(request), response: list(response) })
}

const GZIP: &[(&str, &str)] = &[("grpc-encoding", "gzip")];

#[test]
fn compressed_compares_the_flags_in_order() {
    let (small, plain) = (message(1, gzip([0; 500])), message(0, [0; 500]));
    let by_deflate = message(1, deflate([0; 500]));
    let exchange = encoded([
        (GZIP, &[small.clone(), plain.clone()]),
        (&[("grpc-encoding", "deflate")], &[plain.clone(), by_deflate.clone()]),
    ]);
    assert_eq!(found(&compressed(Some(&[true, false]), Some(&[false, true])), &exchange), []);
    assert_eq!(found(&compressed(None, None), &exchange), []);
    let missed = found(&compressed(Some(&[true, true]), Some(&[false])), &exchange);
    let text = |side: &str, expected: &str, observed: &str| {
        (format!("wire.compressed@{side}"), expected.to_owned(), observed.to_owned())
    };
    let both = [
        text("client", "request compressed flags [1, 1]", "[1, 0]"),
        text("server", "response compressed flags [0]", "[0, 1]"),
    ];
    assert_eq!(missed, both);
    let missed = found(&compressed(Some(&[true, false, true]), None), &exchange);
    assert_eq!(missed, [text("client", "request compressed flags [1, 0, 1]", "[1, 0]")]);
    assert_eq!(faults(&compressed(None, Some(&[true])), &begun()), ["wire.compressed@server"]);
}

#[test]
fn compressed_says_nothing_of_the_encoding() {
    let rule = compressed(Some(&[true]), Some(&[true]));
    let exchange = encoded([(NONE, &[message(1, b"no gzip")]), (&[("grpc-encoding", "snappy")], &[message(1, b"")])]);
    assert_eq!(found(&rule, &exchange), []);
}

#[test]
fn unanswered_is_what_the_server_says_nothing_to() {
    let observed = |exchange: Exchange| {
        let found = found(&WireRule::Unanswered, &exchange).pop();
        found.map(|(side, _, observed)| (side, observed))
    };
    let answer = |observed: &str| Some(("wire.unanswered@server".to_owned(), observed.to_owned()));
    assert_eq!(observed(send(begun(), Client, END_STREAM).rst_stream(Client, 1, code::CANCEL)), None);
    assert_eq!(observed(unary()), answer("HEADERS"));
    assert_eq!(observed(begun().data(Server, 1, 0, b"").headers(Server, 1, 0, NONE)), answer("DATA"));
    assert_eq!(observed(head(begun().rst_stream(Server, 1, code::CANCEL))), answer("RST_STREAM"));
    assert_eq!(observed(begun().frame(Server, kind::HEADERS, END_HEADERS, 1, [0x80])), answer("HEADERS"));
}
