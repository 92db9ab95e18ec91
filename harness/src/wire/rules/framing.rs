use super::Broken;
use super::limit::{Limit, legal};
use super::view::{frame_name, kind_of};
use crate::model::{Fault, Side};
use crate::wire::{Connection, Defect, Frame, Layer, Payload, Pending, Setting, SidePair, kind, setting};

pub(super) fn h1(connection: &Connection) -> Vec<Broken> {
    let mut broken: Vec<Broken> = defects(connection, Layer::Framing, "frames laid out as HTTP/2 says");
    // What is in no frame is no HTTP/2, which H3 says.
    broken.retain(|broken| broken.frame.is_some());
    broken.extend(frame_sizes(connection));
    broken.extend(connection.frames.iter().flat_map(bad_values));
    broken
}

pub(super) fn h3(connection: &Connection) -> Vec<Broken> {
    let mut broken = Vec::new();
    let foreign = |defect: &&Defect| defect.layer == Layer::Framing && defect.frame.is_none();
    broken.extend(connection.defects.iter().filter(foreign).map(|defect| Broken {
        fault: defect.side.into(),
        frame: None,
        expected: match defect.side {
            Side::Client => "the connection preface first".to_owned(),
            Side::Server => FIRST_SETTINGS.to_owned(),
        },
        observed: defect.what.clone(),
    }));
    for side in Side::BOTH {
        let first = connection.frames.iter().find(|frame| frame.side == side);
        let (frame, observed) = match (first, *connection.pending.of(side)) {
            (Some(Frame { payload: Payload::Settings { ack: true, .. }, index, .. }), _) => {
                (Some(*index), "SETTINGS ACK".to_owned())
            }
            (Some(frame), _) if kind_of(frame) != kind::SETTINGS => (Some(frame.index), frame_name(frame)),
            (None, Some(begun)) if begun.kind != kind::SETTINGS => (None, endless(begun)),
            (Some(_) | None, _) => continue,
        };
        broken.push(Broken { fault: side.into(), frame, expected: FIRST_SETTINGS.to_owned(), observed });
    }
    broken
}

const FIRST_SETTINGS: &str = "SETTINGS as each side's first frame";

/// A frame that did not end, for people.
fn endless(begun: Pending) -> String {
    format!("{} of {} bytes, which did not end", kind::name(begun.kind), begun.length)
}

pub(super) fn h5(connection: &Connection) -> Vec<Broken> {
    let broken = defects(connection, Layer::Limit, "no more than the decoder holds");
    broken.into_iter().map(|broken| Broken { fault: Fault::Unknown, ..broken }).collect()
}

/// What the decoder found in one layer.
pub(super) fn defects(connection: &Connection, layer: Layer, expected: &str) -> Vec<Broken> {
    let of_layer = connection.defects.iter().filter(|defect| defect.layer == layer);
    of_layer
        .map(|defect| Broken {
            fault: defect.side.into(),
            frame: defect.frame,
            expected: expected.to_owned(),
            observed: defect.what.clone(),
        })
        .collect()
}

fn frame_sizes(connection: &Connection) -> Vec<Broken> {
    let limit = |setter| Limit::new(setter, setting::MAX_FRAME_SIZE, 16_384).course(connection);
    let limits = SidePair { client: limit(Side::Client), server: limit(Side::Server) };
    let too_long = |side: Side, before: usize, length: u32| {
        let most = limits.of(side.other()).before(before);
        let expected = || format!("frames of at most {most} bytes, the receiver's SETTINGS_MAX_FRAME_SIZE");
        (length > most).then(expected)
    };
    let whole = connection.frames.iter().filter_map(|frame| {
        let expected = too_long(frame.side, frame.index, frame.length)?;
        let observed = format!("{} of {} bytes", frame_name(frame), frame.length);
        Some(Broken::new(frame.side, frame.index, expected, observed))
    });
    let begun = Side::BOTH.into_iter().filter_map(|side| {
        let begun = connection.pending.of(side).as_ref().filter(|begun| is_a_frame(connection, side, begun))?;
        let expected = too_long(side, begun.after_frames, begun.length)?;
        Some(Broken { fault: side.into(), frame: None, expected, observed: endless(*begun) })
    });
    whole.chain(begun).collect()
}

/// Whether what has begun is to be taken for a frame: where it is a side's first and not SETTINGS, H3 says what it is not.
fn is_a_frame(connection: &Connection, side: Side, begun: &Pending) -> bool {
    begun.kind == kind::SETTINGS || connection.frames.iter().any(|frame| frame.side == side)
}

/// Values that their frames may not carry.
fn bad_values(frame: &Frame) -> Vec<Broken> {
    let broken = |expected: &str, observed| Broken::new(frame.side, frame.index, expected, observed);
    if let Payload::WindowUpdate { increment: 0 } = frame.payload {
        return vec![broken("WINDOW_UPDATE of at least 1 byte", "an increment of 0".to_owned())];
    }
    let Payload::Settings { settings, .. } = &frame.payload else { return Vec::new() };
    let of_setting = |Setting { id, value }: &Setting| {
        let expected = match *id {
            setting::ENABLE_PUSH => "SETTINGS_ENABLE_PUSH of 0, or of a client 1",
            setting::INITIAL_WINDOW_SIZE => "SETTINGS_INITIAL_WINDOW_SIZE of at most 2147483647",
            setting::MAX_FRAME_SIZE => "SETTINGS_MAX_FRAME_SIZE of 16384 to 16777215",
            _ => return None,
        };
        (!legal(frame.side, *id).contains(value)).then(|| broken(expected, value.to_string()))
    };
    settings.iter().filter_map(of_setting).collect()
}
