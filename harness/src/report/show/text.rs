use super::data::{
    Act, Block, Call, Calls, Defect, End, Failing, Field, FrameKind, Frames, Message, OneFrame, Record, Seen, Shown,
    Tls, What,
};
use super::lanes::{Row, found, heading, row};
use crate::report::text::{escape, plural};
use std::fmt::Write;

/// A cell's traffic as a person reads it: the client's lane on the left, the server's on the right, the time between.
pub fn show(shown: &Shown) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}\n{}", escape(&shown.cell), escape(&shown.verdict));
    for Failing { fingerprint, place } in &shown.failing {
        let _ = writeln!(text, "!! {} in {place}", escape(fingerprint));
    }
    shown.findings.iter().for_each(|finding| found(&mut text, finding));
    connections_text(&mut text, &shown.seen);
    if !shown.sealed {
        let _ = writeln!(text, "\nthe capture has no seal: what came after is lost");
    }
    text
}

/// The connections alone.
pub(in crate::report) fn connections_text(text: &mut String, seen: &Seen) {
    match seen {
        Seen::Calls(connections) => connections.iter().for_each(|connection| calls(text, connection)),
        Seen::Frames(connections) => connections.iter().for_each(|connection| frames(text, connection)),
        Seen::Tls(connections) => connections.iter().for_each(|connection| tls(text, connection)),
    }
}

fn calls(text: &mut String, connection: &Calls) {
    let _ = writeln!(text, "\nconnection {}, {}", connection.connection, plural(connection.calls.len(), "call"));
    connection.calls.iter().for_each(|one| call(text, one));
    if !connection.acts.is_empty() {
        let _ = writeln!(text, "\nin no call");
        heading(text, "frames", "ms");
        for act in &connection.acts {
            let one = act_row(act, &ms(act.at_us));
            row(text, &Row { head: on_stream(act.stream, &one.head), ..one });
        }
    }
    let others: Vec<String> = connection.other_frames.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if !others.is_empty() {
        let _ = writeln!(text, "\nbesides: {}; --frames shows them", others.join(", "));
    }
    rest(text, &connection.defects, &connection.ends);
}

fn call(text: &mut String, call: &Call) {
    let end = call.acts.iter().map(|act| act.at_us).max().unwrap_or(call.at_us);
    let lasted = ms(end.saturating_sub(call.at_us));
    let _ = writeln!(text, "\nstream {} {}: {}", call.stream, call.path, call.ended);
    let _ = writeln!(text, "begins at {} ms, takes {lasted} ms", ms(call.at_us));
    heading(text, "frames", "ms of call");
    for act in &call.acts {
        row(text, &act_row(act, &format!("+{}", ms(act.at_us.saturating_sub(call.at_us)))));
    }
}

fn act_row<'a>(act: &'a Act, time: &str) -> Row<'a> {
    let (mut head, below) = match &act.what {
        What::Headers { block, fields, status } => (block_head(*block, status.as_deref()), field_lines(fields)),
        What::Message(sent) => message_lines(act.side, sent),
        What::PartOfMessage { bytes } => {
            (format!("part of a message, {}, and no more", plural(*bytes, "byte")), vec![])
        }
        What::HalfClose => ("no message".to_owned(), vec![]),
        What::Frame(kind) => frame_lines(kind),
    };
    // A frame has its flags already.
    if act.end_stream && !matches!(act.what, What::Frame(_)) {
        head.push_str("  END_STREAM");
    }
    let [first, last] = act.frames;
    let frames = if first == last { first.to_string() } else { format!("{first}-{last}") };
    Row { side: act.side, frames, time: time.to_owned(), head, below, findings: &act.findings }
}

fn block_head(block: Block, status: Option<&str>) -> String {
    let what = match block {
        Block::RequestHeaders => "request headers",
        Block::ResponseHeaders => "response headers",
        Block::Trailers => "trailers",
        Block::TrailersOnly => "trailers only",
        Block::Informational => "informational response",
    };
    status.map_or(what.to_owned(), |status| format!("{what}: {status}"))
}

fn field_lines(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| format!("{}: {}", field.name, field.value)).collect()
}

