//! The client against the server, through the contract: scripts in, observations out.

mod support;

use std::net::{SocketAddr, TcpListener};

use http::uri::PathAndQuery;
use peer::proto::{
    grpc::testing::{
        BoolValue, EchoStatus, ResponseParameters, SimpleRequest, SimpleResponse, StreamingInputCallRequest,
        StreamingOutputCallRequest,
    },
    interop::v1::{
        Call, CallObservation, Channel, Compressor, Group, Metadata, MetadataList, Method, Script, Tls,
        channel::Connect, observation::Result as Outcome, received::Response,
    },
};
use support::{
    call, calls, cancel, client, empty, half_close, headers, input, output, raw_server, receive, script, server,
    simple, steps, wait,
};
use tonic::{
    Code, Request,
    client::Grpc,
    metadata::MetadataValue,
    transport::{Endpoint, Identity, ServerTlsConfig},
};

const TRUE: Option<BoolValue> = Some(BoolValue { value: true });
const FALSE: Option<BoolValue> = Some(BoolValue { value: false });

#[track_caller]
fn ended(seen: &CallObservation, code: Code, message: &str) {
    let status = seen.status.as_ref().expect("a status");
    assert_eq!((status.code, status.message.as_str()), (code as i32, message));
}

fn sizes(seen: &CallObservation) -> Vec<u32> {
    assert!(seen.messages.iter().all(|message| message.all_zero));
    let sizes = seen.messages.iter().map(|message| message.body_size);
    sizes.map(|size| size.expect("a payload")).collect()
}

fn asking(sizes: &[i32]) -> StreamingOutputCallRequest {
    let parameters = sizes.iter().map(|size| ResponseParameters { size: *size, ..ResponseParameters::default() });
    StreamingOutputCallRequest { response_parameters: parameters.collect(), ..StreamingOutputCallRequest::default() }
}

fn of_size(response_size: i32) -> SimpleRequest {
    SimpleRequest { response_size, ..SimpleRequest::default() }
}

#[test]
fn unary() {
    let server = server(None);
    let seen = call(server, "empty_unary", steps(Method::EmptyCall, [empty()]));
    ended(&seen, Code::Ok, "");
    assert_eq!(seen.messages[0].body_size, None);

    let request = simple(271_828, of_size(314_159));
    let seen = call(server, "large_unary", steps(Method::UnaryCall, [request]));
    ended(&seen, Code::Ok, "");
    assert_eq!(sizes(&seen), [314_159]);
    assert_eq!((&seen.initial_metadata, &seen.trailing_metadata), (&None, &None));

    // The largest: with 12 bytes around it, the message has 16 MiB.
    let request = simple((16 << 20) - 16, of_size((16 << 20) - 16));
    let seen = call(server, "largest", steps(Method::UnaryCall, [request]));
    ended(&seen, Code::Ok, "");

    for (case, size) in [("no_body", 0), ("negative", -1)] {
        let seen = call(server, case, steps(Method::UnaryCall, [simple(0, of_size(size))]));
        match size {
            0 => assert_eq!(sizes(&seen), [0]),
            _ => ended(&seen, Code::InvalidArgument, "the size is negative"),
        }
    }
}

#[test]
fn streams() {
    let server = server(None);
    let requests = [27182, 8, 1828, 45904].map(|size| input(size, StreamingInputCallRequest::default()));
    let seen = call(server, "client_streaming", steps(Method::StreamingInputCall, requests));
    let Some(Response::StreamingInput(response)) = &seen.messages[0].response else {
        panic!("{seen:?}");
    };
    assert_eq!(response.aggregated_payload_size, 74922);

    let request = output(None, asking(&[31415, 9, 2653, 58979]));
    let seen = call(server, "server_streaming", steps(Method::StreamingOutputCall, [request]));
    ended(&seen, Code::Ok, "");
    assert_eq!(sizes(&seen), [31415, 9, 2653, 58979]);

    let pairs = [(27182, 31415), (8, 9), (1828, 2653), (45904, 58979)];
    let ping_pong = pairs.map(|(body, size)| [output(Some(body), asking(&[size])), receive(1)]);
    let seen = call(server, "ping_pong", steps(Method::FullDuplexCall, ping_pong.concat()));
    ended(&seen, Code::Ok, "");
    assert_eq!(sizes(&seen), [31415, 9, 2653, 58979]);
    assert!(seen.steps.iter().map(|step| step.index).eq(0..8));
    assert!(seen.steps.is_sorted_by_key(|step| step.ended_us));

    let seen = call(server, "empty_stream", steps(Method::FullDuplexCall, [half_close()]));
    ended(&seen, Code::Ok, "");
    assert!(seen.messages.is_empty());

    let requests = [output(None, asking(&[1, 2])), output(None, asking(&[])), output(None, asking(&[3]))];
    let seen = call(server, "half_duplex", steps(Method::HalfDuplexCall, requests));
    ended(&seen, Code::Ok, "");
    assert_eq!(sizes(&seen), [1, 2, 3]);
}

