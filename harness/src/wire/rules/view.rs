use super::Broken;
use crate::model::Side;
use crate::wire::{Connection, Frame, HeaderBlock, Payload, Setting, Stream, flag, kind};

/// What a header block is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first of the client.
    Request,
    /// Any later one of the client.
    RequestTrailers,
    /// A 1xx response (RFC 9110 section 15.2).
    Informational,
    /// The first other one of the server: Response-Headers or Trailers-Only.
    Response,
    /// Any later one of the server.
    Trailers,
}

/// A header block and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) stream: &'a Stream,
    pub(super) side: Side,
    pub(super) kind: Kind,
    pub(super) block: &'a HeaderBlock,
}

impl Seen<'_> {
    /// That a rule is broken in this block.
    pub(super) fn broken(&self, expected: impl Into<String>, observed: impl Into<String>) -> Broken {
        Broken::new(self.side, self.block.first_frame, expected, observed)
    }
}

/// The header blocks of a connection, by stream, but those behind their sender's own end of it, of which H4 speaks.
pub(super) fn blocks(connection: &Connection) -> impl Iterator<Item = Seen<'_>> {
    let seen = connection.streams.values().flat_map(|stream| {
        let client = stream.client.headers.iter().enumerate().map(move |(at, block)| {
            let kind = if at == 0 { Kind::Request } else { Kind::RequestTrailers };
            Seen { stream, side: Side::Client, kind, block }
        });
        let first = stream.server.headers.iter().position(|block| !block.is_informational()).unwrap_or(usize::MAX);
        let server = stream.server.headers.iter().enumerate().map(move |(at, block)| {
            let kind = match at.cmp(&first) {
                std::cmp::Ordering::Less => Kind::Informational,
                std::cmp::Ordering::Equal => Kind::Response,
                std::cmp::Ordering::Greater => Kind::Trailers,
            };
            Seen { stream, side: Side::Server, kind, block }
        });
        client.chain(server)
    });
    seen.filter(|seen| {
        let half = seen.stream.half(seen.side);
        let ends = [half.end_stream, half.reset.map(|(frame, _)| frame)];
        !ends.into_iter().flatten().any(|end| end < seen.block.first_frame)
    })
}

/// The request headers of a stream.
pub(super) fn request(stream: &Stream) -> Option<&HeaderBlock> {
    stream.client.headers.first()
}

/// The response headers of a stream, which may be all there is.
pub(super) fn response(stream: &Stream) -> Option<&HeaderBlock> {
    stream.server.head()
}

/// The frame with which a server began its answer, whether or not its headers could be decoded; a reset is none.
pub(super) fn answered(stream: &Stream) -> Option<usize> {
    [stream.server.heads.first(), stream.server.data.first()].into_iter().flatten().min().copied()
}

/// Whether a server's answer has the HTTP status of gRPC, or none. Of one that has not, W9 alone speaks.
pub(super) fn status_fits(stream: &Stream) -> bool {
    response(stream).and_then(|block| block.get(":status")).is_none_or(|status| status == b"200")
}

/// Whether a server's answer claims to be gRPC's; of one with another content type, W8 alone speaks.
pub(super) fn answers_grpc(stream: &Stream) -> bool {
    status_fits(stream) && stream.server.is_grpc()
}

/// Whether the server's END_STREAM is on a DATA frame, which W12 alone speaks about.
pub(super) fn ends_on_data(connection: &Connection, stream: &Stream) -> bool {
    stream.server.end_stream.and_then(|end| connection.frames.get(end)).is_some_and(is_data)
}

/// Whether a frame is DATA.
pub(super) fn is_data(frame: &Frame) -> bool {
    matches!(frame.payload, Payload::Data { .. })
}

/// Whether a frame ends its sender's half of a stream. One that breaks its layout does so too: its flags are known.
pub(super) fn ends_half(frame: &Frame) -> bool {
    matches!(kind_of(frame), kind::DATA | kind::HEADERS) && frame.has(flag::END_STREAM)
}

/// What a SETTINGS frame says: whether it acknowledges, and its settings. One that breaks its layout is one all the same,
/// which the other side may acknowledge; nothing of it is known.
pub(super) fn settings(frame: &Frame) -> Option<(bool, &[Setting])> {
    if let Payload::Settings { ack, settings } = &frame.payload {
        return Some((*ack, settings));
    }
    matches!(frame.payload, Payload::Malformed { kind: kind::SETTINGS }).then(|| (frame.has(flag::ACK), &[][..]))
}

/// The frame's type octet.
pub(super) fn kind_of(frame: &Frame) -> u8 {
    frame.payload.kind()
}

/// The frame type's name.
pub(super) fn frame_name(frame: &Frame) -> String {
    kind::name(kind_of(frame))
}
