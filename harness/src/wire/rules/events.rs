use crate::model::{Side, WireEvent};
use crate::wire::{Stream, code};

/// Something that happened on a stream, and the frame that completed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) frame: usize,
    pub(super) kind: WireEvent,
    pub(super) side: Side,
}

/// What happened on a stream, in the order of the frames. A frame that completes messages and ends a half counts as
/// the messages, then the end.
pub(super) fn events(stream: &Stream) -> Vec<Event> {
    let mut events: Vec<Event> = Side::BOTH.into_iter().flat_map(|side| of_side(stream, side)).collect();
    events.sort_by_key(|event| event.frame);
    events
}

/// In order already where frames are equal: the sort is stable, and a frame has one sender.
fn of_side(stream: &Stream, side: Side) -> impl Iterator<Item = Event> {
    let (message, end) = match side {
        Side::Client => (WireEvent::Request, WireEvent::HalfClose),
        Side::Server => (WireEvent::Response, WireEvent::Trailers),
    };
    let half = stream.half(side);
    let messages = half.messages.iter().map(move |whole| (whole.last_frame, message));
    let end = half.end_stream.map(|frame| (frame, end));
    let reset = half.reset.map(|(frame, reset)| match (side, reset) {
        (Side::Client, code::CANCEL) => (frame, WireEvent::Cancel),
        _ => (frame, WireEvent::Reset),
    });
    messages.chain(end).chain(reset).map(move |(frame, kind)| Event { frame, kind, side })
}

/// The kind for people.
pub(super) fn describe(kind: WireEvent) -> &'static str {
    match kind {
        WireEvent::Request => "request",
        WireEvent::Response => "response",
        WireEvent::HalfClose => "half_close",
        WireEvent::Trailers => "trailers",
        WireEvent::Cancel => "cancel",
        WireEvent::Reset => "reset",
    }
}
