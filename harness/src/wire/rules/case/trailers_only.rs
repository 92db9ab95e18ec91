use super::{Missed, view};
use crate::model::{Fault, Level};
use crate::wire::Stream;

/// What there is in place of one header block that ends.
pub(super) fn trailers_only(stream: &Stream) -> Option<Missed> {
    let response = view::response(stream);
    if response.is_some_and(|response| response.end_stream) {
        return None;
    }
    let observed = match response {
        None => "no response headers",
        Some(_) if stream.server.data.is_empty() => "response headers without END_STREAM",
        Some(_) => "response headers without END_STREAM, and DATA",
    };
    Some(Missed {
        level: Level::Must,
        fault: Fault::Server,
        frame: response.map(|response| response.first_frame),
        expected: "one response header block, with END_STREAM".to_owned(),
        observed: observed.to_owned(),
    })
}
