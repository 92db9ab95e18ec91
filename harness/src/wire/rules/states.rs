use super::Broken;
use super::view::{ends_half, frame_name};
use crate::wire::{Connection, Frame, Payload, SidePair, kind};
use std::collections::BTreeMap;

/// What a side may still send on a stream.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    ended: bool,
    reset: bool,
}

pub(super) fn h4(connection: &Connection) -> Vec<Broken> {
    let mut streams: BTreeMap<u32, SidePair<Sent>> = BTreeMap::new();
    let mut broken = Vec::new();
    for frame in connection.frames.iter().filter(|frame| frame.stream != 0) {
        if let Payload::PushPromise { promised, .. } = frame.payload {
            streams.entry(promised).or_default();
        }
        if opens(frame) {
            streams.entry(frame.stream).or_default();
        }
        let Some(sent) = streams.get_mut(&frame.stream) else {
            if needs_open(frame) {
                let observed = format!("{} on stream {}, which is not open", frame_name(frame), frame.stream);
                broken.push(Broken::new(frame.side, frame.index, "frames only on streams that were opened", observed));
            }
            continue;
        };
        let sent = sent.of_mut(frame.side);
        let carries = matches!(frame.payload, Payload::Data { .. } | Payload::Headers { .. });
        if carries && (sent.ended || sent.reset) {
            let after = if sent.reset { "RST_STREAM" } else { "END_STREAM" };
            let expected = format!("no DATA or HEADERS after the sender's {after}");
            broken.push(Broken::new(frame.side, frame.index, expected, format!("{} after it", frame_name(frame))));
        }
        sent.ended |= ends_half(frame);
        sent.reset |= matches!(frame.payload, Payload::RstStream { .. });
    }
    broken
}

/// A server that opens a stream is W15's to report; what follows on that stream is judged as if it could.
fn opens(frame: &Frame) -> bool {
    matches!(frame.payload, Payload::Headers { .. } | Payload::Malformed { kind: kind::HEADERS })
}

/// Whether a frame means anything only on a stream that is or was open.
fn needs_open(frame: &Frame) -> bool {
    matches!(frame.payload, Payload::Data { .. } | Payload::RstStream { .. } | Payload::WindowUpdate { .. })
}
