use super::{Missed, view};
use crate::model::{Fault, Level};
use crate::wire::Stream;

/// What there is in place of one header block that ends.
pub(super) fn trailers_only(stream: &Stream) -> Option<Missed> {
    let response = view::response(stream);
    if response.is_some_and(|response| response.end_stream) {
        return None;
    }
    // Headers, no message and trailers say the same in a longer form (PROTOCOL-HTTP2.md, "Responses": "Trailers-Only is permitted").
    let (level, observed) = match response {
        None => (Level::Must, "no response headers"),
        Some(_) if stream.server.data.is_empty() => (Level::Should, "response headers without END_STREAM"),
        Some(_) => (Level::Must, "response headers without END_STREAM, and DATA"),
    };
    Some(Missed {
        level,
        fault: Fault::Server,
        frame: response.map(|response| response.first_frame),
        expected: "one response header block, with END_STREAM".to_owned(),
        observed: observed.to_owned(),
    })
}
