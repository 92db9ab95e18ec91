use super::body::Protos;
use super::cell::{about, ends};
use super::data::{Act, Block, Call, Calls, Field, What};
use super::frames::{defects, fields, frame_kind, message, path};
use crate::model::{Finding, Side, StatusCode};
use crate::report::text::escape;
use crate::wire::{Connection, Frame, Half, HeaderBlock, Payload, Stream, code, percent};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of DATA that is no message that are shown.
const BEGIN: usize = 200;

/// A connection in gRPC terms.
pub(super) fn calls(connection: &Connection, findings: &[Finding], protos: &Protos) -> Calls {
    let mut frames: BTreeMap<(u32, Side), Vec<&Frame>> = BTreeMap::new();
    for frame in &connection.frames {
        frames.entry((frame.stream, frame.side)).or_default().push(frame);
    }
    let maker = Maker { connection, frames, findings, protos };
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut calls = Vec::new();
    for stream in connection.streams.values() {
        let acts = maker.of_stream(stream, &mut taken);
        let at_us = acts.first().map_or(0, |act| act.at_us);
        let path = path(stream).map_or_else(|| "no :path".to_owned(), escape);
        calls.push(Call { stream: stream.id, path, at_us, ended: ended(stream), acts });
    }
    let telling = |frame: &&Frame| !taken.contains(&frame.index) && maker.tells(frame);
    let acts: Vec<Act> = connection.frames.iter().filter(telling).map(|frame| maker.alone(frame)).collect();
    taken.extend(acts.iter().map(|act| act.frames[0]));
    let mut other_frames: BTreeMap<String, usize> = BTreeMap::new();
    for frame in connection.frames.iter().filter(|frame| !taken.contains(&frame.index)) {
        *other_frames.entry(frame_kind(frame).name).or_default() += 1;
    }
    let (defects, ends) = (defects(connection), ends(connection));
    Calls { connection: connection.index, calls, acts, other_frames, defects, ends }
}

/// How a call ended, as far as the wire tells it.
fn ended(stream: &Stream) -> String {
    let status = match stream.trailers() {
        Some(block) => Some(status(block).unwrap_or_else(|| "trailers without grpc-status".to_owned())),
        None => stream.server.end_stream.map(|_| "ended without trailers".to_owned()),
    };
    let http = stream.server.header(":status").filter(|status| *status != b"200");
    let http = http.map(|status| format!(":status {}", status.escape_ascii()));
    let reset =
        |side: Side| stream.half(side).reset.map(|(_, reason)| format!("reset by the {side} ({})", code::name(reason)));
    let how: Vec<String> = http.into_iter().chain(status).chain(Side::BOTH.into_iter().filter_map(reset)).collect();
    if how.is_empty() { "not ended".to_owned() } else { how.join(", ") }
}

/// What the status of a block says: number, name and message.
fn status(block: &HeaderBlock) -> Option<String> {
    let sent = block.get("grpc-status")?;
    let number = std::str::from_utf8(sent).ok().and_then(|text| text.parse().ok());
    let known = number.and_then(StatusCode::from_number);
    let code = known.map_or_else(|| format!("grpc-status {}", sent.escape_ascii()), |code| code.to_string());
    Some(match block.get("grpc-message") {
        Some(message) if !message.is_empty() => format!("{code}: {}", escape(&percent::decode(message))),
        Some(_) | None => code,
    })
}

struct Maker<'a> {
    connection: &'a Connection,
    /// The frames of each direction of each stream.
    frames: BTreeMap<(u32, Side), Vec<&'a Frame>>,
    findings: &'a [Finding],
    protos: &'a Protos,
}

