use super::rule::Check::{Http2, Tls};
use super::rule::{Binds, Rule};
use super::{
    closing, compression, ending, flow, framing, messages, metadata, multiplexing, request, response, states, timeout,
    tls, tls_hello,
};
use crate::model::Level;

macro_rules! grpc {
    ($section:literal) => {
        concat!("https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#", $section)
    };
}

macro_rules! http2 {
    ($section:literal) => {
        concat!("https://www.rfc-editor.org/rfc/rfc9113#section-", $section)
    };
}

/// The rule that is broken where the decoder reached one of its limits.
pub const LIMIT_RULE: &str = "H5";

/// Every rule that holds on every call, by id. The one list: what is not here is not checked.
pub static RULES: &[Rule] = &[
    Rule {
        id: "H1",
        title: "Frames are laid out as HTTP/2 says",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("4"),
        says: "Each frame has the length, stream and fields of its type, and no frame stands inside a header block. \
               A receiver must end the connection over most such errors, but some stacks do not. Of a frame that did not \
               end, only that it announces more than the receiver takes is wrong. What is no HTTP/2 at all is H3's.",
        check: Http2(framing::h1),
    },
    Rule {
        id: "H2",
        title: "Header blocks can be decompressed",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("4.3"),
        says: "Each header block is valid HPACK, given all blocks of that direction before it. After one that is not, the \
               two sides' tables differ, so later headers are not judged. What size the dynamic table may have, and when \
               that must be said, is W20's.",
        check: Http2(compression::h2),
    },
    Rule {
        id: "H3",
        title: "Both sides begin with their preface",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("3.4"),
        says: "A client's first bytes are the connection preface, and each side's first frame is SETTINGS, not an \
               acknowledgement, nor anything else that cannot be one. A connection that ends before a side said anything, \
               or inside the first frame, breaks nothing.",
        check: Http2(framing::h3),
    },
    Rule {
        id: "H4",
        title: "Frames fit the state of their stream",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("5.1"),
        says: "DATA, RST_STREAM and WINDOW_UPDATE come only on streams that were opened, and no DATA or HEADERS after the \
               sender's own END_STREAM or RST_STREAM; nothing in them is judged further. WINDOW_UPDATE and RST_STREAM \
               after them are let pass, though not by the text: stacks send them for streams they are done with. What \
               crosses the other side's reset is no violation; a stream opened by the server is W15's.",
        check: Http2(states::h4),
    },
    Rule {
        id: LIMIT_RULE,
        title: "The connection could be decoded to its end",
        level: Level::Must,
        binds: Binds::Neither,
        spec: http2!("10.5"),
        says: "The decoder bounds what it holds, as every endpoint should. Beyond such a bound it saw nothing, \
               so the other rules' silence would mean nothing there. This says nothing about right or wrong of the peer.",
        check: Http2(framing::h5),
    },
    Rule {
        id: "T1",
        title: "A TLS side's octets are TLS records and begin with its hello",
        level: Level::Must,
        binds: Binds::Both,
        spec: "https://www.rfc-editor.org/rfc/rfc8446#section-5.1",
        says: "Each side sends records of a known type and no impossible length, and nothing else. A client's first \
               handshake message is a ClientHello; a server's is a ServerHello, before which only alerts may stand. A \
               side that ends before it said anything breaks nothing, nor does a server that refuses with an alert.",
        check: Tls(tls::t1),
    },
    Rule {
        id: "W1",
        title: "A request's pseudo-headers name the call",
        level: Level::Must,
        binds: Binds::Client,
        spec: grpc!("requests"),
        says: ":method is POST, :scheme is http (over TLS no frames are seen), :path is /service/method, and :authority is a \
               host with or without port. Servers route by them. Which method a path must name is the case's to say; a \
               pseudo-header that comes twice is W5's.",
        check: Http2(request::w1),
    },
    Rule {
        id: "W2",
        title: "te: trailers, and no connection-specific header",
        level: Level::Must,
        binds: Binds::Both,
        spec: grpc!("requests"),
        says: "Requests carry te: trailers, by which proxies that drop trailers are found out. Neither side sends \
               connection, keep-alive, proxy-connection, transfer-encoding or upgrade, nor te in a response: \
               HTTP/2 has no use for them (RFC 9113 section 8.2.2).",
        check: Http2(request::w2),
    },
    Rule {
        id: "W3",
        title: "A request's content-type is gRPC's",
        level: Level::Must,
        binds: Binds::Client,
        spec: grpc!("requests"),
        says: "There is one content-type: application/grpc, alone or followed by +format or ;parameter, so that no other \
               service takes the request for its own. application/grpc-web is another protocol. Of responses W8 says the \
               same.",
        check: Http2(request::w3),
    },
    Rule {
        id: "W4",
        title: "Header names and values keep to their alphabets",
        level: Level::Must,
        binds: Binds::Both,
        spec: grpc!("requests"),
        says: "Names are of 0-9 a-z _ - and dot. Values are printable ASCII without white space at either end (RFC 9113 \
               section 8.2.1); those of -bin names are base64, padded or not, several joined by commas. 0x00 followed by \
               raw bytes is right only where the receiver announced setting 0xfe03 = 1 before, until the ACK of another \
               value. Pseudo-headers are W1's, W5's and W9's, the value of grpc-message is W10's.",
        check: Http2(metadata::w4),
    },
    Rule {
        id: "W5",
        title: "Pseudo-headers stand first, and grpc- names mean what is defined",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("8.3"),
        says: "Pseudo-headers are known ones, come once, before all other headers and never in trailers. Names that \
               begin with grpc- are kept for the protocol: only those defined, by it or by its extensions, and only in \
               the direction they are defined for.",
        check: Http2(metadata::w5),
    },
    Rule {
        id: "W6",
        title: "DATA is a sequence of whole messages",
        level: Level::Must,
        binds: Binds::Both,
        spec: grpc!("requests"),
        says: "Each message is a flag of 0 or 1, a length of four bytes and so many bytes, cut into DATA frames anyhow; \
               compressed ones inflate. A stream that is reset or still open may hold part of one, a side that sent \
               END_STREAM may not. Bodies of answers that are not gRPC's are not read.",
        check: Http2(messages::w6),
    },
    Rule {
        id: "W7",
        title: "Compressed messages use an encoding that was named and offered",
        level: Level::Must,
        binds: Binds::Both,
        spec: "https://github.com/grpc/grpc/blob/master/doc/compression.md#specification",
        says: "A compressed message needs a grpc-encoding other than identity in the headers of its direction. \
               A server uses only one that the request's grpc-accept-encoding offers; where the request has none, \
               nothing is known of the client and nothing is checked. One finding a direction.",
        check: Http2(messages::w7),
    },
    Rule {
        id: "W8",
        title: "A response is headers, messages and trailers, or trailers only",
        level: Level::Must,
        binds: Binds::Server,
        spec: grpc!("responses"),
        says: "After informational answers come headers with gRPC's content-type, then DATA, then a header block with \
               END_STREAM; or the first block has END_STREAM itself. Calls that are reset or still open owe no \
               trailers. END_STREAM on DATA is W12's, the status W9's, anything after END_STREAM H4's.",
        check: Http2(response::w8),
    },
    Rule {
        id: "W9",
        title: "Status 200, and one grpc-status at the end",
        level: Level::Must,
        binds: Binds::Server,
        spec: grpc!("responses"),
        says: ":status is 200, and the header block with END_STREAM, and no other, has one grpc-status of 0 to 16 \
               without leading zeros. An answer with another :status is not gRPC's, and only this rule speaks of it. \
               Where END_STREAM is on DATA, W12 says so and this rule does not.",
        check: Http2(response::w9),
    },
    Rule {
        id: "W10",
        title: "grpc-message is percent-encoded",
        level: Level::Must,
        binds: Binds::Server,
        spec: grpc!("responses"),
        says: "Its octets are printable ASCII or spaces, % always begins an escape of two hexadecimal digits, and what that \
               stands for is UTF-8. Spaces may stand at either end. Escaping more than is needed is allowed; where a case \
               knows the message, it counts that.",
        check: Http2(response::w10),
    },
    Rule {
        id: "W11",
        title: "grpc-timeout is a positive number of a known unit",
        level: Level::Must,
        binds: Binds::Client,
        spec: grpc!("requests"),
        says: "1 to 8 digits, not zero, then one of H M S m u n. More digits overflow in some servers and are refused by \
               others. Whether it is the deadline that was asked for is the case's to say.",
        check: Http2(timeout::w11),
    },
    Rule {
        id: "W12",
        title: "A server ends a stream on headers, not on DATA",
        level: Level::Must,
        binds: Binds::Server,
        spec: grpc!("responses"),
        says: "END_STREAM of a gRPC answer is on a header block, because only there can the status be. On DATA it ends \
               the call without one, which clients have taken for success. This rule owns all that is missing then.",
        check: Http2(response::w12),
    },
    Rule {
        id: "W13",
        title: "A client half-closes on DATA or on its headers",
        level: Level::Must,
        binds: Binds::Client,
        spec: grpc!("requests"),
        says: "A request ends on its last DATA, on an empty DATA, or on its headers where it has no message, of which the \
               text does not speak and which servers understand. It never has a second header block: gRPC knows no \
               trailers of a client, and what is in them is not judged further. A stream that never ends owes nothing.",
        check: Http2(ending::w13),
    },
    Rule {
        id: "W14",
        title: "Resets say what they mean",
        level: Level::Must,
        binds: Binds::Both,
        spec: grpc!("client-cancellation"),
        says: "A client that resets before the server's END_STREAM does not say NO_ERROR: it gives up a call that is not \
               over. A server resets with NO_ERROR only after its trailers, or their status is lost. Other codes are not \
               judged: a client that finds an error of the server's has to name it (RFC 9113 section 5.4.2), and that a \
               cancellation is CANCEL is the case's to say. Nor are resets after the other side's.",
        check: Http2(ending::w14),
    },
    Rule {
        id: "W15",
        title: "Streams, SETTINGS and PINGs are counted",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("5.1.1"),
        says: "Streams are opened by the client only, with odd and increasing ids, and no more at once than the server \
               allows: a raised limit binds when seen, a lowered one from its ACK. An ACK answers a SETTINGS, and one \
               of a PING has its 8 bytes. An ACK still owed at the end is no violation.",
        check: Http2(multiplexing::w15),
    },
    Rule {
        id: "W16",
        title: "DATA keeps to the receiver's flow-control windows",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("6.9.1"),
        says: "A DATA frame, padding included, is no longer than what is left of its stream's and of the connection's window. \
               Credit counts when seen; a raised initial window does too, a lowered one from its ACK. Nor does a \
               receiver give credit that makes a window larger than 2^31-1. To give any is no duty. One finding a window; \
               WINDOW_UPDATE of 0 is H1's, DATA on a stream that is not open H4's.",
        check: Http2(flow::w16),
    },
    Rule {
        id: "W17",
        title: "user-agent names the library and its version",
        level: Level::Should,
        binds: Binds::Client,
        spec: grpc!("user-agents"),
        says: "A request has a user-agent that begins with grpc-, a language, perhaps a variant, a slash and a version, as is \
               recommended to those who write libraries. What follows is free: C core names two products there. One finding a \
               connection.",
        check: Http2(request::w17),
    },
    Rule {
        id: "W18",
        title: "TLS is what HTTP/2 asks for",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("9.2"),
        says: "A client offers TLS 1.2 or higher and the protocol h2 (RFC 9113 section 3.2), and sends the name it was \
               told as server name. A server chooses a version of TLS 1.2 or higher that was offered, and h2 if the \
               client offers it: seen in TLS 1.2 only, because TLS 1.3 encrypts that choice. Broken hellos are T1's.",
        check: Tls(tls_hello::w18),
    },
    Rule {
        id: "W19",
        title: "A connection ends after its calls, and as its GOAWAY says",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("6.8"),
        says: "The last stream of a GOAWAY never grows, and a server answers none above it. A client opens no stream once it \
               has read a GOAWAY, which its answer to a later PING proves. A client does not close a connection \
               with a call that is neither over nor reset, nor a server within an answer, but over an error of either. A \
               request may cross the server's end, so one that is not answered at all proves nothing.",
        check: Http2(closing::w19),
    },
    Rule {
        id: "W20",
        title: "The HPACK table keeps to the receiver's limit",
        level: Level::Must,
        binds: Binds::Both,
        spec: http2!("4.3.1"),
        says: "A dynamic table size update stands at the start of its header block and sets no more than the receiver allows, \
               a raised limit when seen, a lowered one from its ACK. Where a limit below the table's size was \
               acknowledged, the next header block begins with one that is no larger. One finding a direction.",
        check: Http2(compression::w20),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_in_order() {
        let key = |rule: &Rule| (rule.id[..1].to_owned(), rule.id[1..].parse::<u32>().unwrap());
        assert!(RULES.is_sorted_by(|a, b| key(a) < key(b)));
    }

    #[test]
    fn specs_are_known_documents() {
        for rule in RULES {
            let (document, section) = rule.spec.split_once('#').unwrap();
            let known = match document {
                "https://www.rfc-editor.org/rfc/rfc8446" | "https://www.rfc-editor.org/rfc/rfc9113" => section
                    .strip_prefix("section-")
                    .is_some_and(|number| number.split('.').all(|part| part.parse::<u32>().is_ok())),
                "https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md"
                | "https://github.com/grpc/grpc/blob/master/doc/compression.md" => {
                    !section.is_empty() && section.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                }
                _ => false,
            };
            assert!(known, "{}: {}", rule.id, rule.spec);
        }
    }

    #[test]
    fn texts_are_whole_sentences_of_one_space() {
        for rule in RULES {
            assert!(rule.says.ends_with('.') && !rule.says.contains("  "), "{}: {}", rule.id, rule.says);
            assert!(!rule.title.ends_with('.'), "{}: {}", rule.id, rule.title);
        }
    }
}
