//! What a request asks the server to send back: metadata, the name of the user and a status.

use tonic::{
    Code, Response, Status,
    metadata::{AsciiMetadataValue, BinaryMetadataValue, MetadataMap},
};

use super::trailers::Trailers;
use crate::proto::grpc::testing::EchoStatus;

pub const INITIAL: &str = "x-grpc-test-echo-initial";
const TRAILING: &str = "x-grpc-test-echo-trailing-bin";

/// The values a call's metadata ask to have back, in their order.
pub struct Echo {
    initial: Vec<AsciiMetadataValue>,
    trailing: Vec<BinaryMetadataValue>,
}

impl Echo {
    pub fn of(metadata: &MetadataMap) -> Self {
        Self {
            initial: metadata.get_all(INITIAL).iter().cloned().collect(),
            trailing: metadata.get_all_bin(TRAILING).iter().cloned().collect(),
        }
    }

    /// Adds the metadata to a handler's result. A handler's error has one place for both: the layer tells them apart.
    pub fn apply<T>(self, result: Result<Response<T>, Status>) -> Result<Response<T>, Status> {
        match result {
            Ok(mut response) => {
                append_initial(response.metadata_mut(), self.initial);
                let mut trailers = MetadataMap::new();
                append_trailing(&mut trailers, self.trailing);
                response.extensions_mut().insert(Trailers(trailers));
                Ok(response)
            }
            Err(mut status) => {
                append_initial(status.metadata_mut(), self.initial);
                append_trailing(status.metadata_mut(), self.trailing);
                Err(status)
            }
        }
    }
}

fn append_initial(metadata: &mut MetadataMap, values: Vec<AsciiMetadataValue>) {
    for value in values {
        metadata.append(INITIAL, value);
    }
}

fn append_trailing(metadata: &mut MetadataMap, values: Vec<BinaryMetadataValue>) {
    for value in values {
        metadata.append_bin(TRAILING, value);
    }
}

/// The user whom a call's bearer token authenticates. For these tests a token is its user's name.
pub fn username(metadata: &MetadataMap) -> Option<&str> {
    metadata.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Fails with the status a request asks for, if its code is not 0.
pub fn status(asked: Option<&EchoStatus>) -> Result<(), Status> {
    match asked {
        Some(EchoStatus { code, message }) if *code != 0 => Err(Status::new(Code::from_i32(*code), message)),
        _ => Ok(()),
    }
}
