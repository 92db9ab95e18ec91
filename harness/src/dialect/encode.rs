//! The serialised messages that a case's steps come to, as far as their lengths go.

use crate::judge::{ExpectedCall, ExpectedResponse};
use crate::model::{Compressor, Method, Send};
use crate::plan::script_send;
use crate::proto::testing::{Empty, Payload, SimpleResponse, StreamingInputCallResponse, StreamingOutputCallResponse};
use crate::proto::v1::send::Request;
use prost::Message;

/// The messages of one direction: serialised length, compression undone, and whether compressed.
pub(super) type Sizes = Vec<(usize, bool)>;

/// The messages in words: those that repeat are counted.
pub(super) fn text(sizes: &[(usize, bool)]) -> String {
    let words = sizes.chunk_by(|a, b| a == b).filter_map(|run| {
        let (size, compressed) = run.first()?;
        let compressed = if *compressed { " compressed" } else { "" };
        let times = if run.len() > 1 { format!(" ({} times)", run.len()) } else { String::new() };
        Some(format!("{size}{compressed}{times}"))
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The requests of a call.
pub(super) fn requests(expected: &ExpectedCall<'_>) -> Sizes {
    let usual = expected.call.compressor == Compressor::Gzip;
    let size = |send: &&Send| (request(expected.call.method, send), send.compress.unwrap_or(usual));
    expected.requests.iter().map(size).collect()
}

fn request(method: Method, send: &Send) -> usize {
    let script = script_send(method, send);
    let payload = script.body_size.map(payload);
    match script.request {
        Some(Request::Empty(message)) => message.encoded_len(),
        Some(Request::Simple(mut message)) => {
            message.payload = payload;
            message.encoded_len()
        }
        Some(Request::StreamingInput(mut message)) => {
            message.payload = payload;
            message.encoded_len()
        }
        Some(Request::StreamingOutput(mut message)) => {
            message.payload = payload;
            message.encoded_len()
        }
        None => 0,
    }
}

/// The first `most` responses of a call.
pub(super) fn responses(expected: &ExpectedCall<'_>, most: usize) -> Sizes {
    let method = expected.call.method;
    let asked: Vec<bool> = match method {
        Method::UnaryCall => expected.requests.iter().map(|send| send.response_compressed == Some(true)).collect(),
        Method::StreamingOutputCall | Method::FullDuplexCall | Method::HalfDuplexCall => {
            let responses = expected.requests.iter().flat_map(|send| &send.responses);
            responses.map(|response| response.compressed == Some(true)).collect()
        }
        Method::EmptyCall
        | Method::StreamingInputCall
        | Method::UnimplementedCall
        | Method::UnimplementedServiceCall => Vec::new(),
    };
    let compressed = asked.into_iter().chain(std::iter::repeat(false));
    expected.responses.iter().take(most).map(|response| self::response(method, response)).zip(compressed).collect()
}

fn response(method: Method, response: &ExpectedResponse) -> usize {
    let simple = |size, username: &str| {
        let message =
            SimpleResponse { payload: Some(payload(size)), username: username.to_owned(), ..Default::default() };
        message.encoded_len()
    };
    match response {
        ExpectedResponse::Empty => Empty {}.encoded_len(),
        ExpectedResponse::Aggregate(sum) => {
            let aggregated_payload_size = i32::try_from(*sum).unwrap_or(i32::MAX);
            StreamingInputCallResponse { aggregated_payload_size }.encoded_len()
        }
        ExpectedResponse::Authenticated(size, username) => simple(*size, username),
        ExpectedResponse::Body(size) if method == Method::UnaryCall => simple(*size, ""),
        ExpectedResponse::Body(size) => {
            StreamingOutputCallResponse { payload: Some(payload(*size)), ..Default::default() }.encoded_len()
        }
    }
}

fn payload(size: u32) -> Payload {
    Payload { body: vec![0; size as usize].into(), ..Default::default() }
}
