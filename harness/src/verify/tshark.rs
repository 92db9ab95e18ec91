use super::node::Node;
use super::{Direction, Field, Said};
use crate::report::{Carries, Origin, SERVER_PORT};
use crate::wire::{flag, kind};
use std::io::{BufRead, BufReader, Read};

/// How tshark is asked: a file from standard input, and every layer that is compared, as JSON.
pub const ARGUMENTS: [&str; 12] = [
    "-n",
    "-r",
    "-",
    "-d",
    DECODE_AS,
    // Messages are compared by their sizes.
    "--disable-protocol",
    "protobuf",
    "-T",
    "json",
    "-J",
    "frame http2 grpc tls",
    "-Q",
];

/// Wireshark knows HTTP/2 by its preface, and gRPC's port by nothing.
const DECODE_AS: &str = "tcp.port==50051,http2";
const _: () = assert!(SERVER_PORT == 50051, "DECODE_AS names the port of the file");

/// What tshark reads, from what it prints; each packet belongs to the connection and side that `origins` has in its place.
pub fn theirs(printed: impl Read, origins: &[Origin]) -> Result<Said, String> {
    let mut said = Said::new();
    each_packet(BufReader::new(printed), |packet| {
        let layers = packet.get("_source").and_then(|source| source.get("layers"));
        let layers = layers.ok_or("tshark prints a packet without layers")?;
        let number = layers.get("frame").and_then(|frame| frame.number("frame.number"));
        let origin = number.and_then(|number| origins.get(usize::try_from(number).ok()?.checked_sub(1)?));
        let origin =
            origin.ok_or_else(|| format!("tshark prints a packet of number {number:?}, which was not written"))?;
        read_packet(&mut said, layers, origin)
    })?;
    Ok(said)
}

/// Reads a list of packets one by one: as a whole it is a dozen times as long as what it tells of. tshark puts the braces of a packet
/// on lines of their own, indented by two spaces.
fn each_packet(mut printed: impl BufRead, mut read: impl FnMut(&Node) -> Result<(), String>) -> Result<(), String> {
    let wrong = |what: &dyn std::fmt::Display| format!("what tshark prints is no JSON of packets: {what}");
    let (mut line, mut packet) = (Vec::new(), Vec::new());
    let mut ended = false;
    loop {
        line.clear();
        if printed.read_until(b'\n', &mut line).map_err(|error| wrong(&error))? == 0 {
            break;
        }
        match line.trim_ascii_end() {
            b"[" if packet.is_empty() => {}
            b"]" if packet.is_empty() => ended = true,
            b"  }" | b"  }," => {
                packet.push(b'}');
                read(&serde_json::from_slice(&packet).map_err(|error| wrong(&error))?)?;
                packet.clear();
            }
            _ => packet.extend_from_slice(&line),
        }
    }
    if ended { Ok(()) } else { Err(wrong(&"it breaks off")) }
}

fn read_packet(said: &mut Said, layers: &Node, origin: &Origin) -> Result<(), String> {
    let direction = |stream| Direction { cell: origin.cell, connection: origin.connection, stream, side: origin.side };
    // A message stands behind the DATA frame that it ends in.
    let mut last = 0;
    for (name, layer) in layers.entries() {
        match (name.as_str(), origin.carries) {
            ("http2", Carries::Http2) => {
                for frame in layer.all("http2.stream").filter(|frame| frame.get("http2.type").is_some()) {
                    last = read_frame(said, frame, direction)?;
                }
            }
            ("grpc", Carries::Http2) => {
                let flags = layer.all("grpc.compressed_flag").filter_map(text_number);
                let lengths = layer.all("grpc.message_length").filter_map(text_number);
                let messages = flags.zip(lengths).map(|(flag, bytes)| (u8::try_from(flag).unwrap_or(u8::MAX), bytes));
                said.entry(direction(last)).or_default().messages.extend(messages);
            }
            ("tls", Carries::Tls) => read_records(said, layer, direction(0)),
            _ => {}
        }
    }
    Ok(())
}

fn text_number(node: &Node) -> Option<u32> {
    match node {
        Node::Text(text) => text.parse().ok(),
        Node::Object(_) | Node::List(_) | Node::Other => None,
    }
}

fn read_frame(said: &mut Said, frame: &Node, direction: impl Fn(u32) -> Direction) -> Result<u32, String> {
    let number = |name: &str| frame.number(name).ok_or_else(|| format!("tshark prints a frame without {name}"));
    let (octet, length) = (number("http2.type")?, number("http2.length")?);
    let (stream, flags) = (number("http2.streamid")?, number("http2.flags")?);
    let octet = u8::try_from(octet).map_err(|error| error.to_string())?;
    let sent = said.entry(direction(stream)).or_default();
    sent.frames.push((octet, length));
    sent.ends += usize::from(matches!(octet, kind::DATA | kind::HEADERS) && flags & u32::from(flag::END_STREAM) != 0);
    sent.resets.extend(frame.number("http2.rst_stream.error"));
    let fields: Vec<Field> = frame.all("http2.header").map(read_field).collect();
    match sent.headers.last_mut() {
        // tshark prints the fields of a block with the frame that they end in.
        Some(block) if octet == kind::CONTINUATION => block.extend(fields),
        Some(_) | None if fields.is_empty() => {}
        Some(_) | None => sent.headers.push(fields),
    }
    Ok(stream)
}

fn read_field(field: &Node) -> Field {
    let text = |name: &str| field.text(name).unwrap_or_default().to_owned();
    let length = field.number("http2.header.value.length").and_then(|length| usize::try_from(length).ok());
    Field { name: text("http2.header.name"), value: text("http2.header.value"), length: length.unwrap_or_default() }
}

fn read_records(said: &mut Said, layer: &Node, direction: Direction) {
    for record in layer.all("tls.record") {
        // Of an encrypted record of TLS 1.3 the visible type is not the real one, and has a name of its own.
        let kind = record.number("tls.record.content_type").or_else(|| record.number("tls.record.opaque_type"));
        let (Some(kind), Some(length)) = (kind, record.number("tls.record.length")) else { continue };
        let sent = said.entry(direction).or_default();
        sent.frames.push((u8::try_from(kind).unwrap_or(u8::MAX), length));
        let mut hellos =
            record.all("tls.handshake").filter(|shake| shake.number("tls.handshake.type") == Some(CLIENT_HELLO));
        // Only the first is read here: one more may follow a HelloRetryRequest.
        if sent.headers.is_empty() {
            sent.headers.extend(hellos.next().map(offered));
        }
    }
}

/// The type of a ClientHello (RFC 8446 section 4).
const CLIENT_HELLO: u32 = 1;

fn offered(hello: &Node) -> Vec<Field> {
    let names = [
        ("server_name", "tls.handshake.extensions_server_name"),
        ("alpn", "tls.handshake.extensions_alpn_str"),
        ("version", "tls.handshake.extensions.supported_version"),
    ];
    let of = |(ours, theirs): (&str, &str)| {
        let values = hello.deep(theirs).into_iter();
        values.map(|value| Field::of(ours.as_bytes(), value.as_bytes())).collect::<Vec<_>>()
    };
    names.into_iter().flat_map(of).collect()
}
