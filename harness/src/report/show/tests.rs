use super::{ShowCell, View, show, shown};
use crate::judge::Recording;
use crate::model::Side::{Client, Server};
use crate::model::{Fault, Finding, Level, Place};
use crate::proto::testing::{Payload, ResponseParameters, SimpleRequest, StreamingOutputCallRequest};
use crate::wire::build::{Exchange, frame, gzip, message};
use crate::wire::flag::END_STREAM;
use crate::wire::rules::fixtures::{Subject, fixtures};
use crate::wire::tls::TlsTranscript;
use crate::wire::{Transcript, code, kind, setting};
use prost::Message;
use serde_json::Value;
use std::collections::BTreeSet;

fn finding(check: &str, level: Level, place: Option<Place>) -> Finding {
    let (expected, observed) = ("one grpc-status".into(), "none, \u{1b}[2J".into());
    Finding { check: check.into(), level, fault: Fault::Server, expected, observed, place }
}

fn zeros(length: usize) -> Option<Payload> {
    Some(Payload { body: vec![0; length].into(), ..Payload::default() })
}

fn request(path: &str) -> [(&str, &str); 5] {
    [
        (":method", "POST"),
        (":path", path),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("grpc-encoding", "gzip"),
    ]
}

const RESPONSE: [(&str, &str); 2] = [(":status", "200"), ("content-type", "application/grpc")];

/// Everything that a connection may have, well and badly.
fn exchange() -> Exchange {
    let unary = SimpleRequest { response_size: 3, payload: zeros(271), ..SimpleRequest::default() };
    let parameters = (1..=20).map(|size| ResponseParameters { size, ..ResponseParameters::default() }).collect();
    let payload = Some(Payload { body: "not zeros but text".into(), ..Payload::default() });
    let stream = StreamingOutputCallRequest { response_parameters: parameters, payload, ..Default::default() };
    Exchange::new()
        .at(1_000_000)
        .preface()
        .settings(Client, &[(setting::INITIAL_WINDOW_SIZE, 65_535), (0xbeef, 1)])
        .settings(Server, &[(setting::MAX_FRAME_SIZE, 16_384)])
        .settings_ack(Client)
        // Stream 1: a call as it should be, compressed, with a status that has a message.
        .headers(Client, 1, 0, &request("/grpc.testing.TestService/UnaryCall"))
        .data(Client, 1, END_STREAM, message(1, gzip(unary.encode_to_vec())))
        .window_update(Server, 1, 300)
        .ping(Server, *b"pingping")
        .ping_ack(Client, *b"pingping")
        .headers(Server, 1, 0, &RESPONSE)
        .headers(Server, 1, END_STREAM, &[("grpc-status", "5"), ("grpc-message", "no%0Asuch"), ("x-bin", "AAE")])
        // Stream 3: two requests in three frames, one answer, a part of another; cancelled.
        .headers(Client, 3, 0, &request("/grpc.testing.TestService/FullDuplexCall"))
        .data_in_frames(Client, 3, 0, [message(0, stream.encode_to_vec()), message(0, b"")].concat(), 60)
        .headers(Server, 3, 0, &RESPONSE)
        .data(Server, 3, 0, message(0, b""))
        .data(Server, 3, 0, b"\0\0\0\0\x09abc")
        .rst_stream(Client, 3, code::CANCEL)
        // Stream 5: a message that is none, and a page in place of an answer.
        .headers(Client, 5, 0, &request("/grpc.testing.TestService/UnaryCall"))
        .data(Client, 5, 0, message(0, b"\xff\xff\xff"))
        .data(Client, 5, END_STREAM, b"")
        .headers(Server, 5, 0, &[(":status", "503"), ("content-type", "text/html")])
        .data(Server, 5, END_STREAM, b"<html>")
        // Stream 7: a service that nobody knows, and the client does not say that it is done.
        .headers(Client, 7, 0, &request("/shop.v1.Shop/Order"))
        .data(Client, 7, 0, message(0, b"\x08\x01"))
        .headers(Server, 7, END_STREAM, &[(":status", "200"), ("grpc-status", "12")])
        .bytes(Server, frame(0x42, 0, 0, b"??"))
        .goaway(Server, 7, code::NO_ERROR, b"bye\n")
        .end(Server)
        .broken(Client)
}

fn recording() -> Recording {
    let connections = vec![exchange().connection(), Exchange::new().preface().connection_at(1)];
    Recording::Frames(Transcript { connections, sealed: false })
}

