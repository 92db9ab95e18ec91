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
    Empty(Vec<Step<Empty>>),
    Unary(Vec<Step<SimpleRequest>>),
    StreamingInput(Vec<Step<StreamingInputCallRequest>>),
    StreamingOutput(Vec<Step<StreamingOutputCallRequest>>),
    FullDuplex(Vec<Step<StreamingOutputCallRequest>>),
    HalfDuplex(Vec<Step<StreamingOutputCallRequest>>),
    Unimplemented(Vec<Step<Empty>>),
    UnimplementedService(Vec<Step<Empty>>),
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
        let mut headers = MetadataBuilder::new();
        for script::Metadata { key, value } in &call.metadata {
            let added = match key.ends_with("-bin") {
                true => headers.add_bytes(key, value),
                false => headers.add_str(key, str::from_utf8(value).with_context(|| key.clone())?),
            };
            added.with_context(|| format!("metadata {key:?}"))?;
        }
        if compressor(call)? == Compressor::Gzip {
            choose_gzip(&mut headers)?;
        }
        let mut options = CallOption::default().headers(headers.build());
        if call.deadline_ms > 0 {
            options = options.timeout(Duration::from_millis(call.deadline_ms.into()));
        }
        Ok(Self { options, steps: Steps::new(call)? })
    }
}

impl Steps {
    fn new(call: &script::Call) -> Result<Self> {
        Ok(match Method::try_from(call.method).context("method")? {
            Method::Unspecified => bail!("the call has no method"),
            Method::EmptyCall => Self::Empty(single(call)?),
            Method::UnaryCall => Self::Unary(single(call)?),
            Method::StreamingInputCall => Self::StreamingInput(stream(call)?),
            Method::StreamingOutputCall => Self::StreamingOutput(single(call)?),
            Method::FullDuplexCall => Self::FullDuplex(stream(call)?),
            Method::HalfDuplexCall => Self::HalfDuplex(stream(call)?),
            Method::UnimplementedCall => Self::Unimplemented(single(call)?),
            Method::UnimplementedServiceCall => Self::UnimplementedService(single(call)?),
        })
    }
}

/// The steps of a call with one request. The library starts such a call by sending it, so only a wait can come before.
fn single<Q: Request>(call: &script::Call) -> Result<Vec<Step<Q>>> {
    let steps = steps(call)?;
    let sends = steps.iter().filter(|step| matches!(step, Step::Send(..))).count();
    ensure!(sends == 1, "{sends} requests in a call that takes one");
    let first = steps.iter().find(|step| !matches!(step, Step::Wait(_)));
    ensure!(matches!(first, Some(Step::Send(..))), "a call with one request starts with sending it");
    Ok(steps)
}

/// The steps of a call with a stream of requests.
fn stream<Q: Request>(call: &script::Call) -> Result<Vec<Step<Q>>> {
    let steps = steps(call)?;
    let mut late = steps.iter().skip_while(|step| !matches!(step, Step::HalfClose));
    ensure!(!late.any(|step| matches!(step, Step::Send(..))), "a request follows the half-close");
    Ok(steps)
}

fn steps<Q: Request>(call: &script::Call) -> Result<Vec<Step<Q>>> {
    let compressor = compressor(call)?;
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

fn compressor(call: &script::Call) -> Result<Compressor> {
    Compressor::try_from(call.compressor).context("compressor")
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