#[test]
fn statuses() {
    let server = server(None);
    let message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    let response_status = Some(EchoStatus { code: 2, message: message.to_owned() });
    let request = SimpleRequest { response_status: response_status.clone(), ..of_size(1) };
    let seen = call(server, "status_unary", steps(Method::UnaryCall, [simple(0, request)]));
    ended(&seen, Code::Unknown, message);

    let request = StreamingOutputCallRequest { response_status, ..asking(&[1]) };
    for (case, method) in [("status_bidi", Method::FullDuplexCall), ("status_stream", Method::StreamingOutputCall)] {
        let seen = call(server, case, steps(method, [output(None, request.clone())]));
        ended(&seen, Code::Unknown, message);
        assert!(seen.messages.is_empty());
    }

    for (case, method) in [
        ("unimplemented_method", Method::UnimplementedCall),
        ("unimplemented_service", Method::UnimplementedServiceCall),
    ] {
        let seen = call(server, case, steps(method, [empty()]));
        assert_eq!(seen.status.expect("a status").code, Code::Unimplemented as i32);
    }
}

/// The values of a key, in order.
fn values(metadata: Option<&MetadataList>, key: &str) -> Vec<Vec<u8>> {
    let entries = &metadata.expect("metadata").entries;
    let entries = entries.iter().filter(|entry| entry.key == key);
    entries.map(|entry| entry.value.clone()).collect()
}

#[test]
fn metadata_are_echoed() {
    const INITIAL: &str = "x-grpc-test-echo-initial";
    const TRAILING: &str = "x-grpc-test-echo-trailing-bin";
    let server = server(None);
    let large = vec![b'x'; 60 << 10];
    for (case, initial, trailing) in [
        ("few", vec![&b"one"[..], b"two"], vec![&b"\xab\xab\xab"[..], b"", b"\x00\xff"]),
        ("large", vec![&large[..]], vec![]),
    ] {
        let entries = initial.iter().map(|value| (INITIAL, value));
        let entries = entries.chain(trailing.iter().map(|value| (TRAILING, value)));
        let entries = entries.map(|(key, value)| Metadata { key: key.to_owned(), value: value.to_vec() });
        let echo = Call { metadata: entries.collect(), ..steps(Method::FullDuplexCall, [output(None, asking(&[1]))]) };
        let seen = call(server, &format!("echo_{case}"), echo);
        ended(&seen, Code::Ok, "");
        assert_eq!(values(seen.initial_metadata.as_ref(), INITIAL), initial);
        assert_eq!(values(seen.trailing_metadata.as_ref(), TRAILING), trailing);
    }
}

#[test]
fn who_is_authenticated_is_named() {
    let server = server(None);
    for (case, credentials, fill_username, username) in [
        ("bearer", "Bearer ann", true, "ann"),
        ("not_asked", "Bearer ann", false, ""),
        ("basic", "Basic Ym9iOg==", true, ""),
    ] {
        let request = SimpleRequest { fill_username, ..of_size(0) };
        let entry = Metadata { key: "authorization".to_owned(), value: credentials.into() };
        let asked = Call { metadata: vec![entry], ..steps(Method::UnaryCall, [simple(0, request)]) };
        let seen = call(server, case, asked);
        let named = SimpleResponse { username: username.to_owned(), ..SimpleResponse::default() };
        assert_eq!(seen.messages[0].response, Some(Response::Simple(named)), "{case}");
    }
}

#[test]
fn compression() {
    let server = server(None);
    for (case, compressor, expect_compressed, code) in [
        ("gzip", Compressor::Gzip, TRUE, Code::Ok),
        ("plain", Compressor::None, FALSE, Code::Ok),
        ("probe", Compressor::None, TRUE, Code::InvalidArgument),
        ("inverse_probe", Compressor::Gzip, FALSE, Code::InvalidArgument),
    ] {
        let compressor = compressor.into();
        let request = SimpleRequest { expect_compressed, response_compressed: expect_compressed, ..of_size(314_159) };
        let unary = steps(Method::UnaryCall, [simple(271_828, request)]);
        let stream = steps(
            Method::StreamingInputCall,
            [27182, 45904]
                .map(|size| input(size, StreamingInputCallRequest { expect_compressed, ..Default::default() })),
        );
        let both = [unary, stream].map(|call| Call { compressor, ..call });
        for seen in calls(server, script(case, both)) {
            assert_eq!(seen.status.expect("a status").code, code as i32, "{case}");
        }
    }
}