/// Findings on the page's frame and on a WINDOW_UPDATE, and one about no frame.
fn findings(recording: &Recording) -> Vec<Finding> {
    let Recording::Frames(transcript) = recording else { panic!("frames") };
    let of = |wanted: u8, stream: u32| {
        let frame = transcript.connections[0].frames.iter().rfind(|frame| {
            frame.side == Server
                && frame.stream == stream
                && super::frames::frame_kind(frame).name == kind::name(wanted)
        });
        Some(Place { connection: 0, frame: frame.unwrap().index })
    };
    vec![
        finding("W9", Level::Must, of(kind::DATA, 5)),
        finding("W17", Level::Should, of(kind::WINDOW_UPDATE, 1)),
        finding("H9", Level::Must, of(kind::GOAWAY, 0)),
        finding("response", Level::Must, None),
    ]
}

fn told(view: View, how: fn(&super::Shown) -> String) -> String {
    let recording = recording();
    let findings = findings(&recording);
    let cell =
        ShowCell { id: "a/b/c/plaintext", verdict: "fail W9@server", recording: &recording, findings: &findings };
    how(&shown(&cell, view))
}

#[test]
fn call_by_call() {
    insta::assert_snapshot!(told(View::Calls, show));
}

#[test]
fn frame_by_frame() {
    insta::assert_snapshot!(told(View::Frames, show));
}

/// The names of all fields and what they hold: what a reader of the data relies on.
fn schema(shown: &super::Shown) -> String {
    let mut paths = BTreeSet::new();
    add_paths(&mut paths, "", &serde_json::to_value(shown).unwrap());
    paths.into_iter().map(|path| path + "\n").collect()
}

fn add_paths(paths: &mut BTreeSet<String>, path: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| add_paths(paths, &format!("{path}.{name}"), value))
        }
        Value::Array(values) => values.iter().for_each(|value| add_paths(paths, &format!("{path}[]"), value)),
        Value::String(text) if ["act", "block", "view", "how", "side"].iter().any(|name| path.ends_with(name)) => {
            paths.insert(format!("{path}: {text}"));
        }
        Value::String(_) => _ = paths.insert(format!("{path}: text")),
        Value::Number(_) => _ = paths.insert(format!("{path}: number")),
        Value::Bool(_) => _ = paths.insert(format!("{path}: truth")),
        Value::Null => _ = paths.insert(format!("{path}: null")),
    }
}

#[test]
fn call_by_call_as_data() {
    insta::assert_snapshot!(told(View::Calls, schema));
}

#[test]
fn frame_by_frame_as_data() {
    insta::assert_snapshot!(told(View::Frames, schema));
}

/// Nothing that was on the wire is left out of what is shown of calls: a frame is in an act, or it is counted.
#[test]
fn every_frame_is_in_an_act_or_counted() {
    let mut connections: Vec<_> = fixtures()
        .into_iter()
        .filter_map(|fixture| match fixture.subject {
            Subject::Http2(connection) => Some(connection),
            Subject::Tls(..) => None,
        })
        .collect();
    connections.push(exchange().connection());
    for connection in connections {
        let protos = super::body::Protos::ours();
        let calls = super::calls::calls(&connection, &[], &protos);
        let counted: usize = calls.other_frames.values().sum();
        let acts = || calls.calls.iter().flat_map(|call| call.acts.iter().map(move |act| (call.stream, act)));
        let of_stream = |index: usize| {
            let frame = &connection.frames[index];
            acts().any(|(stream, act)| {
                let [first, last] = act.frames;
                stream == frame.stream && act.side == frame.side && (first..=last).contains(&index)
            })
        };
        let alone = |index: usize| calls.acts.iter().any(|act| act.frames == [index; 2]);
        let shown = (0..connection.frames.len()).filter(|index| of_stream(*index) || alone(*index)).count();
        // A frame between the first and the last of a message may be counted and lie in its range as well.
        assert!(shown + counted >= connection.frames.len(), "{calls:?}");
    }
}

/// Every finding that has a frame is shown at one place.
#[test]
fn every_finding_is_shown_once_in_both_views() {
    for fixture in fixtures().into_iter().filter(|fixture| fixture.breaks.is_some()) {
        let (recording, findings) = match fixture.subject {
            Subject::Http2(connection) => {
                let transcript = Transcript { connections: vec![connection], sealed: true };
                let findings = crate::wire::rules::evaluate(&transcript);
                (Recording::Frames(transcript), findings)
            }
            Subject::Tls(connection, context) => {
                let transcript = TlsTranscript { connections: vec![*connection], sealed: true };
                let findings = crate::wire::rules::evaluate_tls(&transcript, &context);
                (Recording::Tls(transcript), findings)
            }
        };
        let cell = ShowCell { id: "a/b/c/tls", verdict: "fail", recording: &recording, findings: &findings };
        for view in [View::Calls, View::Frames] {
            let text = show(&shown(&cell, view));
            let count = text.matches(" at fault: ").count();
            assert_eq!(count, findings.len(), "{} {view:?}\n{text}", fixture.name);
        }
    }
}