fn message_lines(side: crate::model::Side, sent: &Message) -> (String, Vec<String>) {
    let what = match side {
        crate::model::Side::Client => "request",
        crate::model::Side::Server => "response",
    };
    let form = match (sent.flag, sent.inflated) {
        (0, _) => String::new(),
        (_, Some(inflated)) => format!(", compressed, {} inflated", plural(inflated, "byte")),
        (1, None) => ", compressed".to_owned(),
        (flag, None) => format!(", compressed flag {flag}"),
    };
    let head = format!("{what} {}, {}{form}", sent.number, plural(sent.bytes, "byte"));
    let kind = sent.kind.as_deref().map(|kind| kind.rsplit('.').next().unwrap_or(kind));
    let body = sent.in_words.as_ref().map(|body| format!("{} {body}", kind.unwrap_or_default()));
    let wrong = sent.unreadable.as_ref().map(|why| match kind {
        Some(kind) => format!("no {kind} that can be read: {why}"),
        None => format!("cannot be read: {why}"),
    });
    (head, body.into_iter().chain(wrong).collect())
}

/// A frame that stands for itself, with what it begins with below.
fn frame_lines(kind: &FrameKind) -> (String, Vec<String>) {
    let (below, beside) = kind.says.iter().cloned().partition(|field: &Field| field.name == "begins");
    let kind = FrameKind { says: beside, ..kind.clone() };
    (frame_head(&kind), below.into_iter().map(|field: Field| field.value).collect())
}

fn frame_head(kind: &FrameKind) -> String {
    let mut head = if kind.name.starts_with("0x") { format!("type {}", kind.name) } else { kind.name.clone() };
    // Of the others the length says nothing that their content does not.
    if kind.says.is_empty() && !kind.flags.contains(&"ACK") && kind.name != "SETTINGS" {
        let _ = write!(head, " {}", kind.length);
    }
    kind.flags.iter().for_each(|flag| head.extend([" ", flag]));
    for Field { name, value } in &kind.says {
        match name.as_str() {
            "code" | "data" => head.extend([" ", value]),
            _ => head.extend([" ", name, "=", value]),
        }
    }
    head
}

fn frames(text: &mut String, connection: &Frames) {
    let _ = writeln!(text, "\nconnection {}", connection.connection);
    heading(text, "frame", "ms");
    connection.frames.iter().for_each(|frame| row(text, &frame_row(frame)));
    rest(text, &connection.defects, &connection.ends);
}

fn frame_row(frame: &OneFrame) -> Row<'_> {
    let mut below = field_lines(&frame.fields);
    for sent in &frame.messages {
        let (head, body) = message_lines(frame.side, sent);
        below.push(format!("= {head}"));
        below.extend(body.into_iter().map(|line| format!("  {line}")));
    }
    Row {
        side: frame.side,
        frames: frame.frame.to_string(),
        time: ms(frame.at_us),
        head: on_stream(frame.stream, &frame_head(&frame.kind)),
        below,
        findings: &frame.findings,
    }
}

fn on_stream(stream: u32, head: &str) -> String {
    if stream == 0 { head.to_owned() } else { format!("stream {stream} {head}") }
}

fn tls(text: &mut String, connection: &Tls) {
    let _ = writeln!(text, "\nconnection {}, TLS: types, sizes and times of records", connection.connection);
    connection.client_hello.iter().for_each(|hello| _ = writeln!(text, "the client {hello}"));
    connection.server_hello.iter().for_each(|hello| _ = writeln!(text, "the server {hello}"));
    heading(text, "record", "ms");
    connection.records.iter().for_each(|record| row(text, &record_row(record)));
    connection.remarks.iter().for_each(|Defect { side, what }| _ = writeln!(text, "{side}: {what}"));
}

fn record_row(record: &Record) -> Row<'_> {
    Row {
        side: record.side,
        frames: record.record.to_string(),
        time: ms(record.at_us),
        head: format!("{} {}", record.kind, record.length),
        below: vec![],
        findings: &record.findings,
    }
}

/// What there is to say behind the last frame.
fn rest(text: &mut String, defects: &[Defect], ends: &[End]) {
    for Defect { side, what } in defects {
        let _ = writeln!(text, "!! {side}: {what}");
    }
    let mut ends: Vec<&End> = ends.iter().filter(|end| end.how.is_some()).collect();
    ends.sort_by_key(|end| !end.first);
    let told = |end: &&End| format!("{} by the {}", end.how.unwrap_or_default(), end.side);
    let told: Vec<String> = ends.iter().map(told).collect();
    if !told.is_empty() {
        let _ = writeln!(text, "{}", told.join(", then "));
    }
}

fn ms(us: u64) -> String {
    format!("{}.{:03}", us / 1000, us % 1000)
}
