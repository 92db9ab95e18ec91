use super::Missed;
use super::view::{answered, frame_name};
use crate::model::{Fault, Level};
use crate::wire::{Connection, Stream};

/// The first thing that the server said.
///
/// Frames count, not what could be made of them.
pub(super) fn unanswered(connection: &Connection, stream: &Stream) -> Option<Missed> {
    let firsts = [answered(stream), stream.server.reset.map(|(frame, _)| frame)];
    let answer = connection.frames.get(firsts.into_iter().flatten().min()?)?;
    Some(Missed {
        level: Level::Must,
        fault: Fault::Server,
        frame: Some(answer.index),
        expected: "no answer from the server".to_owned(),
        observed: frame_name(answer),
    })
}