#[test]
fn cancellation() {
    let server = server(None);
    let begin = steps(Method::StreamingInputCall, [cancel()]);
    let seen = call(server, "cancel_after_begin", begin);
    assert_eq!(seen.status.expect("a status").code, Code::Cancelled as i32);

    let first = [output(Some(27182), asking(&[31415])), receive(1), cancel(), receive(0)];
    let seen = call(server, "cancel_after_first_response", steps(Method::FullDuplexCall, first));
    assert_eq!(seen.status.as_ref().expect("a status").code, Code::Cancelled as i32);
    assert_eq!((sizes(&seen), seen.steps.len()), (vec![31415], 4));

    let over = steps(Method::EmptyCall, [empty(), wait(200), cancel()]);
    ended(&call(server, "cancel_after_end", over), Code::Ok, "");

    // After the half-close tonic has no way to cancel that yields a status.
    let parameters =
        [0, 1_000_000].map(|interval_us| ResponseParameters { interval_us, size: 1, ..ResponseParameters::default() });
    let request = StreamingOutputCallRequest {
        response_parameters: parameters.to_vec(),
        ..StreamingOutputCallRequest::default()
    };
    let late = [output(None, request), receive(1), cancel()];
    let seen = call(server, "cancel_after_half_close", steps(Method::StreamingOutputCall, late));
    assert_eq!((seen.status.is_none(), sizes(&seen)), (true, vec![1]));
}

#[test]
fn a_message_that_flow_control_keeps_back_does_not_keep_the_call_from_being_cancelled() {
    const RST_STREAM: u8 = 3;
    let (server, frames) = raw_server(Vec::new());
    let send = || output(Some(1 << 20), asking(&[]));
    let seen = call(server, "cancel_blocked", steps(Method::FullDuplexCall, [send(), send(), cancel()]));
    assert_eq!((seen.status, seen.steps.len()), (None, 3));
    let frames = frames.recv().expect("the client has gone");
    assert!(frames.contains(&(RST_STREAM, vec![0, 0, 0, 8])));
}

const GRPC: (&str, &str) = ("content-type", "application/grpc");

#[test]
fn trailers_only() {
    let (server, _) = raw_server(headers(true, true, &[GRPC, ("grpc-status", "0"), ("a", "b")]));
    let seen = call(server, "trailers_only", steps(Method::StreamingOutputCall, [output(None, asking(&[]))]));
    ended(&seen, Code::Ok, "");
    assert!(seen.initial_metadata.is_none());
    assert_eq!(values(seen.trailing_metadata.as_ref(), "a"), [b"b"]);
}

#[test]
fn details_that_are_no_base64_end_a_call_and_not_the_client() {
    let fields = [("grpc-status", "9"), ("grpc-status-details-bin", "!")];
    let answer = [headers(true, false, &[GRPC]), headers(false, true, &fields)].concat();
    for (case, method) in [("details_of_one", Method::StreamingInputCall), ("details_of_many", Method::FullDuplexCall)]
    {
        let (server, _) = raw_server(answer.clone());
        assert_eq!(call(server, case, steps(method, [])).status, None);
    }
}

#[test]
fn a_deadline_is_enforced_until_the_response_headers() {
    let late = Call { deadline_ms: 100, ..steps(Method::StreamingInputCall, [wait(200)]) };
    let seen = call(server(None), "deadline", late);
    ended(&seen, Code::Cancelled, "Timeout expired");
}

#[test]
fn groups() {
    let server = server(None);
    let echo = || steps(Method::FullDuplexCall, [output(None, asking(&[1])), receive(1), wait(50)]);
    let mut repeated = script("repeat", [echo(), echo()]);
    repeated.groups[0].repeat = 3;
    repeated.groups.push(Group { fresh_channel: true, repeat: 2, calls: vec![echo()] });
    let seen = calls(server, repeated);
    let indices: Vec<_> = seen.iter().map(|call| (call.group, call.repeat, call.call)).collect();
    let expected = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 2, 0), (0, 2, 1), (1, 0, 0), (1, 1, 0)];
    assert_eq!(indices, expected);
    assert!(seen.iter().all(|call| sizes(call) == [1]));
    // The calls of a group overlap: each has begun before the other one has ended.
    assert!(seen[1].steps[0].ended_us < seen[0].steps[2].ended_us);
}

