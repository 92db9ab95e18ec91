//! The server of this peer and, in the same process, a plain client and the client that runs scripts.

use std::{fs, path::Path, sync::Arc};

use futures::{SinkExt, TryStreamExt, executor::block_on};
use grpcio::{
    CallOption, Channel, ChannelBuilder, Client, EnvBuilder, Error, Marshaller, MetadataBuilder, Method, MethodType,
    Result, RpcStatusCode, Server, ServerCredentials, WriteFlags,
};
use peer::{
    client::job::Job,
    proto::{
        grpc::testing::{
            EchoStatus, Payload, ResponseParameters, SimpleRequest, StreamingInputCallRequest,
            StreamingInputCallResponse, StreamingOutputCallRequest, StreamingOutputCallResponse, TestServiceClient,
        },
        interop::v1::{self as script, Script, observation::Result as Outcome, send::Request, step::Action},
    },
    server,
};
use prost::Message;

fn serve() -> (Server, String) {
    let (server, port) = server::start(0, ServerCredentials::insecure()).expect("a server");
    (server, format!("127.0.0.1:{port}"))
}

fn channel(address: &str) -> Channel {
    ChannelBuilder::new(Arc::new(EnvBuilder::new().cq_count(1).build())).connect(address)
}

fn asking(sizes: &[i32]) -> StreamingOutputCallRequest {
    let response_parameters = sizes.iter().map(|size| ResponseParameters { size: *size, ..Default::default() });
    StreamingOutputCallRequest { response_parameters: response_parameters.collect(), ..Default::default() }
}

fn size(response: &StreamingOutputCallResponse) -> usize {
    response.payload.as_ref().map_or(0, |payload| payload.body.len())
}

#[test]
fn the_four_kinds_of_call_in_plain_use() -> Result<()> {
    let (_server, address) = serve();
    let client = TestServiceClient::new(channel(&address));
    block_on(async {
        // Unary: a future.
        let request = SimpleRequest { response_size: 3, ..Default::default() };
        let response = client.unary_call_async(&request)?.await?;
        assert_eq!(response.payload, Some(Payload::zeros(3)));

        // Client streaming: a sink and a future.
        let (mut requests, response) = client.streaming_input_call()?;
        for size in [1, 2] {
            let request = StreamingInputCallRequest { payload: Some(Payload::zeros(size)), ..Default::default() };
            requests.send((request, WriteFlags::default())).await?;
        }
        // An error where the call has ended before the library knows that the half-close has left: the response tells.
        let _ = requests.close().await;
        assert_eq!(response.await?.aggregated_payload_size, 3);

        // Server streaming: a stream.
        let responses: Vec<_> = client.streaming_output_call(&asking(&[1, 2]))?.try_collect().await?;
        assert!(responses.iter().map(size).eq([1, 2]));

        // Bidirectional: a sink and a stream.
        let (mut requests, mut responses) = client.full_duplex_call()?;
        for sent in [1, 2] {
            requests.send((asking(&[sent]), WriteFlags::default())).await?;
            let response = responses.try_next().await?.expect("a response");
            assert_eq!(size(&response), sent as usize);
        }
        let _ = requests.close().await;
        assert!(responses.try_next().await?.is_none());
        Ok(())
    })
}

