use super::Missed;
use super::view::frame_name;
use crate::model::{Fault, Level};
use crate::wire::{Connection, Stream};

/// The first thing that the server said.
///
/// Frames count, not what could be made of them.
pub(super) fn unanswered(connection: &Connection, stream: &Stream) -> Option<Missed> {
    let server = &stream.server;
    let firsts = [server.heads.first().copied(), server.data.first().copied(), server.reset.map(|(frame, _)| frame)];
    let answer = connection.frames.get(firsts.into_iter().flatten().min()?)?;
    Some(Missed {
        level: Level::Must,
        fault: Fault::Server,
        frame: Some(answer.index),
        expected: "no answer from the server".to_owned(),
        observed: frame_name(answer),
    })
}
