use super::request::{content_type, unless};
use super::view::{self, Kind, answers_grpc, blocks, ends_on_data, status_fits};
use super::{Broken, text};
use crate::model::{Side, StatusCode};
use crate::wire::{Connection, Stream, percent};

pub(super) fn w8(connection: &Connection) -> Vec<Broken> {
    let mut broken: Vec<Broken> = answers(connection).filter_map(data_first).collect();
    for seen in blocks(connection).filter(|seen| seen.side == Side::Server) {
        match seen.kind {
            Kind::Informational if seen.block.end_stream => {
                broken.push(seen.broken("a final response after an informational one", "END_STREAM on it"));
            }
            Kind::Response if status_fits(seen.stream) => {
                broken.extend(content_type(&seen));
            }
            Kind::Trailers if !seen.block.end_stream && is_left_open(connection, seen.stream) => {
                broken.push(seen.broken("END_STREAM on the header block after the response's", "none"));
            }
            Kind::Request | Kind::RequestTrailers | Kind::Informational | Kind::Response | Kind::Trailers => {}
        }
    }
    broken
}

pub(super) fn w9(connection: &Connection) -> Vec<Broken> {
    let mut broken = Vec::new();
    for seen in blocks(connection).filter(|seen| seen.side == Side::Server) {
        if seen.kind == Kind::Response {
            broken.extend(unless(&seen, ":status", ":status: 200", |value| value == b"200"));
        }
        if !answers_grpc(seen.stream) || ends_on_data(connection, seen.stream) {
            continue;
        }
        let last = seen.block.end_stream && matches!(seen.kind, Kind::Response | Kind::Trailers);
        if last {
            let expected = "grpc-status of 0 to 16 in decimal digits without leading zeros";
            broken.extend(unless(&seen, "grpc-status", expected, is_status));
            let count = seen.block.all("grpc-status").count();
            if count > 1 {
                broken.push(seen.broken("one grpc-status", format!("{count} of them")));
            }
        } else if seen.kind != Kind::Trailers {
            let values = seen.block.all("grpc-status").map(|value| text::field(b"grpc-status", value));
            broken.extend(values.map(|observed| {
                seen.broken("grpc-status only in the header block with END_STREAM", format!("{observed} in another"))
            }));
        }
    }
    broken
}

pub(super) fn w10(connection: &Connection) -> Vec<Broken> {
    let mut broken = Vec::new();
    for seen in blocks(connection).filter(|seen| seen.side == Side::Server && answers_grpc(seen.stream)) {
        let expected = "grpc-message of UTF-8, percent-encoded";
        let wrong = seen.block.all("grpc-message").filter(|value| !percent::is_encoded(value));
        broken.extend(wrong.map(|value| seen.broken(expected, text::field(b"grpc-message", value))));
    }
    broken
}

pub(super) fn w12(connection: &Connection) -> Vec<Broken> {
    let on_data = |stream: &&Stream| ends_on_data(connection, stream);
    let broken = |frame| Broken::new(Side::Server, frame, "END_STREAM on the trailers", "END_STREAM on DATA");
    answers(connection).filter(on_data).filter_map(|stream| stream.server.end_stream.map(broken)).collect()
}

/// Streams on which a client asked and the server's answer, if any, is gRPC's.
fn answers(connection: &Connection) -> impl Iterator<Item = &Stream> {
    connection.streams.values().filter(|stream| view::request(stream).is_some() && answers_grpc(stream))
}

/// Whether no DATA frame ends a gRPC answer.
fn is_left_open(connection: &Connection, stream: &Stream) -> bool {
    answers_grpc(stream) && !ends_on_data(connection, stream)
}

/// Counts HEADERS frames, not their blocks: where header compression is broken, there are none.
fn data_first(stream: &Stream) -> Option<Broken> {
    let server = &stream.server;
    let data = *server.data.first()?;
    let heads = server.heads.iter().filter(|head| **head < data).count();
    let before = server.headers.iter().filter(|block| block.first_frame < data);
    let informational = before.filter(|block| block.is_informational()).count();
    let expected = "response headers before DATA";
    (heads == informational).then(|| Broken::new(Side::Server, data, expected, "DATA first"))
}

fn is_status(value: &[u8]) -> bool {
    let number = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
    let code = number.and_then(StatusCode::from_number);
    code.is_some_and(|code| code.number().to_string().as_bytes() == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        for good in 0..=16 {
            assert!(is_status(good.to_string().as_bytes()), "{good}");
        }
        for bad in ["", "17", "-1", "00", "01", "+1", "1 ", "abc", "99999999999999999999"] {
            assert!(!is_status(bad.as_bytes()), "{bad}");
        }
    }
}
