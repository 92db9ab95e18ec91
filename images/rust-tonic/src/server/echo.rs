//! What a request asks the server to send back: metadata and a status.

use tonic::{
    Code, Response, Status,
    metadata::{AsciiMetadataValue, BinaryMetadataValue, MetadataMap},
};

use super::trailers::Trailers;
use crate::proto::grpc::testing::EchoStatus;

const INITIAL: &str = "x-grpc-test-echo-initial";
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

    /// Adds the metadata to a handler's result. A handler's error goes out as Trailers-Only, without initial metadata.
    pub fn apply<T>(self, result: Result<Response<T>, Status>) -> Result<Response<T>, Status> {
        match result {
            Ok(mut response) => {
                for value in self.initial {
                    response.metadata_mut().append(INITIAL, value);
                }
                let mut trailers = MetadataMap::new();
                append(&mut trailers, self.trailing);
                response.extensions_mut().insert(Trailers(trailers));
                Ok(response)
            }
            Err(mut status) => {
                append(status.metadata_mut(), self.trailing);
                Err(status)
            }
        }
    }
}

fn append(metadata: &mut MetadataMap, values: Vec<BinaryMetadataValue>) {
    for value in values {
        metadata.append_bin(TRAILING, value);
    }
}

/// Fails with the status a request asks for, if its code is not 0.
pub fn status(asked: Option<&EchoStatus>) -> Result<(), Status> {
    match asked {
        Some(EchoStatus { code, message }) if *code != 0 => Err(Status::new(Code::from_i32(*code), message)),
        _ => Ok(()),
    }
}
