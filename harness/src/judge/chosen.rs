use super::{message, metadata};
use crate::model::{Call, EchoStatus, Header, Response, Send, StatusCode, Step};
use crate::proto::testing::{BoolValue, EchoStatus as WireStatus};
use crate::proto::v1::{self, send::Request};
use crate::wire::Stream;

/// The call as an official client made it. Such a client has its parameters built in, and the suite's own clients do not all have
/// the documented ones (grpc-go sends `custom_metadata` with bodies of one byte and other binary metadata), so that the server is
/// held to what it was really asked. Nothing where that cannot be told: another number of requests, or one that does not parse.
pub(super) fn chosen(call: &Call, stream: &Stream) -> Option<Call> {
    let messages = &stream.client.messages;
    let sends = call.steps.iter().filter(|step| step.as_send().is_some()).count();
    if messages.len() != sends {
        return None;
    }
    let mut asked = messages.iter().map(|message| {
        let request = message::request(call.method, message.body.clone().ok()?).ok()?;
        send(&request.send)
    });
    let mut chosen = call.clone();
    for step in &mut chosen.steps {
        if let Step::Send(send) = step {
            *send = asked.next()??;
        }
    }
    chosen.metadata = metadata::on_the_wire(stream.client.headers.first()?).into_iter().map(header).collect();
    Some(chosen)
}

fn header((key, bytes): (String, Vec<u8>)) -> Header {
    Header { key, value: None, bytes: Some(bytes) }
}

/// A request as a case would have it.
fn send(sent: &v1::Send) -> Option<Send> {
    let flag = |value: Option<BoolValue>| value.map(|value| value.value);
    let asked = Send { body_size: sent.body_size, ..Send::default() };
    Some(match sent.request.as_ref()? {
        Request::Empty(_) => asked,
        Request::Simple(message) => Send {
            response_size: Some(u32::try_from(message.response_size).ok()?),
            fill_username: message.fill_username,
            status: status(message.response_status.as_ref())?,
            response_compressed: flag(message.response_compressed),
            expect_compressed: flag(message.expect_compressed),
            ..asked
        },
        Request::StreamingInput(message) => Send { expect_compressed: flag(message.expect_compressed), ..asked },
        Request::StreamingOutput(message) => {
            let responses = message.response_parameters.iter().map(|parameters| {
                Some(Response {
                    size: u32::try_from(parameters.size).ok()?,
                    interval_us: u32::try_from(parameters.interval_us).ok()?,
                    compressed: flag(parameters.compressed),
                })
            });
            let status = status(message.response_status.as_ref())?;
            Send { responses: responses.collect::<Option<_>>()?, status, ..asked }
        }
    })
}

/// Nothing for a code that does not exist.
#[expect(
    clippy::option_option,
    reason = "that there is no status is one thing, that there is none of that code another"
)]
fn status(asked: Option<&WireStatus>) -> Option<Option<EchoStatus>> {
    let Some(asked) = asked else { return Some(None) };
    let code = StatusCode::from_number(asked.code)?;
    Some(Some(EchoStatus { code, message: asked.message.clone() }))
}
