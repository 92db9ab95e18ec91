use super::{Direction, Field, Said};
use crate::judge::Recording;
use crate::model::Side;
use crate::wire::tls::{RecordKind, TlsConnection};
use crate::wire::{Connection, Payload, flag};

/// What this harness reads of a cell, added to what it reads of others.
pub fn ours(said: &mut Said, cell: usize, recording: &Recording) {
    match recording {
        Recording::Frames(transcript) => {
            transcript.connections.iter().for_each(|connection| frames(said, cell, connection));
        }
        Recording::Tls(transcript) => {
            transcript.connections.iter().for_each(|connection| records(said, cell, connection));
        }
    }
}

fn frames(said: &mut Said, cell: usize, connection: &Connection) {
    let direction = |stream, side| Direction { cell, connection: connection.index, stream, side };
    for frame in &connection.frames {
        let sent = said.entry(direction(frame.stream, frame.side)).or_default();
        sent.frames.push((frame.payload.kind(), frame.length));
        let may_end = matches!(frame.payload, Payload::Data { .. } | Payload::Headers { .. });
        sent.ends += usize::from(may_end && frame.has(flag::END_STREAM));
        if let Payload::RstStream { code } = frame.payload {
            sent.resets.push(code);
        }
    }
    for stream in connection.streams.values() {
        for side in Side::BOTH {
            let half = stream.half(side);
            if half.headers.is_empty() && half.messages.is_empty() {
                continue;
            }
            let sent = said.entry(direction(stream.id, side)).or_default();
            let field = |(name, value): &(bytes::Bytes, bytes::Bytes)| Field::of(name, value);
            sent.headers.extend(half.headers.iter().map(|block| block.fields.iter().map(field).collect()));
            let message = |message: &crate::wire::Message| (message.flag, u32_of(message.raw.len()));
            sent.messages.extend(half.messages.iter().map(message));
        }
    }
}

fn u32_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn records(said: &mut Said, cell: usize, connection: &TlsConnection) {
    for side in Side::BOTH {
        let half = connection.half(side);
        if half.records.is_empty() {
            continue;
        }
        let sent = said.entry(Direction { cell, connection: connection.index, stream: 0, side }).or_default();
        sent.frames.extend(half.records.iter().map(|record| (content_type(record.kind), u32::from(record.length))));
    }
    if let Some(hello) = &connection.client_hello {
        let direction = Direction { cell, connection: connection.index, stream: 0, side: Side::Client };
        let name = hello.server_name.iter().map(|name| Field::of(b"server_name", name.as_bytes()));
        let alpn = hello.alpn.iter().map(|name| Field::of(b"alpn", name));
        let versions =
            hello.versions.iter().map(|version| Field::of(b"version", format!("{:#06x}", version.0).as_bytes()));
        said.entry(direction).or_default().headers.push(name.chain(alpn).chain(versions).collect());
    }
}

fn content_type(kind: RecordKind) -> u8 {
    match kind {
        RecordKind::ChangeCipherSpec => 20,
        RecordKind::Alert => 21,
        RecordKind::Handshake => 22,
        RecordKind::ApplicationData => 23,
    }
}