#[test]
fn the_server_refuses() -> Result<()> {
    let (_server, address) = serve();
    let client = TestServiceClient::new(channel(&address));
    let status = |code| Some(EchoStatus { code, ..Default::default() });
    let unknown_type = StreamingOutputCallRequest { response_type: 9, ..asking(&[]) };
    for (name, request, code) in [
        ("a status of gRPC", StreamingOutputCallRequest { response_status: status(9), ..asking(&[1]) }, 9),
        ("a status beyond", StreamingOutputCallRequest { response_status: status(17), ..asking(&[1]) }, 2),
        ("a negative status", StreamingOutputCallRequest { response_status: status(-1), ..asking(&[1]) }, 2),
        ("an unknown type", unknown_type, 3),
        ("a negative size in the end", asking(&[1, -1]), 3),
    ] {
        // Also before the first response.
        let mut responses = client.streaming_output_call(&request)?;
        match block_on(responses.try_next()) {
            Err(Error::RpcFailure(status)) => assert_eq!(status.code(), RpcStatusCode::from(code), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    Ok(())
}

#[test]
fn who_is_authenticated_is_named() -> Result<()> {
    let (_server, address) = serve();
    let client = TestServiceClient::new(channel(&address));
    for (credentials, fill_username, username) in
        [("Bearer ann", true, "ann"), ("Bearer ann", false, ""), ("Basic Ym9iOg==", true, "")]
    {
        let mut headers = MetadataBuilder::new();
        headers.add_str("authorization", credentials)?;
        let request = SimpleRequest { fill_username, ..Default::default() };
        let answer = client.unary_call_async_opt(&request, CallOption::default().headers(headers.build()))?;
        assert_eq!(block_on(answer)?.username, username, "{credentials}");
    }
    Ok(())
}

#[test]
fn bytes_that_are_no_request_are_answered() -> Result<()> {
    const METHOD: Method<Vec<u8>, StreamingInputCallResponse> = Method {
        ty: MethodType::ClientStreaming,
        name: "/grpc.testing.TestService/StreamingInputCall",
        req_mar: Marshaller {
            ser: |bytes, buffer| {
                *buffer = bytes.clone().into();
                Ok(())
            },
            de: |_| unreachable!("a server's part"),
        },
        resp_mar: Marshaller { ser: peer::codec::ser, de: peer::codec::de },
    };
    let (_server, address) = serve();
    let client = Client::new(channel(&address));
    let (mut requests, response) = client.client_streaming(&METHOD, CallOption::default())?;
    block_on(async {
        // An error where the answer is there already.
        let _ = requests.send((vec![0xff], WriteFlags::default())).await;
        match response.await {
            Err(Error::RpcFailure(status)) => assert_eq!(status.code(), RpcStatusCode::INTERNAL),
            other => panic!("{other:?}"),
        }
        Ok(())
    })
}

fn step(action: Action) -> script::Step {
    script::Step { action: Some(action) }
}

fn send(request: Request, body_size: Option<u32>) -> script::Step {
    step(Action::Send(script::Send { request: Some(request), body_size, ..Default::default() }))
}

/// One call of each kind; the last one fails.
fn calls() -> Vec<script::Call> {
    let call = |method: script::Method, steps| script::Call { method: method.into(), steps, ..Default::default() };
    // The second response is far away, so it is not there when the call is cancelled.
    let mut late = asking(&[5, 6]);
    late.response_parameters[1].interval_us = 10_000_000;
    let simple = SimpleRequest { response_size: 3, ..Default::default() };
    let refused =
        SimpleRequest { response_status: Some(EchoStatus { code: 9, message: "no".to_owned() }), ..Default::default() };
    vec![
        call(script::Method::UnaryCall, vec![step(Action::WaitMs(1)), send(Request::Simple(simple), None)]),
        call(script::Method::StreamingInputCall, vec![send(Request::StreamingInput(Default::default()), Some(4))]),
        call(script::Method::StreamingOutputCall, vec![send(Request::StreamingOutput(asking(&[1, 2])), None)]),
        call(
            script::Method::FullDuplexCall,
            vec![
                send(Request::StreamingOutput(late), None),
                step(Action::Receive(script::Receive { count: 1 })),
                step(Action::Cancel(script::Cancel {})),
            ],
        ),
        call(script::Method::UnaryCall, vec![send(Request::Simple(refused), None)]),
    ]
}

#[test]
fn a_script_becomes_an_observation() {
    let (_server, address) = serve();
    let scripts = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let groups = vec![script::Group { calls: calls(), ..Default::default() }];
    let script = Script { budget_ms: 5000, channel: Some(Default::default()), groups, ..Default::default() };
    fs::write(scripts.join("kinds.binpb"), script.encode_to_vec()).expect("a script");

    let environment = Arc::new(EnvBuilder::new().cq_count(1).build());
    let run = |case: &str| {
        let job: Job = format!("{case}={address}").parse().expect("a job");
        block_on(job.run(scripts, &environment))
    };
    let seen = run("kinds");
    assert_eq!((seen.case.as_str(), seen.result()), ("kinds", Outcome::Done), "{}", seen.detail);
    let codes = seen.calls.iter().map(|call| call.status.as_ref().expect("a status").code);
    assert_eq!(codes.collect::<Vec<_>>(), [0, 0, 0, 1, 9]);
    let sizes = seen.calls.iter().map(|call| call.messages.iter().map(|message| message.body_size).collect());
    assert_eq!(
        sizes.collect::<Vec<Vec<_>>>(),
        [vec![Some(3)], vec![None], vec![Some(1), Some(2)], vec![Some(5)], vec![]]
    );
    let steps = seen.calls.iter().map(|call| call.steps.len());
    assert!(steps.eq([2, 1, 1, 3, 1]));
    for call in &seen.calls[..2] {
        assert!(call.initial_metadata.is_some() && call.trailing_metadata.is_some());
    }

    assert_eq!(run("missing").result(), Outcome::BadScript);
}
