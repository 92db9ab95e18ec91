use super::Broken;
use super::view::{Kind, blocks};
use crate::model::Side;
use crate::wire::{Connection, code};

/// Tolerant of a call without messages whose HEADERS have END_STREAM: gRPC's text has half-closes on DATA only, but
/// stacks send this and all read it.
pub(super) fn w13(connection: &Connection) -> Vec<Broken> {
    let later = blocks(connection).filter(|seen| seen.kind == Kind::RequestTrailers);
    let expected = "a request that ends on DATA or on its only header block";
    later.map(|seen| seen.broken(expected, "another header block of the client")).collect()
}

pub(super) fn w14(connection: &Connection) -> Vec<Broken> {
    let mut broken = Vec::new();
    for stream in connection.streams.values() {
        let ended_by = |frame: usize| stream.server.end_stream.is_some_and(|end| end < frame);
        let reset_by = |side: Side, frame: usize| stream.half(side).reset.is_some_and(|(reset, _)| reset < frame);
        if let Some((frame, reset)) = stream.client.reset
            && reset == code::NO_ERROR
            && !ended_by(frame)
            && !reset_by(Side::Server, frame)
        {
            let expected = "RST_STREAM with the reason for it before the server's END_STREAM";
            broken.push(Broken::new(Side::Client, frame, expected, "RST_STREAM with NO_ERROR"));
        }
        if let Some((frame, reset)) = stream.server.reset
            && reset == code::NO_ERROR
            && !ended_by(frame)
            && !reset_by(Side::Client, frame)
        {
            let expected = "trailers before RST_STREAM with NO_ERROR";
            broken.push(Broken::new(Side::Server, frame, expected, "RST_STREAM with NO_ERROR and no trailers"));
        }
    }
    broken
}