impl Maker<'_> {
    /// What the two sides did on a stream, in order; the frames that took are added to `taken`.
    fn of_stream(&self, stream: &Stream, taken: &mut BTreeSet<usize>) -> Vec<Act> {
        let mut acts = Vec::new();
        for side in Side::BOTH {
            let mut of_side = self.of_half(stream, side);
            let covered = of_side.iter().flat_map(|act| self.between(stream.id, side, act.frames));
            let covered: BTreeSet<usize> = covered.collect();
            let left = self.of_direction(stream.id, side).iter().filter(|frame| !covered.contains(&frame.index));
            of_side.extend(left.filter(|frame| self.tells(frame)).map(|frame| self.alone(frame)));
            taken.extend(covered);
            taken.extend(of_side.iter().map(|act| act.frames[0]));
            acts.extend(of_side);
        }
        acts.sort_by_key(|act| (act.frames[1], act.frames[0]));
        acts
    }

    fn of_direction(&self, stream: u32, side: Side) -> &[&Frame] {
        self.frames.get(&(stream, side)).map_or(&[], Vec::as_slice)
    }

    /// A side's frames of a stream from one to another that make up what it said: its headers and data.
    fn between(&self, stream: u32, side: Side, [first, last]: [usize; 2]) -> Vec<usize> {
        let frames = self.of_direction(stream, side);
        let begin = frames.partition_point(|frame| frame.index < first);
        let until = frames.iter().skip(begin).take_while(|frame| frame.index <= last);
        let says = |frame: &&&Frame| {
            matches!(frame.payload, Payload::Data { .. } | Payload::Headers { .. } | Payload::Continuation { .. })
        };
        until.filter(says).map(|frame| frame.index).collect()
    }

    fn of_half(&self, stream: &Stream, side: Side) -> Vec<Act> {
        let half = stream.half(side);
        let mut acts: Vec<([usize; 2], What)> = Vec::new();
        for block in &half.headers {
            let what =
                What::Headers { block: block_of(half, side, block), fields: fields(block), status: status(block) };
            acts.push(([block.first_frame, block.last_frame], what));
        }
        for (at, sent) in half.messages.iter().enumerate() {
            let what = What::Message(message(stream, side, at, sent, self.protos));
            acts.push(([sent.first_frame, sent.last_frame], what));
        }
        acts.extend(part(half));
        let mut told = BTreeSet::new();
        let mut acts: Vec<Act> =
            acts.into_iter().map(|(frames, what)| self.act(stream, side, frames, what, &mut told)).collect();
        if let Some(last) = half.end_stream
            && !acts.iter().any(|act| act.frames[1] == last)
            && self.is_empty_data(last)
        {
            acts.push(self.act(stream, side, [last, last], What::HalfClose, &mut told));
        }
        // Several messages may end in the frame with END_STREAM: the last of them ends the direction.
        let ending = acts.iter().rposition(|act| half.end_stream == Some(act.frames[1]));
        ending.and_then(|at| acts.get_mut(at)).into_iter().for_each(|act| act.end_stream = true);
        acts
    }

    /// An act with the findings about its frames that no act before it has.
    fn act(&self, stream: &Stream, side: Side, frames: [usize; 2], what: What, told: &mut BTreeSet<usize>) -> Act {
        let mine: Vec<usize> =
            self.between(stream.id, side, frames).into_iter().filter(|frame| told.insert(*frame)).collect();
        let findings = about(self.findings, self.connection.index, &mine);
        Act { side, stream: stream.id, at_us: self.at_us(frames[1]), frames, end_stream: false, what, findings }
    }

    fn is_empty_data(&self, frame: usize) -> bool {
        let frame = self.connection.frames.get(frame);
        frame.is_some_and(|frame| matches!(&frame.payload, Payload::Data { data, .. } if data.is_empty()))
    }

    /// A frame that stands for itself. DATA that is no message begins with what it may be instead.
    fn alone(&self, frame: &Frame) -> Act {
        let mut kind = frame_kind(frame);
        if let Payload::Data { data, .. } = &frame.payload {
            let begin = data.get(..BEGIN).unwrap_or(data);
            kind.says.push(Field { name: "begins".to_owned(), value: begin.escape_ascii().to_string() });
        }
        Act {
            side: frame.side,
            stream: frame.stream,
            at_us: frame.at_us,
            frames: [frame.index; 2],
            end_stream: kind.flags.contains(&"END_STREAM"),
            what: What::Frame(kind),
            findings: about(self.findings, self.connection.index, &[frame.index]),
        }
    }

    /// Whether a frame that belongs to no message and no header block is to be shown: always where something was found of it.
    fn tells(&self, frame: &Frame) -> bool {
        let kind = match &frame.payload {
            Payload::Settings { .. } | Payload::Ping { .. } | Payload::WindowUpdate { .. } | Payload::Priority(_) => {
                false
            }
            Payload::Data { data, .. } => !data.is_empty(),
            Payload::Headers { .. }
            | Payload::RstStream { .. }
            | Payload::PushPromise { .. }
            | Payload::GoAway { .. }
            | Payload::Continuation { .. }
            | Payload::Unknown { .. }
            | Payload::Malformed { .. } => true,
        };
        kind || !about(self.findings, self.connection.index, &[frame.index]).is_empty()
    }

    fn at_us(&self, frame: usize) -> u64 {
        self.connection.frames.get(frame).map_or(0, |frame| frame.at_us)
    }
}

fn block_of(half: &Half, side: Side, block: &HeaderBlock) -> Block {
    let is_head = half.head().is_some_and(|head| head.first_frame == block.first_frame);
    match side {
        _ if block.is_informational() => Block::Informational,
        Side::Client if is_head => Block::RequestHeaders,
        Side::Server if is_head && block.end_stream => Block::TrailersOnly,
        Side::Server if is_head => Block::ResponseHeaders,
        Side::Client | Side::Server => Block::Trailers,
    }
}

/// A message that began and did not end, with the frames it has.
fn part(half: &Half) -> Option<([usize; 2], What)> {
    let last = half.data.last().filter(|_| half.partial > 0)?;
    let before = half.messages.last().map(|message| message.last_frame);
    let first = half.data.iter().find(|frame| before.is_none_or(|before| **frame > before)).unwrap_or(last);
    Some(([*first, *last], What::PartOfMessage { bytes: half.partial }))
}
