use super::body::{self, Protos};
use super::cell::{about, ends};
use super::data::{Defect, Field, FrameKind, Frames, Message, OneFrame};
use crate::model::{Finding, Side};
use crate::report::text::escape;
use crate::wire::{self, Connection, Frame, HeaderBlock, Payload, Stream, code, flag, kind, setting};
use std::fmt::Write;

/// Every frame of a connection.
pub(super) fn frames(connection: &Connection, findings: &[Finding], protos: &Protos) -> Frames {
    let frame = |frame: &Frame| {
        let stream = connection.streams.get(&frame.stream);
        OneFrame {
            frame: frame.index,
            side: frame.side,
            at_us: frame.at_us,
            stream: frame.stream,
            kind: frame_kind(frame),
            fields: stream.map_or(Vec::new(), |stream| complete_fields(stream, frame)),
            messages: stream.map_or(Vec::new(), |stream| complete_messages(stream, frame, protos)),
            findings: about(findings, connection.index, &[frame.index]),
        }
    };
    Frames {
        connection: connection.index,
        frames: connection.frames.iter().map(frame).collect(),
        defects: defects(connection),
        ends: ends(connection),
    }
}

pub(super) fn defects(connection: &Connection) -> Vec<Defect> {
    connection.defects.iter().map(|defect| Defect { side: defect.side, what: escape(&defect.what) }).collect()
}

fn complete_fields(stream: &Stream, frame: &Frame) -> Vec<Field> {
    let blocks = stream.half(frame.side).headers.iter();
    blocks.filter(|block| block.last_frame == frame.index).flat_map(fields).collect()
}

/// The fields of a block, safe to print.
pub(super) fn fields(block: &HeaderBlock) -> Vec<Field> {
    let field = |name: &[u8], value: &[u8]| Field {
        name: name.escape_ascii().to_string(),
        value: value.escape_ascii().to_string(),
    };
    block.fields.iter().map(|(name, value)| field(name, value)).collect()
}

fn complete_messages(stream: &Stream, frame: &Frame, protos: &Protos) -> Vec<Message> {
    let all = stream.half(frame.side).messages.iter().enumerate();
    all.filter(|(_, message)| message.last_frame == frame.index)
        .map(|(at, sent)| message(stream, frame.side, at, sent, protos))
        .collect()
}

/// The `:path` of a stream's request.
pub(super) fn path(stream: &Stream) -> Option<&str> {
    stream.client.header(":path").and_then(|path| std::str::from_utf8(path).ok())
}

/// A message of a stream, read by its type where that is known.
pub(super) fn message(stream: &Stream, side: Side, at: usize, sent: &wire::Message, protos: &Protos) -> Message {
    let of = path(stream).and_then(|path| protos.message(path, side));
    let read = of.as_ref().zip(sent.body.as_ref().ok()).map(|(of, body)| body::read(of, body));
    let wrong = match (&sent.body, &read) {
        (Err(reason), _) => Some(escape(&reason.to_string())),
        (Ok(_), Some(Err(reason))) => Some(escape(reason)),
        (Ok(_), _) => None,
    };
    let content = read.as_ref().and_then(|read| read.as_ref().ok());
    Message {
        number: at + 1,
        bytes: sent.raw.len(),
        flag: sent.flag,
        inflated: sent.body.as_ref().ok().filter(|_| sent.flag != 0).map(bytes::Bytes::len),
        kind: of.map(|of| of.full_name().to_owned()),
        body: content.map(body::json),
        in_words: content.map(body::text),
        unreadable: wrong,
    }
}

/// A frame's type, flags and payload.
pub(super) fn frame_kind(frame: &Frame) -> FrameKind {
    let octet = frame.payload.kind();
    FrameKind { name: kind::name(octet), length: frame.length, flags: flags(octet, frame), says: says(&frame.payload) }
}

/// The names of the flags that are set and that the type of frame has.
fn flags(octet: u8, frame: &Frame) -> Vec<&'static str> {
    const END_STREAM: (u8, &str) = (flag::END_STREAM, "END_STREAM");
    const END_HEADERS: (u8, &str) = (flag::END_HEADERS, "END_HEADERS");
    const PADDED: (u8, &str) = (flag::PADDED, "PADDED");
    let known: &[(u8, &str)] = match octet {
        kind::DATA => &[END_STREAM, PADDED],
        kind::HEADERS => &[END_STREAM, END_HEADERS, PADDED, (flag::PRIORITY, "PRIORITY")],
        kind::PUSH_PROMISE => &[END_HEADERS, PADDED],
        kind::CONTINUATION => &[END_HEADERS],
        kind::SETTINGS | kind::PING => &[(flag::ACK, "ACK")],
        _ => &[],
    };
    known.iter().filter(|(bit, _)| frame.has(*bit)).map(|(_, name)| *name).collect()
}

fn says(payload: &Payload) -> Vec<Field> {
    let one = |name: &str, value: String| vec![Field { name: name.to_owned(), value }];
    match payload {
        Payload::Settings { settings, .. } => {
            settings.iter().map(|one| Field { name: setting::name(one.id), value: one.value.to_string() }).collect()
        }
        Payload::RstStream { code } => one("code", code::name(*code)),
        Payload::GoAway { last_stream, code, debug } => {
            let mut all = one("code", code::name(*code));
            all.extend(one("last_stream", last_stream.to_string()));
            all.extend(
                (!debug.is_empty()).then(|| one("debug", debug.escape_ascii().to_string())).into_iter().flatten(),
            );
            all
        }
        Payload::WindowUpdate { increment } => one("increment", increment.to_string()),
        Payload::Ping { data, .. } => one("data", hex(data)),
        Payload::PushPromise { promised, .. } => one("promised", promised.to_string()),
        Payload::Priority(priority) => one("depends_on", priority.depends_on.to_string()),
        Payload::Malformed { .. } => one("malformed", "true".to_owned()),
        Payload::Data { .. } | Payload::Headers { .. } | Payload::Continuation { .. } | Payload::Unknown { .. } => {
            Vec::new()
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
