use super::{Missed, text};
use crate::model::{Fault, Level, WireStatus};
use crate::wire::{Stream, percent};

/// A code or a message that is another.
pub(super) fn status(expected: &WireStatus, stream: &Stream) -> Vec<Missed> {
    let code = expected.code.number().to_string();
    let Some(last) = stream.trailers() else {
        return vec![Missed {
            level: Level::Must,
            fault: Fault::Server,
            frame: None,
            expected: format!("grpc-status: {code}"),
            observed: "no header block with END_STREAM".to_owned(),
        }];
    };
    let differs = |name: &str, expected: &str, level| Missed {
        level,
        fault: Fault::Server,
        frame: Some(last.first_frame),
        expected: format!("{name}: {expected}"),
        observed: last.get(name).map_or_else(|| format!("no {name}"), |value| text::field(name.as_bytes(), value)),
    };
    let mut missed = Vec::new();
    if last.get("grpc-status") != Some(code.as_bytes()) {
        missed.push(differs("grpc-status", &code, Level::Must));
    }
    // An empty message may be left out.
    let message = last.get("grpc-message").unwrap_or_default();
    if let Some(expected) = expected.message.as_deref().filter(|expected| expected.as_bytes() != message) {
        let same = percent::decode(message) == percent::decode(expected.as_bytes());
        // The grammar lets a sender escape more than it must, and leaves the case of the digits open in practice.
        missed.push(differs("grpc-message", expected, if same { Level::Should } else { Level::Must }));
    }
    missed
}
