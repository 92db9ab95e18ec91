//! What tonic shows, in the words of an observation.

use tonic::{
    Status,
    metadata::{KeyAndValueRef, MetadataMap},
};

use crate::proto::{
    grpc::testing::{Empty, Payload, SimpleResponse, StreamingInputCallResponse, StreamingOutputCallResponse},
    interop::v1::{self as observation, Metadata, MetadataList, Received, received::Response},
};

/// The status of a call that succeeded.
pub fn ok() -> observation::Status {
    observation::Status::default()
}

pub fn status(status: &Status) -> observation::Status {
    observation::Status { code: status.code().into(), message: status.message().to_owned() }
}

pub fn metadata(metadata: &MetadataMap) -> MetadataList {
    let entries = metadata.iter().map(|entry| match entry {
        KeyAndValueRef::Ascii(key, value) => Metadata { key: key.to_string(), value: value.as_bytes().to_vec() },
        KeyAndValueRef::Binary(key, value) => Metadata {
            key: key.to_string(),
            // What is no base64 is reported as it came.
            value: match value.to_bytes() {
                Ok(bytes) => bytes.to_vec(),
                Err(_) => value.as_encoded_bytes().to_vec(),
            },
        },
    });
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
