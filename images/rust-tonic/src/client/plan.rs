//! A script in the types of the generated stubs. What makes no sense is refused here, before anything is dialled.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tonic::metadata::{AsciiMetadataKey, BinaryMetadataKey, MetadataMap, MetadataValue};

use crate::{
    proto::{
        grpc::testing::{Empty, SimpleRequest, StreamingInputCallRequest, StreamingOutputCallRequest},
        interop::v1::{self as script, Compressor, Method, send::Compress, step::Action},
    },
    zeros,
};

/// A group of calls that run concurrently.
pub struct Group {
    pub repeat: u32,
    pub fresh_channel: bool,
    pub calls: Vec<Call>,
}

/// One call.
pub struct Call {
    pub metadata: MetadataMap,
    pub deadline: Option<Duration>,
    pub gzip: bool,
    pub steps: Steps,
}

/// The method to call and its steps, which send that method's requests.
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
    pub then: Vec<Step<Q>>,
}

/// One step of a call that sends `Q`.
pub enum Step<Q> {
    Send(Q),
    HalfClose,
    /// How many messages to read; 0 is all that are left.
    Receive(u32),
    Cancel,
    Wait(Duration),
}

/// The groups of a script, or what is wrong with it.
pub fn groups(script: &script::Script) -> Result<Vec<Group>> {
    let numbered = script.groups.iter().enumerate();
    numbered
        .map(|(index, group)| {
            let calls = group.calls.iter().enumerate();
            let calls = calls
                .map(|(call, spec)| Call::new(spec).with_context(|| format!("call {call}")))
                .collect::<Result<_>>()
                .with_context(|| format!("group {index}"))?;
            Ok(Group { repeat: group.repeat.max(1), fresh_channel: group.fresh_channel, calls })
        })
        .collect()
}

impl Call {
    fn new(call: &script::Call) -> Result<Self> {
        ensure!(call.bearer_token.is_empty(), "tonic has no call credentials");
        let compressor = Compressor::try_from(call.compressor).context("compressor")?;
        Ok(Self {
            metadata: metadata(&call.metadata)?,
            deadline: (call.deadline_ms > 0).then(|| Duration::from_millis(call.deadline_ms.into())),
            gzip: compressor == Compressor::Gzip,
            steps: Steps::new(call)?,
        })
    }
}

impl Steps {
    fn new(call: &script::Call) -> Result<Self> {
        Ok(match Method::try_from(call.method).context("method")? {
            Method::Unspecified => bail!("the call has no method"),
            Method::EmptyCall => Self::Empty(one_request(call)?),
            Method::UnaryCall => Self::Unary(one_request(call)?),
            Method::StreamingInputCall => Self::StreamingInput(requests(call)?),
            Method::StreamingOutputCall => Self::StreamingOutput(one_request(call)?),
            Method::FullDuplexCall => Self::FullDuplex(requests(call)?),
            Method::HalfDuplexCall => Self::HalfDuplex(requests(call)?),
            Method::UnimplementedCall => Self::Unimplemented(one_request(call)?),
            Method::UnimplementedServiceCall => Self::UnimplementedService(one_request(call)?),
        })
    }
}

/// The steps of a call with one request.
fn one_request<Q: FromSend>(call: &script::Call) -> Result<OneRequest<Q>> {
    let mut steps = steps(call)?.into_iter();
    let mut waits = Vec::new();
    let request = loop {
        match steps.next() {
            Some(Step::Wait(duration)) => waits.push(duration),
            Some(Step::Send(request)) => break request,
            _ => bail!("a call with one request starts with sending it"),
        }
    };
    let then: Vec<_> = steps.collect();
    ensure!(!then.iter().any(is_send), "a call with one request sends another");
    Ok(OneRequest { waits, request, then })
}

/// The steps of a call with a stream of requests.
fn requests<Q: FromSend>(call: &script::Call) -> Result<Vec<Step<Q>>> {
    let steps = steps(call)?;
    let mut late = steps.iter().skip_while(|step| !matches!(step, Step::HalfClose));
    ensure!(!late.any(is_send), "a request follows the half-close");
    Ok(steps)
}

fn is_send<Q>(step: &Step<Q>) -> bool {
    matches!(step, Step::Send(_))
}

fn steps<Q: FromSend>(call: &script::Call) -> Result<Vec<Step<Q>>> {
    let numbered = call.steps.iter().enumerate();
    numbered
        .map(|(index, step)| {
            Ok(match &step.action {
                None => bail!("step {index} has no action"),
                Some(Action::Send(send)) => Step::Send(request(send).with_context(|| format!("step {index}"))?),
                Some(Action::HalfClose(_)) => Step::HalfClose,
                Some(Action::Receive(receive)) => Step::Receive(receive.count),
                Some(Action::Cancel(_)) => Step::Cancel,
                Some(Action::WaitMs(ms)) => Step::Wait(Duration::from_millis((*ms).into())),
            })
        })
        .collect()
}

fn request<Q: FromSend>(send: &script::Send) -> Result<Q> {
    ensure!(Compress::try_from(send.compress) == Ok(Compress::Default), "tonic cannot compress per message");
    Q::from_send(send).context("the request is not of the method's type")
}

/// A request message that a `Send` can describe.
trait FromSend: Sized {
    fn from_send(send: &script::Send) -> Option<Self>;
}

impl FromSend for Empty {
    fn from_send(send: &script::Send) -> Option<Self> {
        match (&send.request, send.body_size) {
            (Some(script::send::Request::Empty(request)), None) => Some(*request),
            _ => None,
        }
    }
}

/// Implements `FromSend` for a request with a payload.
macro_rules! from_send {
    ($message:ident, $variant:ident) => {
        impl FromSend for $message {
            fn from_send(send: &script::Send) -> Option<Self> {
                let Some(script::send::Request::$variant(request)) = &send.request else {
                    return None;
                };
                Some(Self { payload: send.body_size.map(|size| zeros::payload(size as usize)), ..request.clone() })
            }
        }
    };
}

from_send!(SimpleRequest, Simple);
from_send!(StreamingInputCallRequest, StreamingInput);
from_send!(StreamingOutputCallRequest, StreamingOutput);

/// Keys that tonic takes out of a request again, as it sets them itself.
/// https://github.com/grpc/grpc-rust/blob/master/tonic/src/metadata/map.rs
const RESERVED: [&str; 5] = ["te", "content-type", "grpc-message", "grpc-message-type", "grpc-status"];

fn metadata(entries: &[script::Metadata]) -> Result<MetadataMap> {
    let mut metadata = MetadataMap::new();
    for script::Metadata { key, value } in entries {
        let context = || format!("metadata {key:?}");
        if key.ends_with("-bin") {
            let key: BinaryMetadataKey = key.parse().with_context(context)?;
            metadata.append_bin(key, MetadataValue::from_bytes(value));
        } else {
            let name: AsciiMetadataKey = key.parse().with_context(context)?;
            ensure!(!RESERVED.contains(&name.as_str()), "metadata {key:?}: the key is reserved");
            // tonic takes any byte of 0x80 and above as well, and a tab.
            ensure!(value.iter().all(|byte| matches!(byte, b' '..=b'~')), "metadata {key:?}: not printable ASCII");
            metadata.append(name, MetadataValue::try_from(value.as_slice()).with_context(context)?);
        }
    }
    Ok(metadata)
}