#[test]
fn jobs_that_do_not_run() {
    let server = server(None);
    let good = script("good", [steps(Method::EmptyCall, [empty()])]);
    let mut unsupported = script("unsupported", []);
    unsupported.requires = vec!["unary".to_owned(), "teleport".to_owned()];
    let twice = script("twice", [steps(Method::EmptyCall, [empty(), empty()])]);
    let wrong = script("wrong", [steps(Method::UnaryCall, [empty()])]);
    let mut late = script("late", [steps(Method::FullDuplexCall, [output(None, asking(&[7])), receive(0)])]);
    late.budget_ms = 1_500;
    let with_metadata = |case: &str, key: &str, value: &[u8]| {
        let metadata = vec![Metadata { key: key.to_owned(), value: value.to_vec() }];
        script(case, [Call { metadata, ..steps(Method::EmptyCall, [empty()]) }])
    };
    let reserved = with_metadata("reserved", "grpc-status", b"0");
    let unprintable = with_metadata("unprintable", "a", b"\xff");
    let scripts = [unsupported, twice, wrong, reserved, unprintable, late, good];
    let seen = client(server, &scripts, &["missing"]);
    let results: Vec<_> = seen.iter().map(|observation| observation.result()).collect();
    let expected = [
        Outcome::Unsupported,
        Outcome::BadScript,
        Outcome::BadScript,
        Outcome::BadScript,
        Outcome::BadScript,
        Outcome::TimedOut,
        Outcome::Done,
        Outcome::BadScript,
    ];
    assert_eq!(results, expected);
    assert_eq!(seen[0].detail, "teleport");
    assert_eq!((sizes(&seen[5].calls[0]), &seen[5].calls[0].status), (vec![7], &None));
}

/// An address where nobody listens.
fn closed() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address")
}

#[test]
fn connecting() {
    let eager = script("eager", [steps(Method::EmptyCall, [empty()])]);
    let seen = client(closed(), &[eager], &[]);
    assert_eq!(seen[0].result(), Outcome::ConnectFailed);

    let mut lazy = script("lazy", [steps(Method::EmptyCall, [empty()])]);
    lazy.channel = Some(Channel { connect: Connect::Lazy.into(), ..Channel::default() });
    let seen = calls(closed(), lazy);
    assert_eq!(seen[0].status.as_ref().expect("a status").code, Code::Unavailable as i32);
}

#[test]
fn tls() {
    let name = "foo.test.google.fr";
    let minted = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let certificate = minted.cert.pem();
    let identity = Identity::from_pem(&certificate, minted.signing_key.serialize_pem());
    let address = server(Some(ServerTlsConfig::new().identity(identity)));
    let with_name = |case: &str, server_name: &str| Script {
        channel: Some(Channel {
            tls: Some(Tls { ca_pem: certificate.clone().into_bytes(), server_name: server_name.to_owned() }),
            ..Channel::default()
        }),
        ..script(case, [steps(Method::EmptyCall, [empty()])])
    };
    let seen = client(address, &[with_name("right", name), with_name("wrong_name", "other.test")], &[]);
    assert_eq!(seen[0].result(), Outcome::Done);
    ended(&seen[0].calls[0], Code::Ok, "");
    assert_eq!(seen[1].result(), Outcome::ConnectFailed);
}

/// The client cannot see the places of metadata on a unary call; calling it as a stream shows them.
#[tokio::test]
async fn unary_metadata_are_echoed_in_their_places() {
    let endpoint = Endpoint::from_shared(format!("http://{}", server(None))).expect("an endpoint");
    let mut client = Grpc::new(endpoint.connect().await.expect("a channel"));
    for code in [0, 9] {
        let response_status = Some(EchoStatus { code, message: String::new() });
        let mut request = Request::new(SimpleRequest { response_status, ..of_size(1) });
        request.metadata_mut().append("x-grpc-test-echo-initial", MetadataValue::from_static("initial"));
        for value in [&b"one"[..], b"two"] {
            request.metadata_mut().append_bin("x-grpc-test-echo-trailing-bin", MetadataValue::from_bytes(value));
        }
        client.ready().await.expect("a connection");
        let path = PathAndQuery::from_static("/grpc.testing.TestService/UnaryCall");
        let codec = tonic_prost::ProstCodec::<_, SimpleResponse>::default();
        let response = client.server_streaming(request, path, codec).await.expect("headers");
        assert_eq!(response.metadata().get("x-grpc-test-echo-initial").expect("a value"), "initial");
        assert!(response.metadata().get_bin("x-grpc-test-echo-trailing-bin").is_none());
        let mut stream = response.into_inner();
        let trailers = match stream.message().await {
            Ok(_) => stream.trailers().await.expect("an end").expect("trailers"),
            Err(status) => {
                assert_eq!(status.code() as i32, code);
                status.metadata().clone()
            }
        };
        let values = trailers.get_all_bin("x-grpc-test-echo-trailing-bin");
        assert!(values.iter().eq([&b"one"[..], b"two"]), "{trailers:?}");
    }
}
