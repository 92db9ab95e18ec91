use super::blind::is_blind;
use super::expect::{ExpectedCall, ExpectedStatus};
use super::text::{count, expected_status_text, numbered, reported_status_text, status_text};
use super::{message, metadata};
use crate::model::{BlindField, CallKind, Fault, Finding, Level, Peer, Place, Side, StatusCode};
use crate::plan::script_send;
use crate::proto::v1;
use crate::wire::{Connection, HeaderBlock, Message, Stream, code, percent, rules};
use bytes::Bytes;

/// How late a client may be on a busy machine, in milliseconds. That makes `grpc-timeout` less where it sends it late, and more where its
/// clock is behind: C core counts from when it last looked (26 ms were seen for 1 ms), and in whole milliseconds.
const LATE_MS: u32 = 100;

/// One call: what was expected, what the wire has of it, what the client said of it.
pub(super) struct CallEvidence<'a> {
    pub(super) expected: &'a ExpectedCall<'a>,
    pub(super) connection: &'a Connection,
    pub(super) stream: &'a Stream,
    pub(super) observed: Option<&'a v1::CallObservation>,
    pub(super) client: &'a Peer,
}

impl CallEvidence<'_> {
    /// What the client did, held against the steps, which blames the client.
    pub(super) fn asked(&self) -> Vec<Finding> {
        [self.path(), self.request_metadata(), self.requests(), self.deadline()].into_iter().flatten().collect()
    }

    /// What the server did, held against the steps, which blames the server.
    pub(super) fn answered(&self) -> Vec<Finding> {
        if self.was_not_cancelled() {
            return Vec::new();
        }
        self.responses().into_iter().chain(self.status()).chain(self.echo()).collect()
    }

    /// The client's report, held against the wire, which blames the client.
    pub(super) fn reported(&self) -> Vec<Finding> {
        let Some(observed) = self.observed else { return Vec::new() };
        let metadata = [
            (BlindField::InitialMetadata, self.response_headers(), &observed.initial_metadata),
            (BlindField::TrailingMetadata, self.trailers(), &observed.trailing_metadata),
        ];
        let metadata = metadata
            .into_iter()
            .filter_map(|(field, block, list)| self.observed_metadata(field, block, list.as_ref(), observed));
        self.observed_messages(observed).into_iter().chain(self.observed_status(observed)).chain(metadata).collect()
    }

    pub(super) fn finding(
        &self,
        check: &str,
        fault: Side,
        expected: String,
        observed: String,
        frame: Option<usize>,
    ) -> Finding {
        Finding {
            check: check.to_owned(),
            level: Level::Must,
            fault: Fault::from(fault),
            expected,
            observed,
            place: frame.map(|frame| Place { connection: self.connection.index, frame }),
        }
    }

    fn path(&self) -> Option<Finding> {
        let expected = self.expected.call.method.path();
        let headers = self.stream.client.headers.first()?;
        let path = headers.get(":path").unwrap_or_default();
        (path != expected.as_bytes()).then(|| {
            let observed = format!(":path {}", path.escape_ascii());
            self.finding("path", Side::Client, format!(":path {expected}"), observed, Some(headers.first_frame))
        })
    }

    /// The requests on the wire are those of the steps; of a cancelled or failed call a prefix may be missing its end.
    fn requests(&self) -> Option<Finding> {
        let method = self.expected.call.method;
        let wanted: Vec<v1::Send> = self.expected.requests.iter().map(|send| script_send(method, send)).collect();
        let sent = &self.stream.client.messages;
        for (at, message) in sent.iter().enumerate() {
            let request = body(message).and_then(|body| message::request(method, body));
            let expected = wanted.get(at);
            let (matches, observed) = match &request {
                Ok(request) => {
                    let same = expected.is_some_and(|expected| {
                        expected.request == request.send.request && expected.body_size == request.send.body_size
                    });
                    (same && request.all_zero, message::request_text(&request.send, request.all_zero))
                }
                Err(reason) => (false, reason.clone()),
            };
            if !matches {
                let expected = expected.map_or("no more requests".to_owned(), |send| message::request_text(send, true));
                let (expected, observed) = (numbered("request", at, &expected), numbered("request", at, &observed));
                return Some(self.finding("request", Side::Client, expected, observed, Some(message.last_frame)));
            }
        }
        let whole = self.expected.status.is_ok();
        (whole && sent.len() < wanted.len()).then(|| {
            let (expected, observed) = (count(wanted.len(), "request"), count(sent.len(), "request"));
            self.finding("request", Side::Client, expected, observed, last(sent))
        })
    }

    /// `grpc-timeout` is there exactly when the case has a deadline, and is what is left of it, give or take [`LATE_MS`].
    fn deadline(&self) -> Option<Finding> {
        let headers = self.stream.client.headers.first()?;
        let sent = headers.get("grpc-timeout");
        let (expected, fine) = match self.expected.call.deadline_ms {
            None => ("no grpc-timeout: the case has no deadline".to_owned(), sent.is_none()),
            Some(deadline) => {
                let (least, most) = (deadline.saturating_sub(LATE_MS), deadline.saturating_add(LATE_MS));
                let bounds = u128::from(least) * 1_000_000..=u128::from(most) * 1_000_000;
                let fits = sent.and_then(rules::timeout_ns).is_some_and(|timeout| bounds.contains(&timeout));
                (format!("a grpc-timeout of {least} to {most} ms"), fits)
            }
        };
        (!fine).then(|| {
            let observed = sent.map_or("none".to_owned(), |value| format!("grpc-timeout: {}", value.escape_ascii()));
            self.finding("deadline", Side::Client, expected, observed, Some(headers.first_frame))
        })
    }

    /// The responses on the wire are those the requests ask for.
    fn responses(&self) -> Option<Finding> {
        let wanted = &self.expected.responses;
        let sent = &self.stream.server.messages;
        for (at, message) in sent.iter().enumerate() {
            let response = body(message).and_then(|body| message::response(self.expected.call.method, body));
            let expected = wanted.get(at);
            let (matches, observed) = match &response {
                Ok(response) => {
                    let matches = expected.is_some_and(|expected| message::is_expected(response, expected));
                    (matches, message::received_text(response))
                }
                Err(reason) => (false, reason.clone()),
            };
            if !matches {
                let expected = expected.map_or("no more responses".to_owned(), message::expected_text);
                let (expected, observed) = (numbered("response", at, &expected), numbered("response", at, &observed));
                return Some(self.finding("response", Side::Server, expected, observed, Some(message.last_frame)));
            }
        }
        (sent.len() < self.expected.at_least).then(|| {
            let (expected, observed) = (count(self.expected.at_least, "response"), count(sent.len(), "response"));
            self.finding("response", Side::Server, expected, observed, last(sent))
        })
    }

    /// The server's status on the wire is the one asked for. One that is missing altogether is W9's business.
    fn status(&self) -> Option<Finding> {
        let (code, message, frame) = self.wire_status_in_time()?;
        let right =
            self.expected.status.allows(code) && self.expected.message.is_none_or(|expected| expected == message);
        (!right).then(|| {
            let expected = expected_status_text(self.expected.status, self.expected.message);
            self.finding("status", Side::Server, expected, status_text(code, &message), Some(frame))
        })
    }

    /// The client was to cancel and went on instead: that the server then served it is not the server's fault.
    fn was_not_cancelled(&self) -> bool {
        let ended_ok = self.wire_status().is_some_and(|(code, ..)| code == StatusCode::Ok);
        self.expected.cancelled && self.stream.client.reset.is_none() && ended_ok
    }

    /// Code, decoded message and frame of the status the server sent.
    fn wire_status(&self) -> Option<(StatusCode, String, usize)> {
        let block = self.trailers()?;
        let code =
            std::str::from_utf8(block.get("grpc-status")?).ok()?.parse().ok().and_then(StatusCode::from_number)?;
        let message = percent::decode(block.get("grpc-message").unwrap_or_default());
        Some((code, message.into_owned(), block.first_frame))
    }

    /// The same, but none of a call whose deadline the client has already ended it by: a server that sends one all the same (C core's
    /// do) may say CANCELLED, which is what the client did.
    fn wire_status_in_time(&self) -> Option<(StatusCode, String, usize)> {
        let ended = self.stream.client.reset.map(|(frame, _)| frame).filter(|_| self.expected.expires());
        self.wire_status().filter(|(_, _, frame)| ended.is_none_or(|ended| *frame < ended))
    }

    pub(super) fn trailers(&self) -> Option<&HeaderBlock> {
        self.stream.trailers()
    }

    /// The response's headers; a trailers-only response has none.
    pub(super) fn response_headers(&self) -> Option<&HeaderBlock> {
        let informational = |block: &HeaderBlock| block.get(":status").is_some_and(|status| status.starts_with(b"1"));
        self.stream.server.headers.iter().find(|block| !informational(block)).filter(|block| !block.end_stream)
    }

    fn observed_messages(&self, observed: &v1::CallObservation) -> Option<Finding> {
        let sent = &self.stream.server.messages;
        for (at, received) in observed.messages.iter().enumerate() {
            let on_wire = sent.get(at);
            let decoded = on_wire
                .map(|message| body(message).and_then(|body| message::response(self.expected.call.method, body)));
            if matches!(&decoded, Some(Ok(response)) if response == received) {
                continue;
            }
            let expected = match &decoded {
                None => "no more responses: the wire has none".to_owned(),
                Some(Ok(response)) => format!("{} as on the wire", message::received_text(response)),
                Some(Err(reason)) => reason.clone(),
            };
            let expected = numbered("response", at, &expected);
            let observed = numbered("response", at, &message::received_text(received));
            let frame = on_wire.map(|message| message.last_frame);
            return Some(self.finding("observed.messages", Side::Client, expected, observed, frame));
        }
        // Messages that arrive after a cancel or beside an error need not reach the application, and a single response does
        // so only with an OK.
        let ended_ok = self.wire_status().is_some_and(|(code, ..)| code == StatusCode::Ok);
        let owed = match self.expected.call.method.kind() {
            _ if ended_ok => sent.len(),
            CallKind::Unary | CallKind::ClientStreaming => 0,
            CallKind::ServerStreaming | CallKind::Bidi => self.expected.at_least.min(sent.len()),
        };
        (observed.messages.len() < owed).then(|| {
            let (expected, seen) = (count(owed, "response"), count(observed.messages.len(), "response"));
            self.finding("observed.messages", Side::Client, expected, format!("{seen} reported"), last(sent))
        })
    }

    fn observed_status(&self, observed: &v1::CallObservation) -> Option<Finding> {
        let sent = if self.expected.cancelled { None } else { self.wire_status_in_time() };
        let (code, message, frame) = match (sent, self.expected.status) {
            (Some((code, message, frame)), _) => (code, Some(message), Some(frame)),
            (None, _) if self.server_left_status_out() => return self.observed_failure(observed),
            (None, ExpectedStatus::AnyError) => return self.observed_failure(observed),
            (None, ExpectedStatus::Code(code)) => (code, self.expected.message.map(str::to_owned), None),
        };
        let expected = status_text(code, message.as_deref().unwrap_or_default());
        let Some(status) = observed.status.as_ref() else {
            let blind = is_blind(self.client, self.expected, BlindField::Status, observed);
            return (!blind).then(|| {
                self.finding("observed.status", Side::Client, expected, "no status reported".to_owned(), frame)
            });
        };
        // The message is the description of an error (PROTOCOL-HTTP2.md): beside OK a library need not show it.
        let message = message.filter(|_| code != StatusCode::Ok);
        let right = status.code == code.number() && message.as_ref().is_none_or(|message| *message == status.message);
        let by_own_clock = self.expected.expires() && status.code == StatusCode::DeadlineExceeded.number();
        (!right && !by_own_clock).then(|| {
            let observed = reported_status_text(status);
            self.finding("observed.status", Side::Client, expected, format!("{observed} reported"), frame)
        })
    }

    /// Nothing on the wire gave the call a status: the server ended or dropped it without one, and the client did not reset it. A server
    /// that cancels a call whose deadline passes need not say why: the client knows.
    fn server_left_status_out(&self) -> bool {
        let cancelled = self.stream.server.reset.is_some_and(|(_, reason)| reason == code::CANCEL);
        let expired = cancelled && self.expected.expires();
        !self.expected.cancelled && !expired && self.stream.client.reset.is_none()
    }

    /// Without a status from the server a client may choose its own, but never OK.
    fn observed_failure(&self, observed: &v1::CallObservation) -> Option<Finding> {
        let ok = observed.status.as_ref().is_some_and(|status| status.code == StatusCode::Ok.number());
        ok.then(|| {
            let expected = "a status other than OK: the server sent none".to_owned();
            self.finding("observed.status", Side::Client, expected, "status 0 OK reported".to_owned(), None)
        })
    }

    fn observed_metadata(
        &self,
        field: BlindField,
        block: Option<&HeaderBlock>,
        list: Option<&v1::MetadataList>,
        observed: &v1::CallObservation,
    ) -> Option<Finding> {
        let check = match field {
            BlindField::InitialMetadata => "observed.initial_metadata",
            BlindField::TrailingMetadata => "observed.trailing_metadata",
            BlindField::Status => return None,
        };
        let sent = block.map(metadata::on_the_wire).unwrap_or_default();
        let frame = block.map(|block| block.first_frame);
        let Some(list) = list else {
            // After a cancel or a deadline the library may not wait for what is still under way.
            let waits = !self.expected.cancelled && !self.expected.expires();
            let owed = block.is_some() && waits && !is_blind(self.client, self.expected, field, observed);
            return owed.then(|| {
                self.finding(
                    check,
                    Side::Client,
                    metadata::text(&sent),
                    "none reported, and not declared blind".into(),
                    frame,
                )
            });
        };
        let seen = metadata::reported(list);
        (seen != sent).then(|| {
            let observed = format!("{} reported", metadata::text(&seen));
            self.finding(check, Side::Client, format!("{} as on the wire", metadata::text(&sent)), observed, frame)
        })
    }
}

fn last(messages: &[Message]) -> Option<usize> {
    messages.last().map(|message| message.last_frame)
}

/// The bytes of a message; in words why there are none.
fn body(message: &Message) -> Result<Bytes, String> {
    message.body.clone().map_err(|why| why.to_string())
}
