use super::metadata;
use crate::model::{Call, CallKind, Case, Expect, Method, Send, StatusCode, Step};

/// What must come of one call, computed from its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedCall<'a> {
    /// The call as the case has it.
    pub call: &'a Call,
    /// The requests that reach the wire.
    pub requests: Vec<&'a Send>,
    /// The responses that a complete call brings, in order.
    pub responses: Vec<ExpectedResponse>,
    /// How many of them must come even if the call is cancelled or fails.
    pub at_least: usize,
    /// The status the client is to report.
    pub status: ExpectedStatus,
    /// Its message, where the case fixes one.
    pub message: Option<&'a str>,
    /// Whether the client cancels, so that the server owes no status.
    pub cancelled: bool,
    /// What of the call's metadata comes back; absent where the server owes none of it.
    pub echo: Option<Echo>,
}

impl ExpectedCall<'_> {
    /// Whether a deadline ends the call: client and server find that out by a clock each, and what the server sends of it may come
    /// too late.
    pub(crate) fn expires(&self) -> bool {
        self.call.deadline_ms.is_some() && self.status == ExpectedStatus::Code(StatusCode::DeadlineExceeded)
    }
}

/// The metadata that a server sends back, each value in its order (interop-test-descriptions.md, "Echo Metadata").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Echo {
    /// In the response headers.
    pub initial: Vec<(String, Vec<u8>)>,
    /// In the trailers.
    pub trailing: Vec<(String, Vec<u8>)>,
}

/// A status, as far as a case determines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedStatus {
    /// This one.
    Code(StatusCode),
    /// Any but OK.
    AnyError,
}

impl ExpectedStatus {
    /// Whether the call is to succeed.
    pub fn is_ok(self) -> bool {
        self == ExpectedStatus::Code(StatusCode::Ok)
    }

    /// Whether a status is one of those expected.
    pub fn allows(self, code: StatusCode) -> bool {
        match self {
            ExpectedStatus::Code(expected) => code == expected,
            ExpectedStatus::AnyError => code != StatusCode::Ok,
        }
    }
}

/// One response, as far as a request determines it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedResponse {
    /// `Empty`.
    Empty,
    /// A zero-filled body of so many bytes.
    Body(u32),
    /// Such a body, and the name of the authenticated user; empty where nobody is.
    Authenticated(u32, String),
    /// The sum of the request bodies' sizes.
    Aggregate(u32),
}

/// The calls of a case in the order in which their streams open, copies and repeats each by themselves.
pub fn expected_calls(case: &Case) -> Vec<ExpectedCall<'_>> {
    let copies = |call: &'_ Call| call.repeat as usize * call.concurrent as usize;
    case.calls.iter().flat_map(|call| std::iter::repeat_n(expected_call(call), copies(call))).collect()
}

/// What must come of a call.
pub(crate) fn expected_call(call: &Call) -> ExpectedCall<'_> {
    let sends: Vec<&Send> = call.steps.iter().filter_map(Step::as_send).collect();
    let cancelled = call.steps.contains(&Step::Cancel);
    let echoed = sends.iter().find_map(|send| send.status.as_ref().filter(|status| status.code != StatusCode::Ok));
    let from_steps = match (cancelled, echoed) {
        (true, _) => StatusCode::Cancelled,
        (false, Some(status)) => status.code,
        (false, None) => StatusCode::Ok,
    };
    let status = match call.expect.any_error {
        true => ExpectedStatus::AnyError,
        false => ExpectedStatus::Code(call.expect.status.unwrap_or(from_steps)),
    };
    let said = cancelled || call.expect != Expect::default();
    let message = if said { None } else { echoed.map(|s| s.message.as_str()) };
    let responses = responses(call, &sends, status);
    let received = received(&call.steps);
    let at_least = if status.is_ok() { responses.len() } else { received.min(responses.len()) };
    let echo = if status.is_ok() { echo(call) } else { None };
    ExpectedCall { call, requests: sends, responses, at_least, status, message, cancelled, echo }
}

/// What comes back of a call that ends well; one that fails may have no response headers.
fn echo(call: &Call) -> Option<Echo> {
    let entries = |key: &str| {
        let entries = call.metadata.iter().filter(|header| header.key == key);
        entries.map(|header| (header.key.clone(), header.raw())).collect()
    };
    match call.method {
        Method::UnaryCall | Method::FullDuplexCall | Method::HalfDuplexCall => Some(Echo {
            initial: entries("x-grpc-test-echo-initial"),
            trailing: entries("x-grpc-test-echo-trailing-bin"),
        }),
        Method::EmptyCall
        | Method::StreamingInputCall
        | Method::StreamingOutputCall
        | Method::UnimplementedCall
        | Method::UnimplementedServiceCall => None,
    }
}

fn responses(call: &Call, sends: &[&Send], status: ExpectedStatus) -> Vec<ExpectedResponse> {
    let single = match call.method.kind() {
        CallKind::Unary | CallKind::ClientStreaming => true,
        CallKind::ServerStreaming | CallKind::Bidi => false,
    };
    if single && !status.is_ok() {
        return Vec::new();
    }
    match call.method {
        Method::UnimplementedCall | Method::UnimplementedServiceCall => Vec::new(),
        Method::EmptyCall => vec![ExpectedResponse::Empty],
        Method::UnaryCall => sends.iter().map(|send| simple(call, send)).collect(),
        Method::StreamingInputCall => {
            vec![ExpectedResponse::Aggregate(sends.iter().filter_map(|send| send.body_size).sum())]
        }
        Method::StreamingOutputCall | Method::FullDuplexCall | Method::HalfDuplexCall => {
            // An echoed status ends the call before any response to its request.
            let answered =
                sends.iter().take_while(|send| send.status.as_ref().is_none_or(|s| s.code == StatusCode::Ok));
            answered.flat_map(|send| &send.responses).map(|response| ExpectedResponse::Body(response.size)).collect()
        }
    }
}

fn simple(call: &Call, send: &Send) -> ExpectedResponse {
    let size = send.response_size.unwrap_or_default();
    match send.fill_username {
        true => ExpectedResponse::Authenticated(size, username(call)),
        false => ExpectedResponse::Body(size),
    }
}

/// Whom a call's metadata authenticate: servers take a bearer token for its user's name (images/README.md).
fn username(call: &Call) -> String {
    let mut credentials = metadata::of_the_case(call).into_iter().filter(|(key, _)| key == "authorization");
    let token = credentials.find_map(|(_, value)| String::from_utf8(value.strip_prefix(b"Bearer ")?.to_vec()).ok());
    token.unwrap_or_default()
}

/// How many responses the steps wait for by number.
fn received(steps: &[Step]) -> usize {
    let counts = steps.iter().map(|step| match step {
        Step::Receive(receive) => receive.count as usize,
        Step::Send(_) | Step::HalfClose | Step::Cancel | Step::WaitMs(_) => 0,
    });
    counts.sum()
}

#[cfg(test)]
mod tests;
