use super::limit::{Limit, legal};
use super::view::{frame_name, kind_of};
use super::{Broken, Context};
use crate::model::Side;
use crate::wire::{Connection, Defect, Frame, Layer, Payload, Setting, SidePair, kind, setting};

pub(super) fn h1(connection: &Connection, _: &Context) -> Vec<Broken> {
    let mut broken: Vec<Broken> = defects(connection, Layer::Framing, "frames laid out as HTTP/2 says");
    broken.retain(|broken| connection.preface || broken.side == Side::Server);
    broken.extend(frame_sizes(connection));
    broken.extend(connection.frames.iter().flat_map(bad_values));
    broken
}

pub(super) fn h2(connection: &Connection, _: &Context) -> Vec<Broken> {
    let framing = |frame| connection.defects.iter().any(|d| d.layer == Layer::Framing && d.frame == frame);
    let mut broken = defects(connection, Layer::HeaderCompression, "header blocks that HPACK can decode");
    broken.retain(|broken| !framing(broken.frame));
    broken
}

pub(super) fn h3(connection: &Connection, _: &Context) -> Vec<Broken> {
    let mut broken = Vec::new();
    if !connection.preface {
        let of_client = |defect: &&Defect| defect.side == Side::Client && defect.layer == Layer::Framing;
        broken.extend(connection.defects.iter().filter(of_client).map(|defect| Broken {
            side: defect.side,
            frame: defect.frame,
            expected: "the connection preface first".to_owned(),
            observed: defect.what.clone(),
        }));
    }
    let first = |side: Side| connection.frames.iter().find(|frame| frame.side == side);
    for frame in Side::BOTH.into_iter().filter_map(first) {
        let observed = if let Payload::Settings { ack: true, .. } = frame.payload {
            "SETTINGS ACK".to_owned()
        } else if kind_of(frame) == kind::SETTINGS {
            continue;
        } else {
            frame_name(frame)
        };
        broken.push(Broken::new(frame.side, frame.index, "SETTINGS as each side's first frame", observed));
    }
    broken
}

pub(super) fn h5(connection: &Connection, _: &Context) -> Vec<Broken> {
    defects(connection, Layer::Limit, "no more than the decoder holds")
}

/// What the decoder found in one layer.
pub(super) fn defects(connection: &Connection, layer: Layer, expected: &str) -> Vec<Broken> {
    let of_layer = connection.defects.iter().filter(|defect| defect.layer == layer);
    of_layer
        .map(|defect| Broken {
            side: defect.side,
            frame: defect.frame,
            expected: expected.to_owned(),
            observed: defect.what.clone(),
        })
        .collect()
}

fn frame_sizes(connection: &Connection) -> Vec<Broken> {
    let limit = |setter| Limit::new(setter, setting::MAX_FRAME_SIZE, 16_384).course(connection);
    let limits = SidePair { client: limit(Side::Client), server: limit(Side::Server) };
    let mut broken = Vec::new();
    for frame in &connection.frames {
        let most = limits.of(frame.side.other()).before(frame.index);
        if frame.length > most {
            let expected = format!("frames of at most {most} bytes, the receiver's SETTINGS_MAX_FRAME_SIZE");
            let observed = format!("{} of {} bytes", frame_name(frame), frame.length);
            broken.push(Broken::new(frame.side, frame.index, expected, observed));
        }
    }
    broken
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
