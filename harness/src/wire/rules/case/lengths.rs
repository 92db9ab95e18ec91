use super::Missed;
use crate::model::{Lengths, Level, Side};
use crate::wire::{Message, Stream};

/// What breaks the rule, at most one finding a direction.
pub(super) fn lengths(expected: &Lengths, stream: &Stream) -> Vec<Missed> {
    let of = |expected: &Option<Vec<u32>>, side: Side, what: &str| {
        let expected: Vec<String> = expected.as_ref()?.iter().map(u32::to_string).collect();
        let messages = &stream.half(side).messages;
        let observed: Vec<String> = messages.iter().map(length).collect();
        let at = expected.iter().zip(&observed).take_while(|(expected, observed)| expected == observed).count();
        (expected != observed).then(|| Missed {
            level: Level::Must,
            fault: side.into(),
            frame: messages.get(at).or(messages.last()).map(|message| message.first_frame),
            expected: format!("{what} lengths [{}]", expected.join(", ")),
            observed: format!("[{}]", observed.join(", ")),
        })
    };
    let both = [of(&expected.request, Side::Client, "request"), of(&expected.response, Side::Server, "response")];
    both.into_iter().flatten().collect()
}

fn length(message: &Message) -> String {
    match &message.body {
        Ok(body) => body.len().to_string(),
        Err(why) => format!("unreadable: {why}"),
    }
}
