use super::Broken;
use super::view::{answered, kind_of};
use crate::model::Side;
use crate::wire::{Connection, Frame, Layer, Payload, SidePair, Stream, code, kind};
use std::collections::HashMap;

pub(super) fn w19(connection: &Connection) -> Vec<Broken> {
    let mut goodbyes = Goodbyes::default();
    let mut broken: Vec<Broken> = connection.frames.iter().filter_map(|frame| goodbyes.see(frame)).collect();
    if let Some(goodbye) = goodbyes.said.server {
        broken.extend(answers_above(connection, goodbye));
    }
    if let Some(side) = connection.closed_by
        && !goodbyes.over_an_error
        && !is_wrong(connection, side.other())
    {
        let last = goodbyes.said.server.map_or(u32::MAX, |goodbye| goodbye.last_stream);
        broken.extend(cut_off(connection, side, last));
    }
    broken
}

/// A GOAWAY.
#[derive(Debug, Clone, Copy)]
struct Goodbye {
    frame: usize,
    last_stream: u32,
}

/// The GOAWAYs of a connection, and what a client may still do after the server's.
#[derive(Debug, Default)]
struct Goodbyes {
    /// The one of each side with the lowest last stream.
    said: SidePair<Option<Goodbye>>,
    over_an_error: bool,
    /// The server's PINGs that are not answered, by their content: the first frame of each.
    pings: HashMap<[u8; 8], usize>,
    /// Whether it is certain that the client has read the server's first GOAWAY: it has answered a PING sent behind it.
    heard: bool,
    first: Option<usize>,
    last_opened: u32,
}

impl Goodbyes {
    fn see(&mut self, frame: &Frame) -> Option<Broken> {
        if let Payload::GoAway { last_stream, code, .. } = frame.payload
            && frame.stream == 0
        {
            self.over_an_error |= code != code::NO_ERROR;
            return self.goaway(frame, last_stream);
        }
        if let Payload::Ping { ack, data } = frame.payload {
            if !ack && frame.side == Side::Server {
                self.pings.entry(data).or_insert(frame.index);
            } else if ack && frame.side == Side::Client {
                let answered = self.pings.remove(&data);
                self.heard |= answered.zip(self.first).is_some_and(|(ping, goaway)| ping > goaway);
            }
        }
        if frame.side == Side::Client && kind_of(frame) == kind::HEADERS && frame.stream > self.last_opened {
            self.last_opened = frame.stream;
            let expected = "no new stream of a client that has read GOAWAY";
            return self
                .heard
                .then(|| Broken::new(frame.side, frame.index, expected, format!("stream {}", frame.stream)));
        }
        None
    }

    fn goaway(&mut self, frame: &Frame, last_stream: u32) -> Option<Broken> {
        if frame.side == Side::Server {
            self.first.get_or_insert(frame.index);
        }
        let said = self.said.of_mut(frame.side);
        if let Some(before) = said.filter(|before| before.last_stream < last_stream) {
            let expected = format!("a last stream of at most {}, as in the GOAWAY before", before.last_stream);
            return Some(Broken::new(frame.side, frame.index, expected, last_stream.to_string()));
        }
        *said = Some(Goodbye { frame: frame.index, last_stream });
        None
    }
}

/// Answers to what the server said it would not process; a reset is none.
fn answers_above(connection: &Connection, goodbye: Goodbye) -> impl Iterator<Item = Broken> {
    connection.streams.range(goodbye.last_stream..).filter_map(move |(id, stream)| {
        let answer = answered(stream).filter(|_| *id > goodbye.last_stream)?;
        let expected = format!("no answer above stream {}, the last that GOAWAY names", goodbye.last_stream);
        let frame = answer.max(goodbye.frame);
        Some(Broken::new(Side::Server, frame, expected, format!("one on stream {id}")))
    })
}

/// Calls up to the last stream that are neither over nor reset, where one side closed the connection. Of a server only those
/// count that it has begun to answer: it may not have read the others.
fn cut_off(connection: &Connection, side: Side, last: u32) -> impl Iterator<Item = Broken> {
    let open = move |stream: &&Stream| {
        let over = stream.server.end_stream.is_some();
        !over && stream.client.reset.is_none() && stream.server.reset.is_none() && stream.id <= last
    };
    connection.streams.values().filter(open).filter_map(move |stream| {
        let frame = match side {
            Side::Client => stream.client.heads.first().copied(),
            Side::Server => answered(stream),
        };
        let observed = format!("the {side} closed it with stream {} neither over nor reset", stream.id);
        Some(Broken::new(side, frame?, "a connection that ends after its calls", observed))
    })
}

/// Whether a side sent what its receiver need not put up with.
fn is_wrong(connection: &Connection, side: Side) -> bool {
    let wrong = |layer| matches!(layer, Layer::Framing | Layer::HeaderCompression);
    connection.defects.iter().any(|defect| defect.side == side && wrong(defect.layer))
}
