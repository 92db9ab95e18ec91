use super::Broken;
use super::limit::Limit;
use super::view::{ends_half, frame_name, kind_of, settings};
use crate::model::Side;
use crate::wire::{Connection, Frame, Payload, SidePair, kind, setting};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const ONLY_CLIENT: &str = "streams opened by the client only";

pub(super) fn w15(connection: &Connection) -> Vec<Broken> {
    let mut streams = Streams::default();
    let mut unacknowledged = SidePair::<usize>::default();
    let mut pings = SidePair::<HashMap<[u8; 8], usize>>::default();
    let mut broken = Vec::new();
    for frame in &connection.frames {
        broken.extend(streams.see(frame));
        broken.extend(settings_ack(&mut unacknowledged, frame));
        broken.extend(ping_ack(&mut pings, frame));
    }
    broken
}

/// How many streams were open at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MostOpen {
    /// The most of them.
    pub(super) streams: usize,
    /// The frame that opened the last of these.
    pub(super) frame: Option<usize>,
    /// How many the server allowed in the end.
    pub(super) allowed: u32,
}

/// The most streams of the client that were open at a time: from its HEADERS to a reset or to the END_STREAM of both sides.
pub(super) fn most_open(connection: &Connection) -> MostOpen {
    let mut open = Streams::default();
    let (mut streams, mut last) = (0, None);
    for frame in &connection.frames {
        open.see(frame);
        if open.open.len() > streams {
            (streams, last) = (open.open.len(), Some(frame.index));
        }
    }
    MostOpen { streams, frame: last, allowed: open.most.in_force() }
}

/// SETTINGS of each side that the other has not acknowledged.
fn settings_ack(open: &mut SidePair<usize>, frame: &Frame) -> Option<Broken> {
    let (ack, _) = settings(frame)?;
    if !ack {
        *open.of_mut(frame.side) += 1;
        return None;
    }
    let open = open.of_mut(frame.side.other());
    if *open == 0 {
        let expected = "one SETTINGS ACK for each SETTINGS of the other side";
        return Some(Broken::new(frame.side, frame.index, expected, "one more than there were SETTINGS"));
    }
    *open -= 1;
    None
}

/// PINGs of each side that the other has not answered, by their content.
fn ping_ack(open: &mut SidePair<HashMap<[u8; 8], usize>>, frame: &Frame) -> Option<Broken> {
    let Payload::Ping { ack, data } = &frame.payload else { return None };
    if !ack {
        *open.of_mut(frame.side).entry(*data).or_default() += 1;
        return None;
    }
    let Some(sent) = open.of_mut(frame.side.other()).get_mut(data).filter(|sent| **sent > 0) else {
        let observed = format!("PING ACK with \"{}\", which no open PING has", data.escape_ascii());
        return Some(Broken::new(frame.side, frame.index, "PING ACK with the 8 bytes of a PING", observed));
    };
    *sent -= 1;
    None
}

/// Which streams are open, as the tap sees it: never more than the client thinks, because frames are recorded before
/// they are forwarded.
struct Streams {
    last: u32,
    known: BTreeSet<u32>,
    open: BTreeMap<u32, SidePair<bool>>,
    most: Limit,
}

impl Default for Streams {
    fn default() -> Streams {
        let most = Limit::new(Side::Server, setting::MAX_CONCURRENT_STREAMS, u32::MAX);
        Streams { last: 0, known: BTreeSet::new(), open: BTreeMap::new(), most }
    }
}

impl Streams {
    fn see(&mut self, frame: &Frame) -> Option<Broken> {
        self.most.see(frame);
        let broken = if let Payload::PushPromise { promised, .. } = frame.payload {
            self.known.insert(promised);
            let observed = format!("PUSH_PROMISE of stream {promised}");
            Some(Broken::new(frame.side, frame.index, ONLY_CLIENT, observed))
        } else if kind_of(frame) == kind::HEADERS && frame.stream != 0 && self.known.insert(frame.stream) {
            self.opened(frame)
        } else {
            None
        };
        self.see_end(frame);
        broken
    }

    fn opened(&mut self, frame: &Frame) -> Option<Broken> {
        let broken = |expected: &str, observed| Some(Broken::new(frame.side, frame.index, expected, observed));
        if frame.side == Side::Server {
            let observed = format!("{} of the server on stream {}", frame_name(frame), frame.stream);
            return broken(ONLY_CLIENT, observed);
        }
        self.open.insert(frame.stream, SidePair::default());
        if frame.stream.is_multiple_of(2) {
            return broken("streams opened by a client to be odd", format!("stream {}", frame.stream));
        }
        if frame.stream < self.last {
            return broken("stream ids to increase", format!("stream {} after stream {}", frame.stream, self.last));
        }
        self.last = frame.stream;
        let (open, most) = (self.open.len(), self.most.in_force());
        if u32::try_from(open).is_ok_and(|open| open > most) {
            return broken(
                &format!("at most {most} open streams, the server's SETTINGS_MAX_CONCURRENT_STREAMS"),
                format!("{open} open streams"),
            );
        }
        None
    }

    fn see_end(&mut self, frame: &Frame) {
        if matches!(frame.payload, Payload::RstStream { .. }) {
            self.open.remove(&frame.stream);
        }
        if ends_half(frame)
            && let Some(ended) = self.open.get_mut(&frame.stream)
        {
            *ended.of_mut(frame.side) = true;
            if ended.client && ended.server {
                self.open.remove(&frame.stream);
            }
        }
    }
}
