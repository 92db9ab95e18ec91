//! What grpcio shows, in the words of an observation.

use grpcio::{Error, Metadata, Result};

use crate::proto::{
    grpc::testing::{Empty, Payload, SimpleResponse, StreamingInputCallResponse, StreamingOutputCallResponse},
    interop::v1::{self as observation, CallObservation, MetadataList, Received, Status, received::Response},
};

/// Records how a call ended. Of a failed one there is a status and nothing else.
pub fn ended(result: &Result<()>, seen: &mut CallObservation) {
    match result {
        Ok(()) => seen.status = Some(Status::default()),
        // What is no UTF-8 in the message has become U+FFFD in the library.
        Err(Error::RpcFailure(status) | Error::RpcFinished(Some(status))) => {
            seen.status = Some(Status { code: status.code().into(), message: status.message().to_owned() });
        }
        // The library failed without saying how the call ended.
        Err(error) => eprintln!("call {}: {error}", seen.call),
    }
}

pub fn metadata(metadata: &Metadata) -> MetadataList {
    let entries = metadata.iter();
    let entries = entries.map(|(key, value)| observation::Metadata { key: key.to_owned(), value: value.to_vec() });
    MetadataList { entries: entries.collect() }
}

fn received(response: Response, payload: Option<&Payload>) -> Received {
    let body = payload.map(|payload| &payload.body);
    Received {
        response: Some(response),
        // A message is far smaller than 4 GiB.
        body_size: body.map(|body| body.len() as u32),
        all_zero: body.is_none_or(|body| body.iter().all(|byte| *byte == 0)),
    }
}

impl From<Empty> for Received {
    fn from(response: Empty) -> Self {
        received(Response::Empty(response), None)
    }
}

impl From<SimpleResponse> for Received {
    fn from(mut response: SimpleResponse) -> Self {
        let payload = response.payload.take();
        received(Response::Simple(response), payload.as_ref())
    }
}

impl From<StreamingInputCallResponse> for Received {
    fn from(response: StreamingInputCallResponse) -> Self {
        received(Response::StreamingInput(response), None)
    }
}

impl From<StreamingOutputCallResponse> for Received {
    fn from(mut response: StreamingOutputCallResponse) -> Self {
        let payload = response.payload.take();
        received(Response::StreamingOutput(response), payload.as_ref())
    }
}
