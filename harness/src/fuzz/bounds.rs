use crate::wire::tls::TlsTranscript;
use crate::wire::{Connection, HeaderBlock, Transcript, limits};

/// What is kept of a transcript is within the named limits.
pub(super) fn transcript(transcript: &Transcript) {
    let sum = |count: fn(&Connection) -> usize| transcript.connections.iter().map(count).sum::<usize>();
    assert!(transcript.connections.len() <= limits::CONNECTIONS);
    assert!(sum(|connection| connection.frames.len()) <= limits::FRAMES);
    assert!(sum(|connection| connection.streams.len()) <= limits::STREAMS);
    assert!(sum(|connection| connection.defects.len()) <= limits::DEFECTS + transcript.connections.len());
    assert!(sum(messages) <= limits::MESSAGES);
    assert!(sum(inflated) <= limits::INFLATED_MESSAGES);
    assert!(sum(|connection| blocks(connection).map(list).sum()) <= limits::HEADER_LISTS);
    transcript.connections.iter().for_each(connection);
}

/// The same of one connection, and that it is sound in itself.
pub(super) fn connection(connection: &Connection) {
    let frames = connection.frames.len();
    assert!(connection.frames.iter().enumerate().all(|(at, frame)| at == frame.index));
    for (id, stream) in &connection.streams {
        assert!(*id != 0 && *id == stream.id);
    }
    for half in connection.streams.values().flat_map(|stream| [&stream.client, &stream.server]) {
        let indices = half.heads.iter().chain(&half.data).chain(&half.end_stream);
        assert!(indices.chain(half.reset.iter().map(|(frame, _)| frame)).all(|index| *index < frames));
        for message in &half.messages {
            assert!(message.first_frame <= message.last_frame && message.last_frame < frames);
            assert!(
                message.body.as_ref().map_or(0, bytes::Bytes::len) <= limits::INFLATED_MESSAGE.max(message.raw.len())
            );
        }
    }
    for block in blocks(connection) {
        assert!(block.first_frame <= block.last_frame && block.last_frame < frames);
        assert!(list(block) <= limits::HEADER_LIST);
    }
    assert!(connection.defects.iter().all(|defect| defect.frame.is_none_or(|frame| frame < frames)));
}

/// What is kept of TLS is within the named limits.
pub(super) fn tls(transcript: &TlsTranscript) {
    assert!(transcript.connections.len() <= limits::CONNECTIONS);
    let halves = || transcript.connections.iter().flat_map(|connection| [&connection.client, &connection.server]);
    assert!(halves().map(|half| half.records.len()).sum::<usize>() <= limits::TLS_RECORDS);
    for half in halves() {
        assert!(half.not_tls.as_ref().is_none_or(|rest| rest.octets.len() <= limits::NOT_TLS));
        assert!(half.records.iter().all(|record| usize::from(record.length) <= limits::TLS_RECORD));
    }
}

fn blocks(connection: &Connection) -> impl Iterator<Item = &HeaderBlock> {
    let halves = connection.streams.values().flat_map(|stream| [&stream.client, &stream.server]);
    halves.flat_map(|half| &half.headers)
}

/// The size of a header list as in RFC 9113 section 6.5.2.
fn list(block: &HeaderBlock) -> usize {
    block.fields.iter().map(|(name, value)| name.len() + value.len() + 32).sum()
}

fn messages(connection: &Connection) -> usize {
    connection.streams.values().map(|stream| stream.client.messages.len() + stream.server.messages.len()).sum()
}

fn inflated(connection: &Connection) -> usize {
    let halves = connection.streams.values().flat_map(|stream| [&stream.client, &stream.server]);
    let compressed = halves.flat_map(|half| &half.messages).filter(|message| message.flag != 0);
    // What is the same bytes was not inflated.
    let bodies = compressed.filter_map(|message| message.body.as_ref().ok().filter(|body| **body != message.raw));
    bodies.map(bytes::Bytes::len).sum()
}
