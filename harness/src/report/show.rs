use super::show_tls::show_tls;
use super::text::escape;
use crate::judge::Recording;
use crate::model::{Finding, Place, Side};
use crate::wire::rules;
use crate::wire::rules::fixtures::{Fixture, Subject};
use crate::wire::tls::TlsTranscript;
use crate::wire::{Connection, Frame, Half, HeaderBlock, Payload, Stream, Transcript, code, flag, setting};
use std::fmt::Write;

/// What `show` shows of a cell.
pub struct ShowCell<'a> {
    /// `case/client/server/transport`.
    pub id: &'a str,
    /// The verdict and why, in a line.
    pub verdict: &'a str,
    /// What was on the wire.
    pub recording: &'a Recording,
    /// What was found, shown beside the frame it is about.
    pub findings: &'a [Finding],
}

/// A cell's traffic as a person reads it: one line a frame, an arrow for its direction, headers and messages below.
pub fn show(cell: &ShowCell<'_>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}\n{}", escape(cell.id), escape(cell.verdict).trim_end());
    match cell.recording {
        Recording::Frames(transcript) => {
            transcript.connections.iter().for_each(|connection| show_connection(&mut text, connection, cell.findings));
        }
        Recording::Tls(transcript) => show_tls(&mut text, transcript, cell.findings),
    }
    for finding in cell.findings.iter().filter(|finding| finding.place.is_none()) {
        show_finding(&mut text, finding);
    }
    if !cell.recording.sealed() {
        let _ = writeln!(text, "the capture has no seal: what came after is lost");
    }
    text
}

/// A connection made up to keep or break a rule, with what is found in it.
pub(super) fn show_subject(text: &mut String, fixture: &Fixture) {
    match &fixture.subject {
        Subject::Http2(connection) => {
            let transcript = Transcript { connections: vec![connection.clone()], sealed: true };
            show_connection(text, connection, &rules::evaluate(&transcript));
        }
        Subject::Tls(connection, context) => {
            let transcript = TlsTranscript { connections: vec![(**connection).clone()], sealed: true };
            show_tls(text, &transcript, &rules::evaluate_tls(&transcript, context));
        }
    }
}

fn show_connection(text: &mut String, connection: &Connection, findings: &[Finding]) {
    let _ = writeln!(text, "\nconnection {}   client ->   <- server", connection.index);
    for frame in &connection.frames {
        show_frame(text, connection, frame);
        let here = Place { connection: connection.index, frame: frame.index };
        for finding in findings.iter().filter(|finding| finding.place == Some(here)) {
            show_finding(text, finding);
        }
    }
    for defect in &connection.defects {
        let _ = writeln!(text, "  !! {}: {}", defect.side, escape(&defect.what));
    }
}

pub(super) fn show_finding(text: &mut String, finding: &Finding) {
    let _ = writeln!(text, "  !! {} ({}) at fault: {}", finding.check, finding.level, finding.fault);
    let _ = writeln!(text, "     expected  {}", escape(&finding.expected));
    let _ = writeln!(text, "     observed  {}", escape(&finding.observed));
}

fn show_frame(text: &mut String, connection: &Connection, frame: &Frame) {
    let arrow = match frame.side {
        Side::Client => "->",
        Side::Server => "<-",
    };
    let stream = if frame.stream == 0 { String::new() } else { format!("stream {}", frame.stream) };
    let ms = frame.at_us / 1000;
    let us = frame.at_us % 1000;
    let line = format!("{:4} {ms:5}.{us:03} ms {arrow} {stream:10} {}", frame.index, payload(frame));
    let _ = writeln!(text, "{}", line.trim_end());
    let Some(stream) = connection.streams.get(&frame.stream) else { return };
    show_blocks(text, stream.half(frame.side), frame.index);
    show_messages(text, stream, frame);
}

fn show_blocks(text: &mut String, half: &Half, frame: usize) {
    let ends_here = |block: &&HeaderBlock| block.last_frame == frame;
    for block in half.headers.iter().filter(ends_here) {
        for (name, value) in &block.fields {
            let _ = writeln!(text, "                                {}: {}", name.escape_ascii(), value.escape_ascii());
        }
    }
}

fn show_messages(text: &mut String, stream: &Stream, frame: &Frame) {
    let messages = &stream.half(frame.side).messages;
    for (at, message) in messages.iter().enumerate().filter(|(_, message)| message.last_frame == frame.index) {
        let what = match frame.side {
            Side::Client => "request",
            Side::Server => "response",
        };
        let form = match (&message.body, message.flag) {
            (Ok(_), 0) => "not compressed".to_owned(),
            (Ok(body), _) => format!("compressed, {} bytes inflated", body.len()),
            (Err(reason), _) => escape(&reason.to_string()),
        };
        let bytes = message.raw.len();
        let _ = writeln!(text, "                                = {what} {} complete, {bytes} bytes, {form}", at + 1);
    }
}

fn payload(frame: &Frame) -> String {
    let end = if frame.has(flag::END_STREAM) { " END_STREAM" } else { "" };
    let ack = |ack: bool| if ack { " ACK" } else { "" };
    match &frame.payload {
        Payload::Data { data, .. } => format!("DATA {}{end}", data.len()),
        Payload::Headers { .. } => format!("HEADERS{end}"),
        Payload::Priority(priority) => format!("PRIORITY on {}", priority.depends_on),
        Payload::RstStream { code } => format!("RST_STREAM {}", code::name(*code)),
        Payload::Settings { ack: acked, settings } => {
            let settings: Vec<String> =
                settings.iter().map(|entry| format!(" {}={}", setting::name(entry.id), entry.value)).collect();
            format!("SETTINGS{}{}", ack(*acked), settings.concat())
        }
        Payload::PushPromise { promised, .. } => format!("PUSH_PROMISE {promised}"),
        Payload::Ping { ack: acked, data } => format!("PING{} {}", ack(*acked), hex(data)),
        Payload::GoAway { last_stream, code, debug } => {
            format!("GOAWAY {} last stream {last_stream} {}", code::name(*code), debug.escape_ascii())
        }
        Payload::WindowUpdate { increment } => format!("WINDOW_UPDATE +{increment}"),
        Payload::Continuation { .. } => "CONTINUATION".to_owned(),
        Payload::Unknown { kind } => format!("frame of unknown type {kind:#04x}"),
        Payload::Malformed { kind } => format!("malformed frame of type {kind:#04x}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
