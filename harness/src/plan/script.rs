use crate::model::{Call, Case, Compressor, Connect, Header, Method, Receive, Send, Step};
use crate::proto::testing::{
    BoolValue, EchoStatus, Empty, ResponseParameters, SimpleRequest, StreamingInputCallRequest,
    StreamingOutputCallRequest,
};
use crate::proto::v1;
use crate::proto::v1::step::Action;
use std::collections::BTreeSet;

/// What the client of a cell is told to do; `tls` for a channel over TLS.
pub fn script(case: &Case, tls: Option<v1::Tls>) -> v1::Script {
    let connect = match case.connect {
        Connect::Eager => v1::channel::Connect::Eager,
        Connect::Lazy => v1::channel::Connect::Lazy,
    };
    v1::Script {
        case: case.id.to_string(),
        requires: features(case).into_iter().chain(tls.is_some().then_some("tls")).map(str::to_owned).collect(),
        budget_ms: case.timeout_ms,
        channel: Some(v1::Channel { tls, connect: connect.into() }),
        groups: case.calls.iter().map(group).collect(),
    }
}

/// Every feature of the client role that a case's script uses.
pub fn features(case: &Case) -> BTreeSet<&'static str> {
    let mut features: BTreeSet<_> = case.calls.iter().flat_map(call_features).collect();
    if case.connect == Connect::Lazy {
        features.insert("lazy_connect");
    }
    features
}

fn call_features(call: &Call) -> impl Iterator<Item = &'static str> {
    let has = |wanted: fn(&Step) -> bool| call.steps.iter().any(wanted);
    let compresses = |step: &Step| step.as_send().is_some_and(|send| send.compress.is_some());
    let uses = [
        (call.method.kind().feature(), true),
        ("unimplemented_service", call.method == Method::UnimplementedServiceCall),
        ("half_duplex", call.method == Method::HalfDuplexCall),
        ("metadata", !call.metadata.is_empty()),
        ("deadline", call.deadline_ms.is_some()),
        ("gzip", call.compressor == Compressor::Gzip),
        ("per_message_compression", has(compresses)),
        ("call_credentials", call.bearer_token.is_some()),
        ("cancel", has(|step| matches!(step, Step::Cancel))),
        ("wait", has(|step| matches!(step, Step::WaitMs(_) | Step::Receive(Receive { pause_ms: 1.., .. })))),
        ("repeat", call.repeat > 1),
        ("fresh_channel", call.fresh_channel),
        ("concurrent_calls", call.concurrent > 1),
    ];
    uses.into_iter().filter_map(|(feature, used)| used.then_some(feature))
}

/// Every feature of the server role that a case relies on.
pub fn server_features(case: &Case) -> BTreeSet<&'static str> {
    case.calls.iter().flat_map(call_server_features).collect()
}

fn call_server_features(call: &Call) -> impl Iterator<Item = &'static str> {
    let sends = || call.steps.iter().filter_map(Step::as_send);
    let unimplemented = matches!(call.method, Method::UnimplementedCall | Method::UnimplementedServiceCall);
    let uses = [
        (call.method.kind().feature(), !unimplemented),
        ("half_duplex", call.method == Method::HalfDuplexCall),
        ("echo_status", sends().any(|send| send.status.is_some())),
        ("echo_metadata", call.metadata.iter().any(|header| header.key.starts_with("x-grpc-test-echo-"))),
        ("echo_username", sends().any(|send| send.fill_username)),
        ("compressed_response", sends().any(|send| send.response_compressed.is_some())),
        (
            "compressed_stream_response",
            sends().any(|send| send.responses.iter().any(|response| response.compressed.is_some())),
        ),
        ("expect_compressed", sends().any(|send| send.expect_compressed.is_some())),
    ];
    uses.into_iter().filter_map(|(feature, used)| used.then_some(feature))
}

fn group(call: &Call) -> v1::Group {
    let copies = std::iter::repeat_with(|| script_call(call));
    v1::Group {
        repeat: call.repeat,
        fresh_channel: call.fresh_channel,
        calls: copies.take(call.concurrent as usize).collect(),
    }
}

fn script_call(call: &Call) -> v1::Call {
    let compressor = match call.compressor {
        Compressor::None => v1::Compressor::None,
        Compressor::Gzip => v1::Compressor::Gzip,
    };
    v1::Call {
        method: call.method.number().into(),
        metadata: call.metadata.iter().map(metadata).collect(),
        deadline_ms: call.deadline_ms.unwrap_or_default(),
        compressor: compressor.into(),
        bearer_token: call.bearer_token.clone().unwrap_or_default(),
        steps: call.steps.iter().flat_map(|step| actions(call.method, step)).map(step_of).collect(),
    }
}

fn metadata(header: &Header) -> v1::Metadata {
    v1::Metadata { key: header.key.clone(), value: header.raw().into() }
}

fn step_of(action: Action) -> v1::Step {
    v1::Step { action: Some(action) }
}

/// A step of a case in those of a script: pauses between messages are steps of their own there.
fn actions(method: Method, step: &Step) -> Vec<Action> {
    let read = |count| Action::Receive(v1::Receive { count });
    vec![match step {
        Step::Send(send) => Action::Send(script_send(method, send)),
        Step::HalfClose => Action::HalfClose(v1::HalfClose {}),
        Step::Receive(Receive { count, pause_ms: 0 }) => read(*count),
        Step::Receive(Receive { count, pause_ms }) => {
            return (0..*count).flat_map(|_| [Action::WaitMs(*pause_ms), read(1)]).collect();
        }
        Step::Cancel => Action::Cancel(v1::Cancel {}),
        Step::WaitMs(wait) => Action::WaitMs(*wait),
    }]
}

/// One request of a case as a script has it.
pub(crate) fn script_send(method: Method, send: &Send) -> v1::Send {
    let compress = match send.compress {
        None => v1::send::Compress::Default,
        Some(true) => v1::send::Compress::Yes,
        Some(false) => v1::send::Compress::No,
    };
    v1::Send { request: Some(request(method, send)), body_size: send.body_size, compress: compress.into() }
}

fn request(method: Method, send: &Send) -> v1::send::Request {
    let flag = |value: Option<bool>| value.map(|value| BoolValue { value });
    let response_status =
        send.status.as_ref().map(|status| EchoStatus { code: status.code.number(), message: status.message.clone() });
    match method {
        Method::EmptyCall | Method::UnimplementedCall | Method::UnimplementedServiceCall => {
            v1::send::Request::Empty(Empty {})
        }
        Method::UnaryCall => v1::send::Request::Simple(SimpleRequest {
            response_size: size(send.response_size.unwrap_or_default()),
            fill_username: send.fill_username,
            response_compressed: flag(send.response_compressed),
            expect_compressed: flag(send.expect_compressed),
            response_status,
            ..Default::default()
        }),
        Method::StreamingInputCall => v1::send::Request::StreamingInput(StreamingInputCallRequest {
            expect_compressed: flag(send.expect_compressed),
            ..Default::default()
        }),
        Method::StreamingOutputCall | Method::FullDuplexCall | Method::HalfDuplexCall => {
            let parameters = send.responses.iter().map(|response| ResponseParameters {
                size: size(response.size),
                interval_us: size(response.interval_us),
                compressed: flag(response.compressed),
                ..Default::default()
            });
            v1::send::Request::StreamingOutput(StreamingOutputCallRequest {
                response_parameters: parameters.collect(),
                response_status,
                ..Default::default()
            })
        }
    }
}

/// The schema's sizes are signed; case files are held to 16 MiB.
fn size(size: u32) -> i32 {
    i32::try_from(size).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
