//! A script in the types of the library and the stubs. What makes no sense is refused here, before anything is dialled.

use std::{str, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use grpcio::{CallOption, MetadataBuilder, WriteFlags};

use crate::{
    choose_gzip,
    proto::{
        grpc::testing::{Empty, Payload, SimpleRequest, StreamingInputCallRequest, StreamingOutputCallRequest},
        interop::v1::{self as script, Compressor, Method, send, send::Compress, step::Action},
    },
};

/// A group of calls that run concurrently.
pub struct Group {
    pub repeat: u32,
    pub fresh_channel: bool,
    pub calls: Vec<Call>,
}

/// One call: metadata, deadline and compressor as the library takes them, and the steps.
pub struct Call {
    pub options: CallOption,
    pub steps: Steps,
}

/// The method to call and the steps of the call, which send that method's requests.
pub enum Steps {
    Empty(OneRequest<Empty>),
    Unary(OneRequest<SimpleRequest>),
    StreamingInput(Vec<Step<StreamingInputCallRequest>>),
    StreamingOutput(OneRequest<StreamingOutputCallRequest>),
    FullDuplex(Vec<Step<StreamingOutputCallRequest>>),
    HalfDuplex(Vec<Step<StreamingOutputCallRequest>>),
    Unimplemented(OneRequest<Empty>),
    UnimplementedService(OneRequest<Empty>),
}

/// The steps of a call with one request. The library starts such a call by sending it, so only waits can come before.
pub struct OneRequest<Q> {
    pub waits: Vec<Duration>,
    pub request: Q,
    pub flags: WriteFlags,
    pub then: Vec<Step<Q>>,
}

/// One step of a call whose requests are of type `Q`.
pub enum Step<Q> {
    Send(Q, WriteFlags),
    HalfClose,
    /// How many messages to read; 0 is all that are left.
    Receive(u32),
    Cancel,
    Wait(Duration),
}

/// The groups of a script, or what is wrong with it.
pub fn groups(script: &script::Script) -> Result<Vec<Group>> {
    let group = |(index, group): (usize, &script::Group)| {
        let calls = group.calls.iter().enumerate();
        let calls = calls.map(|(call, spec)| Call::new(spec).with_context(|| format!("group {index}, call {call}")));
        Ok(Group {
            repeat: group.repeat.max(1),
            fresh_channel: group.fresh_channel,
            calls: calls.collect::<Result<_>>()?,
        })
    };
    script.groups.iter().enumerate().map(group).collect()
}

impl Call {
    fn new(call: &script::Call) -> Result<Self> {
        ensure!(call.bearer_token.is_empty(), "grpcio has no call credentials");
        let compressor = Compressor::try_from(call.compressor).context("compressor")?;
        let mut headers = MetadataBuilder::new();
        for script::Metadata { key, value } in &call.metadata {
            let added = match key.ends_with("-bin") {
                true => headers.add_bytes(key, value),
                false => headers.add_str(key, str::from_utf8(value).with_context(|| key.clone())?),
            };
            added.with_context(|| format!("metadata {key:?}"))?;
        }
        if compressor == Compressor::Gzip {
            choose_gzip(&mut headers)?;
        }
        let mut options = CallOption::default().headers(headers.build());
        if call.deadline_ms > 0 {
            options = options.timeout(Duration::from_millis(call.deadline_ms.into()));
        }
        Ok(Self { options, steps: Steps::new(call, compressor)? })
    }
}

impl Steps {
    fn new(call: &script::Call, compressor: Compressor) -> Result<Self> {
        Ok(match Method::try_from(call.method).context("method")? {
            Method::Unspecified => bail!("the call has no method"),
            Method::EmptyCall => Self::Empty(one_request(call, compressor)?),
            Method::UnaryCall => Self::Unary(one_request(call, compressor)?),
            Method::StreamingInputCall => Self::StreamingInput(requests(call, compressor)?),
            Method::StreamingOutputCall => Self::StreamingOutput(one_request(call, compressor)?),
            Method::FullDuplexCall => Self::FullDuplex(requests(call, compressor)?),
            Method::HalfDuplexCall => Self::HalfDuplex(requests(call, compressor)?),
            Method::UnimplementedCall => Self::Unimplemented(one_request(call, compressor)?),
            Method::UnimplementedServiceCall => Self::UnimplementedService(one_request(call, compressor)?),
        })
    }
}

/// The steps of a call with one request.
fn one_request<Q: Request>(call: &script::Call, compressor: Compressor) -> Result<OneRequest<Q>> {
    let mut steps = steps(call, compressor)?.into_iter();
    let mut waits = Vec::new();
    let (request, flags) = loop {
        match steps.next() {
            Some(Step::Wait(duration)) => waits.push(duration),
            Some(Step::Send(request, flags)) => break (request, flags),
            _ => bail!("a call with one request starts with sending it"),
        }
    };
    let then: Vec<_> = steps.collect();
    ensure!(!then.iter().any(is_send), "a call with one request sends another");
    Ok(OneRequest { waits, request, flags, then })
}

/// The steps of a call with a stream of requests.
fn requests<Q: Request>(call: &script::Call, compressor: Compressor) -> Result<Vec<Step<Q>>> {
    let steps = steps(call, compressor)?;
    let mut late = steps.iter().skip_while(|step| !matches!(step, Step::HalfClose));
    ensure!(!late.any(is_send), "a request follows the half-close");
    Ok(steps)
}

fn is_send<Q>(step: &Step<Q>) -> bool {
    matches!(step, Step::Send(..))
}

fn steps<Q: Request>(call: &script::Call, compressor: Compressor) -> Result<Vec<Step<Q>>> {
    let step = |(index, step): (usize, &script::Step)| {
        Ok(match &step.action {
            None => bail!("step {index} has no action"),
            Some(Action::Send(send)) => {
                let flags = write_flags(send, compressor).with_context(|| format!("step {index}"))?;
                let request = Q::of(send);
                let request = request.with_context(|| format!("step {index}: a request of another method's type"))?;
                Step::Send(request, flags)
            }
            Some(Action::HalfClose(_)) => Step::HalfClose,
            Some(Action::Receive(receive)) => Step::Receive(receive.count),
            Some(Action::Cancel(_)) => Step::Cancel,
            Some(Action::WaitMs(ms)) => Step::Wait(Duration::from_millis((*ms).into())),
        })
    };
    call.steps.iter().enumerate().map(step).collect()
}

/// A message goes out as the call's compressor says unless it is kept from being compressed.
fn write_flags(send: &script::Send, compressor: Compressor) -> Result<WriteFlags> {
    let compress = Compress::try_from(send.compress).context("compress")?;
    ensure!(compress != Compress::Yes || compressor != Compressor::None, "nothing to compress the request with");
    Ok(WriteFlags::default().force_no_compress(compress == Compress::No))
}

/// A request message that a `Send` can describe.
trait Request: Sized {
    fn of(send: &script::Send) -> Option<Self>;
}

impl Request for Empty {
    fn of(send: &script::Send) -> Option<Self> {
        match (&send.request, send.body_size) {
            (Some(send::Request::Empty(request)), None) => Some(*request),
            _ => None,
        }
    }
}

/// Implements `Request` for a message with a payload.
macro_rules! with_payload {
    ($message:ident, $variant:ident) => {
        impl Request for $message {
            fn of(send: &script::Send) -> Option<Self> {
                let Some(send::Request::$variant(request)) = &send.request else { return None };
                let payload = send.body_size.map(|size| Payload::zeros(size as usize));
                Some(Self { payload, ..request.clone() })
            }
        }
    };
}

with_payload!(SimpleRequest, Simple);
with_payload!(StreamingInputCallRequest, StreamingInput);
with_payload!(StreamingOutputCallRequest, StreamingOutput);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::interop::v1::{Cancel, HalfClose, Receive};

    fn call(method: Method, steps: impl IntoIterator<Item = Action>) -> script::Call {
        let steps = steps.into_iter().map(|action| script::Step { action: Some(action) });
        script::Call { method: method.into(), steps: steps.collect(), ..script::Call::default() }
    }

    fn send(request: send::Request) -> Action {
        Action::Send(script::Send { request: Some(request), ..script::Send::default() })
    }

    fn empty() -> Action {
        send(send::Request::Empty(Empty {}))
    }

    fn simple() -> Action {
        send(send::Request::Simple(SimpleRequest::default()))
    }

    fn output() -> Action {
        send(send::Request::StreamingOutput(StreamingOutputCallRequest::default()))
    }

    fn compressed(compress: i32) -> Action {
        let request = Some(send::Request::Simple(SimpleRequest::default()));
        Action::Send(script::Send { request, compress, ..script::Send::default() })
    }

    fn with_metadata(key: &str, value: &[u8]) -> script::Call {
        let metadata = vec![script::Metadata { key: key.to_owned(), value: value.to_vec() }];
        script::Call { metadata, ..call(Method::EmptyCall, [empty()]) }
    }

    #[test]
    fn scripts_that_make_sense() {
        let gzip = script::Call { compressor: 1, ..call(Method::UnaryCall, [compressed(1)]) };
        for (name, call) in [
            ("a wait before the request", call(Method::EmptyCall, [Action::WaitMs(1), empty(), Action::WaitMs(1)])),
            ("a half-close that is implied", call(Method::UnaryCall, [simple(), Action::HalfClose(HalfClose {})])),
            ("a stream without requests", call(Method::FullDuplexCall, [])),
            ("a cancel before the first of many", call(Method::FullDuplexCall, [Action::Cancel(Cancel {}), output()])),
            ("any bytes", with_metadata("a-bin", b"\x00\xff")),
            ("compression asked for", gzip),
        ] {
            assert!(Call::new(&call).is_ok(), "{name}");
        }
    }

    #[test]
    fn scripts_that_make_none() {
        let half_close = || Action::HalfClose(HalfClose {});
        let bearer_token = "token".to_owned();
        for (name, call) in [
            ("no method", call(Method::Unspecified, [empty()])),
            ("an unknown method", script::Call { method: 99, ..call(Method::EmptyCall, [empty()]) }),
            ("an unknown compressor", script::Call { compressor: 99, ..call(Method::EmptyCall, [empty()]) }),
            ("an unknown compress", call(Method::UnaryCall, [compressed(99)])),
            ("compress without a compressor", call(Method::UnaryCall, [compressed(1)])),
            ("call credentials", script::Call { bearer_token, ..call(Method::EmptyCall, [empty()]) }),
            ("a step without an action", {
                let steps = vec![script::Step::default()];
                script::Call { steps, ..call(Method::FullDuplexCall, []) }
            }),
            ("no request", call(Method::UnaryCall, [])),
            ("two requests", call(Method::UnaryCall, [simple(), simple()])),
            ("another method's request", call(Method::UnaryCall, [output()])),
            ("a body in an empty request", {
                let request = Some(send::Request::Empty(Empty {}));
                let send = script::Send { request, body_size: Some(0), ..script::Send::default() };
                call(Method::EmptyCall, [Action::Send(send)])
            }),
            (
                "a receive before the request",
                call(Method::UnaryCall, [Action::Receive(Receive { count: 1 }), simple()]),
            ),
            ("a cancel before the request", call(Method::StreamingOutputCall, [Action::Cancel(Cancel {}), output()])),
            ("the request after the half-close", call(Method::UnaryCall, [half_close(), simple()])),
            ("a request after the half-close", call(Method::FullDuplexCall, [output(), half_close(), output()])),
            ("a key with a space", with_metadata("a b", b"")),
            ("no key", with_metadata("", b"")),
            ("text that is no ASCII", with_metadata("a", "\u{e9}".as_bytes())),
            ("text that is no UTF-8", with_metadata("a", b"\xff")),
            ("text that does not print", with_metadata("a", b"\n")),
        ] {
            assert!(Call::new(&call).is_err(), "{name}");
        }
    }
}
