//! Which messages are compressed (gRPC's `PROTOCOL-HTTP2.md`, "Compressed-Flag"). That an encoding is named for those that
//! are, and that they inflate, is for W7 and W6 to say.

use super::Missed;
use crate::model::{Compressed, Level, Side};
use crate::wire::Stream;

/// What breaks the rule, at most one finding a direction.
pub(super) fn compressed(expected: &Compressed, stream: &Stream) -> Vec<Missed> {
    let of = |expected: &Option<Vec<bool>>, side: Side, what: &str| {
        let expected: Vec<u8> = expected.as_ref()?.iter().copied().map(u8::from).collect();
        let messages = &stream.half(side).messages;
        let observed: Vec<u8> = messages.iter().map(|message| message.flag).collect();
        let at = expected.iter().zip(&observed).take_while(|(expected, observed)| expected == observed).count();
        (expected != observed).then(|| Missed {
            level: Level::Must,
            fault: side.into(),
            frame: messages.get(at).or(messages.last()).map(|message| message.first_frame),
            expected: format!("{what} compressed flags {expected:?}"),
            observed: format!("{observed:?}"),
        })
    };
    let both = [of(&expected.request, Side::Client, "request"), of(&expected.response, Side::Server, "response")];
    both.into_iter().flatten().collect()
}
