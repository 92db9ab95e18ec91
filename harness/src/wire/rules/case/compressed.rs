//! Which messages are compressed (gRPC's `PROTOCOL-HTTP2.md`, "Compressed-Flag"; `compression.md`).

use super::super::{text, view};
use super::Missed;
use crate::model::{Compressed, Level, Side};
use crate::wire::{Message, Stream};

/// What breaks the rule, at most one finding a direction. A message that is not compressed needs no `grpc-encoding` and may
/// have one, which is said once for a whole stream.
pub(super) fn compressed(expected: &Compressed, stream: &Stream) -> Vec<Missed> {
    let of = |expected: &Option<Vec<bool>>, side: Side, what: &str| {
        let expected: Vec<u8> = expected.as_ref()?.iter().copied().map(u8::from).collect();
        flags(&expected, stream, side, what).or_else(|| encoding(stream, side)).or_else(|| inflates(stream, side))
    };
    let both = [of(&expected.request, Side::Client, "request"), of(&expected.response, Side::Server, "response")];
    both.into_iter().flatten().collect()
}

fn flags(expected: &[u8], stream: &Stream, side: Side, what: &str) -> Option<Missed> {
    let messages = &stream.half(side).messages;
    let observed: Vec<u8> = messages.iter().map(|message| message.flag).collect();
    let at = expected.iter().zip(&observed).take_while(|(expected, observed)| expected == observed).count();
    (expected != observed).then(|| {
        let place = messages.get(at).or(messages.last());
        missed(side, place, format!("{what} compressed flags {expected:?}"), format!("{observed:?}"))
    })
}

fn encoding(stream: &Stream, side: Side) -> Option<Missed> {
    let message = compressed_messages(stream, side).next()?;
    let headers = match side {
        Side::Client => view::request(stream),
        Side::Server => view::response(stream),
    };
    let observed = match headers.and_then(|block| block.get("grpc-encoding")) {
        None => "a compressed message without it".to_owned(),
        Some(value @ b"identity") => format!("a compressed message under {}", text::field(b"grpc-encoding", value)),
        Some(_) => return None,
    };
    Some(missed(side, Some(message), "grpc-encoding other than identity".to_owned(), observed))
}

fn inflates(stream: &Stream, side: Side) -> Option<Missed> {
    let (message, why) =
        compressed_messages(stream, side).find_map(|message| Some((message, message.body.as_ref().err()?)))?;
    Some(missed(side, Some(message), "a compressed message that inflates".to_owned(), why.to_string()))
}

fn compressed_messages(stream: &Stream, side: Side) -> impl Iterator<Item = &Message> {
    stream.half(side).messages.iter().filter(|message| message.flag == 1)
}

fn missed(side: Side, message: Option<&Message>, expected: String, observed: String) -> Missed {
    let frame = message.map(|message| message.first_frame);
    Missed { level: Level::Must, fault: side.into(), frame, expected, observed }
}
