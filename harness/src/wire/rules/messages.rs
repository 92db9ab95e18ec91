use super::framing::defects;
use super::{Broken, text, view};
use crate::model::Side;
use crate::wire::{Connection, Layer, Message, Stream, Unreadable};

pub(super) fn w6(connection: &Connection) -> Vec<Broken> {
    let mut broken =
        defects(connection, Layer::Message, "messages of a flag of 0 or 1, a length of four bytes and so many bytes");
    for (stream, side) in sent(connection) {
        for message in &stream.half(side).messages {
            // Where no encoding is named W7 speaks; one that is not known here, and what is too large, are not judged.
            if let Err(why @ Unreadable::Corrupt(_)) = &message.body {
                let expected = "a compressed message that inflates";
                broken.push(Broken::new(side, message.last_frame, expected, why.to_string()));
            }
        }
    }
    broken
}

pub(super) fn w7(connection: &Connection) -> Vec<Broken> {
    sent(connection).filter_map(|(stream, side)| compressed(stream, side)).collect()
}

/// The first compressed message of a direction that may not be so.
fn compressed(stream: &Stream, side: Side) -> Option<Broken> {
    let request = view::request(stream)?;
    let headers = match side {
        Side::Client => request,
        Side::Server => view::response(stream)?,
    };
    let message: &Message = stream.half(side).messages.iter().find(|message| message.flag == 1)?;
    let broken = |expected, observed| Some(Broken::new(side, message.first_frame, expected, observed));
    let observed = |encoding| format!("a compressed message under {}", text::field(b"grpc-encoding", encoding));
    match headers.get("grpc-encoding") {
        None => broken("grpc-encoding for a compressed message", "a compressed message without it".to_owned()),
        Some(b"identity") => {
            broken("grpc-encoding other than identity for a compressed message", observed(b"identity"))
        }
        Some(encoding) => {
            let mut offers = request.all("grpc-accept-encoding").peekable();
            offers.peek().filter(|_| side == Side::Server)?;
            let mut offered = offers.flat_map(|value| value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
            if offered.any(|name| name == encoding) {
                return None;
            }
            broken("an encoding that the request's grpc-accept-encoding offers", observed(encoding))
        }
    }
}

/// Both directions of each stream.
fn sent(connection: &Connection) -> impl Iterator<Item = (&Stream, Side)> {
    connection.streams.values().flat_map(|stream| Side::BOTH.map(|side| (stream, side)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::rules::fixtures::{Subject, of_rule};

    #[test]
    fn the_decoders_limit_is_not_the_senders_fault() {
        let fixture = of_rule("W6").into_iter().find(|f| f.name == "gzip that does not inflate").unwrap();
        let Subject::Http2(mut connection) = fixture.subject else { panic!("W6 is about HTTP/2") };
        assert_eq!(w6(&connection).len(), 1);
        connection.streams.get_mut(&1).unwrap().server.messages[0].body = Err(Unreadable::Limit);
        assert_eq!(w6(&connection), []);
    }
}
