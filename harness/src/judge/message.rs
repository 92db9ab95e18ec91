use super::expect::ExpectedResponse;
use crate::model::Method;
use crate::proto::testing::{
    BoolValue, EchoStatus, Empty, Payload, SimpleRequest, SimpleResponse, StreamingInputCallRequest,
    StreamingInputCallResponse, StreamingOutputCallRequest, StreamingOutputCallResponse,
};
use crate::proto::v1;
use crate::wire::are_zeros;
use bytes::Bytes;
use prost::Message;

/// A request as the wire has it, its body reduced to size and content as in an observation.
pub(super) struct WireRequest {
    pub(super) send: v1::Send,
    pub(super) all_zero: bool,
}

/// Decodes a request of a method.
pub(super) fn request(method: Method, bytes: Bytes) -> Result<WireRequest, String> {
    use v1::send::Request;
    let (request, payload) = match method {
        Method::EmptyCall | Method::UnimplementedCall | Method::UnimplementedServiceCall => {
            (Request::Empty(decode::<Empty>(bytes)?), None)
        }
        Method::UnaryCall => {
            let mut message: SimpleRequest = decode(bytes)?;
            let payload = message.payload.take();
            (Request::Simple(message), payload)
        }
        Method::StreamingInputCall => {
            let mut message: StreamingInputCallRequest = decode(bytes)?;
            let payload = message.payload.take();
            (Request::StreamingInput(message), payload)
        }
        Method::StreamingOutputCall | Method::FullDuplexCall | Method::HalfDuplexCall => {
            let mut message: StreamingOutputCallRequest = decode(bytes)?;
            let payload = message.payload.take();
            (Request::StreamingOutput(message), payload)
        }
    };
    let (body_size, all_zero) = reduce(payload.as_ref());
    Ok(WireRequest { send: v1::Send { request: Some(request), body_size, compress: 0 }, all_zero })
}

/// Decodes a response of a method to what a faithful client would report of it.
pub(super) fn response(method: Method, bytes: Bytes) -> Result<v1::Received, String> {
    use v1::received::Response;
    let (response, payload) = match method {
        Method::EmptyCall | Method::UnimplementedCall | Method::UnimplementedServiceCall => {
            (Response::Empty(decode::<Empty>(bytes)?), None)
        }
        Method::UnaryCall => {
            let mut message: SimpleResponse = decode(bytes)?;
            let payload = message.payload.take();
            (Response::Simple(message), payload)
        }
        Method::StreamingInputCall => (Response::StreamingInput(decode::<StreamingInputCallResponse>(bytes)?), None),
        Method::StreamingOutputCall | Method::FullDuplexCall | Method::HalfDuplexCall => {
            let mut message: StreamingOutputCallResponse = decode(bytes)?;
            let payload = message.payload.take();
            (Response::StreamingOutput(message), payload)
        }
    };
    let (body_size, all_zero) = reduce(payload.as_ref());
    Ok(v1::Received { response: Some(response), body_size, all_zero })
}

fn decode<M: Message + Default>(bytes: Bytes) -> Result<M, String> {
    M::decode(bytes).map_err(|error| format!("a message that does not parse: {error}"))
}

fn reduce(payload: Option<&Payload>) -> (Option<u32>, bool) {
    match payload {
        None => (None, true),
        Some(payload) => {
            let size = u32::try_from(payload.body.len()).unwrap_or(u32::MAX);
            (Some(size), are_zeros(&payload.body))
        }
    }
}

/// Whether a response is the one asked for, as far as the request determines it.
pub(super) fn is_expected(received: &v1::Received, expected: &ExpectedResponse) -> bool {
    use v1::received::Response;
    match (expected, received.response.as_ref()) {
        (ExpectedResponse::Empty, Some(Response::Empty(_))) => true,
        (ExpectedResponse::Aggregate(sum), Some(Response::StreamingInput(response))) => {
            i64::from(response.aggregated_payload_size) == i64::from(*sum)
        }
        (ExpectedResponse::Body(size), Some(Response::Simple(_) | Response::StreamingOutput(_))) => {
            has_body(received, *size)
        }
        (ExpectedResponse::Authenticated(size, username), Some(Response::Simple(response))) => {
            has_body(received, *size) && response.username == *username
        }
        (_, _) => false,
    }
}

fn has_body(received: &v1::Received, size: u32) -> bool {
    received.body_size.unwrap_or_default() == size && received.all_zero
}

/// An expected response in words.
pub(super) fn expected_text(expected: &ExpectedResponse) -> String {
    match expected {
        ExpectedResponse::Empty => "Empty".to_owned(),
        ExpectedResponse::Body(size) => body_text(Some(*size), true),
        ExpectedResponse::Authenticated(size, username) => {
            format!("{}{}", body_text(Some(*size), true), username_text(username))
        }
        ExpectedResponse::Aggregate(sum) => format!("aggregated size {sum}"),
    }
}

/// A received response in words.
pub(crate) fn received_text(received: &v1::Received) -> String {
    use v1::received::Response;
    match received.response.as_ref() {
        None => "a message of no type".to_owned(),
        Some(Response::Empty(_)) => "Empty".to_owned(),
        Some(Response::StreamingInput(response)) => format!("aggregated size {}", response.aggregated_payload_size),
        Some(Response::Simple(response)) => {
            let body = body_text(received.body_size, received.all_zero);
            format!("{body}{}", username_text(&response.username))
        }
        Some(Response::StreamingOutput(_)) => body_text(received.body_size, received.all_zero),
    }
}

fn username_text(username: &str) -> String {
    if username.is_empty() { String::new() } else { format!(", username {username:?}") }
}

fn body_text(size: Option<u32>, all_zero: bool) -> String {
    match (size, all_zero) {
        (None, _) => "no body".to_owned(),
        (Some(size), true) => format!("{size} zero bytes"),
        (Some(size), false) => format!("{size} bytes, not all zero"),
    }
}

/// A request in words.
pub(super) fn request_text(send: &v1::Send, all_zero: bool) -> String {
    use v1::send::Request;
    let head = match send.request.as_ref() {
        None => "nothing".to_owned(),
        Some(Request::Empty(_)) => return "Empty".to_owned(),
        Some(Request::Simple(message)) => {
            let status = status_text(message.response_status.as_ref());
            let response = flag_text("response_compressed", message.response_compressed.as_ref());
            let expect = flag_text("expect_compressed", message.expect_compressed.as_ref());
            let username = if message.fill_username { " fill_username" } else { "" };
            format!("asking for {} bytes{username}{response}{expect}{status}", message.response_size)
        }
        Some(Request::StreamingInput(message)) => {
            flag_text("expect_compressed", message.expect_compressed.as_ref()).trim_start().to_owned()
        }
        Some(Request::StreamingOutput(message)) => {
            let responses = message.response_parameters.iter();
            let responses = responses.map(|r| format!("{}{}", r.size, flag_text("compressed", r.compressed.as_ref())));
            let status = status_text(message.response_status.as_ref());
            format!("asking for [{}]{status}", responses.collect::<Vec<_>>().join(", "))
        }
    };
    format!("{} {head}", body_text(send.body_size, all_zero)).trim_end().to_owned()
}

fn status_text(status: Option<&EchoStatus>) -> String {
    status.map_or(String::new(), |s| format!(", status {} {:?}", s.code, s.message))
}

fn flag_text(name: &str, flag: Option<&BoolValue>) -> String {
    flag.map_or(String::new(), |flag| format!(" {name}={}", flag.value))
}
