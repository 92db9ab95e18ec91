//! Header blocks that no single frame takes, unless its receiver allows larger ones than it must (RFC 9113 sections 4.2 and 4.3): so
//! they go on in CONTINUATION. That none of their frames is larger than allowed, and that nothing comes between them, is for H1 to
//! say.

use super::{Missed, sent, view};
use crate::model::{Direction, Level, Side};
use crate::wire::{Connection, Frame, HeaderBlock, Payload, Stream};

/// The largest frame that every receiver takes, in octets: the initial SETTINGS_MAX_FRAME_SIZE.
const FRAME: u64 = 16_384;

/// That the request headers, or the response headers, would have fitted into one frame, or are not there.
pub(super) fn large_headers(way: Direction, connection: &Connection, stream: &Stream) -> Option<Missed> {
    let (side, what) = sent(way);
    let block = match way {
        Direction::Request => view::request(stream),
        Direction::Response => view::response(stream),
    };
    let octets = block.map(|block| encoded(block, side, connection, stream));
    (octets.is_none_or(|octets| octets <= FRAME)).then(|| Missed {
        level: Level::Must,
        fault: side.into(),
        frame: block.map(|block| block.first_frame),
        expected: format!("{what} headers of more than {FRAME} octets as encoded"),
        observed: octets.map_or("none that can be read".to_owned(), |octets| format!("{octets} octets")),
    })
}

/// The length of a header block on the wire, without padding and priority.
fn encoded(block: &HeaderBlock, side: Side, connection: &Connection, stream: &Stream) -> u64 {
    let frames = connection.frames.get(block.first_frame..=block.last_frame).unwrap_or_default();
    let own = frames.iter().filter(|frame| (frame.side, frame.stream) == (side, stream.id));
    own.map(|frame| u64::from(fragment(frame))).sum()
}

fn fragment(frame: &Frame) -> u32 {
    let (Payload::Headers { fragment, .. } | Payload::Continuation { fragment }) = frame.payload else { return 0 };
    fragment
}

#[cfg(test)]
mod tests {
    use crate::model::Direction::{Request, Response};
    use crate::model::Side::{Client, Server};
    use crate::model::{Direction, Side, WireRule};
    use crate::wire::build::{Exchange, padded};
    use crate::wire::flag::{END_HEADERS, END_STREAM, PADDED};
    use crate::wire::kind;
    use crate::wire::rules::case::check;

    /// What is found on stream 1: who is to blame, what there was, and in which frame.
    fn found(directions: &[Direction], exchange: &Exchange) -> Vec<(String, String, Option<usize>)> {
        let connection = exchange.connection();
        let found = check(&WireRule::LargeHeaders(directions.to_vec()), &connection, &connection.streams[&1]);
        found.into_iter().map(|f| (f.fingerprint(), f.observed, f.place.map(|place| place.frame))).collect()
    }

    fn missed(side: &str, observed: &str, frame: Option<usize>) -> Vec<(String, String, Option<usize>)> {
        vec![(format!("wire.large_headers@{side}"), observed.to_owned(), frame)]
    }

    /// Fields 3 and 8 of HPACK's static table: `:method: POST` and `:status: 200`.
    const POST: u8 = 0x83;
    const OK: u8 = 0x88;

    /// A header block of so many octets: an indexed field, then a literal one, which has six before its value.
    fn block(first: u8, octets: usize) -> Vec<u8> {
        let value = octets - 7;
        let rest = value - 127;
        let length = [0x7f, 0x80 | u8::try_from(rest % 128).unwrap(), u8::try_from(rest / 128).unwrap()];
        [&[first, 0, 1, b'x'], length.as_slice(), &vec![b'v'; value]].concat()
    }

    /// A header block of stream 1 with no more than `most` octets in its first frame, and a PING of the other side before the next.
    fn headers(exchange: Exchange, side: Side, block: &[u8], most: usize) -> Exchange {
        match block.split_at_checked(most).filter(|(_, rest)| !rest.is_empty()) {
            None => exchange.frame(side, kind::HEADERS, END_HEADERS, 1, block),
            Some((first, rest)) => {
                let begun = exchange.frame(side, kind::HEADERS, 0, 1, first).ping(side.other(), [0; 8]);
                begun.frame(side, kind::CONTINUATION, END_HEADERS, 1, rest)
            }
        }
    }

    fn begun(octets: usize, most: usize) -> Exchange {
        headers(Exchange::new().preface(), Client, &block(POST, octets), most)
    }

    #[test]
    fn one_octet_more_than_a_frame_takes() {
        assert_eq!(found(&[Request], &begun(16_385, 16_384)), []);
        assert_eq!(found(&[Request], &begun(16_384, 16_384)), missed("client", "16384 octets", Some(0)));
        assert_eq!(
            found(&[Request], &begun(16_384, 100)),
            missed("client", "16384 octets", Some(0)),
            "cut for nothing"
        );
        assert_eq!(found(&[Request], &begun(16_385, 20_000)), [], "the server allows it, or H1 says that it does not");
    }

    #[test]
    fn padding_is_not_counted() {
        let flags = END_HEADERS | PADDED;
        let block = padded(200, block(POST, 16_384));
        let exchange = Exchange::new().preface().frame(Client, kind::HEADERS, flags, 1, block);
        assert_eq!(found(&[Request], &exchange), missed("client", "16384 octets", Some(0)));
    }

    #[test]
    fn response_headers_are_neither_informational_nor_trailers() {
        let (large, small) = (block(OK, 16_385), block(OK, 200));
        let answered = |block: &[u8]| headers(begun(200, 16_384), Server, block, 16_384);
        assert_eq!(found(&[Response], &answered(&large)), []);
        let trailers = [&[0x00, 0x01, b't', 0x01, b'0'], &large[1..]].concat();
        assert_eq!(
            found(&[Response], &headers(answered(&small), Server, &trailers, 16_384)),
            missed("server", "200 octets", Some(1))
        );
        let informational = [&[0x08, 0x03], b"103".as_slice(), &large[1..]].concat();
        let informed = headers(begun(200, 16_384), Server, &informational, 16_384);
        assert_eq!(found(&[Response], &informed), missed("server", "none that can be read", None));
        assert_eq!(
            found(&[Response], &headers(informed, Server, &small, 16_384)),
            missed("server", "200 octets", Some(4))
        );
        let refused = begun(200, 16_384).headers(Server, 1, END_STREAM, &[("grpc-status", "8")]);
        assert_eq!(found(&[Response], &refused)[0].0, "wire.large_headers@server");
    }

    #[test]
    fn each_direction_is_asked_for_itself() {
        let both = [missed("client", "200 octets", Some(0)), missed("server", "none that can be read", None)].concat();
        assert_eq!(found(&[Request, Response], &begun(200, 16_384)), both);
        assert_eq!(found(&[], &begun(200, 16_384)), []);
    }
}
