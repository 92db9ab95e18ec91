use super::{Direction, Field, Said, Sent, compare, ours, sample, theirs};
use crate::judge::Recording;
use crate::model::Side::{self, Client, Server};
use crate::model::{CaseId, CellId, Evidence, PeerId, Transport, Verdict};
use crate::report::{Carries, CellResult, Origin};
use crate::wire::build::{Exchange, message};
use crate::wire::flag::END_STREAM;
use crate::wire::{Transcript, code};

/// What tshark 4.4 prints of three packets, in part: a request's headers; DATA of two streams in one packet, where each message stands
/// behind the frame it ends in; a reset.
const PRINTED: &str = r#"[
  {
 "_index": "x", "_source": {"layers": {"frame": {"frame.number": "1"}, "ip": {"filtered": "ip"},
  "http2": {"http2.stream": {"http2.magic": "PRI"}},
  "http2": {"http2.stream": {"http2.length": "30", "http2.type": "1", "http2.flags": "0x04", "http2.flags_tree": {"http2.flags.eh": "1"},
   "http2.streamid": "1",
   "http2.header": {"http2.header.name": ":method", "http2.header.value.length": "4", "http2.header.value": "POST"},
   "http2.header": {"http2.header.name": "x", "http2.header.value.length": "1", "http2.header.value": "1"}}},
  "http2": {"http2.stream": {"http2.length": "9", "http2.type": "9", "http2.flags": "0x04", "http2.streamid": "1",
   "http2.header": {"http2.header.name": "x-bin", "http2.header.value.length": "3", "http2.header.value": ""}}}}}
  },
  {
 "_index": "x", "_source": {"layers": {"frame": {"frame.number": "2"},
  "http2": {"http2.stream": {"http2.length": "8", "http2.type": "0", "http2.flags": "0x01", "http2.streamid": "1", "http2.data.data": "00"}},
  "grpc": {"grpc.frame_type": "0", "grpc.compressed_flag": "0", "grpc.message_length": "3"},
  "http2": {"http2.stream": {"http2.length": "6", "http2.type": "0", "http2.flags": "0x00", "http2.streamid": "3", "http2.data.data": "00"}},
  "grpc": {"grpc.compressed_flag": "1", "grpc.message_length": "1"}}}
  },
  {
 "_index": "x", "_source": {"layers": {"frame": {"frame.number": "3"},
  "http2": {"http2.stream": {"http2.length": "4", "http2.type": "3", "http2.flags": "0x00", "http2.streamid": "1",
   "http2.rst_stream.error": "8"}}}}
  }
]
"#;

fn origins() -> Vec<Origin> {
    [Client, Client, Server].map(|side| Origin { cell: 4, connection: 2, side, carries: Carries::Http2 }).to_vec()
}

fn direction(stream: u32, side: Side) -> Direction {
    Direction { cell: 4, connection: 2, stream, side }
}

#[test]
fn what_tshark_prints_is_read_by_stream_and_side() {
    let fields = [(":method", "POST"), ("x", "1"), ("x-bin", "\0ab")];
    let fields = fields.map(|(name, value)| Field::of(name.as_bytes(), value.as_bytes()));
    let first = Sent {
        frames: vec![(1, 30), (9, 9), (0, 8)],
        headers: vec![fields.to_vec()],
        messages: vec![(0, 3)],
        resets: vec![],
        ends: 1,
    };
    let second = Sent { frames: vec![(0, 6)], messages: vec![(1, 1)], ..Sent::default() };
    let reset = Sent { frames: vec![(3, 4)], resets: vec![8], ..Sent::default() };
    let expected =
        Said::from([(direction(1, Client), first), (direction(3, Client), second), (direction(1, Server), reset)]);
    assert_eq!(theirs(PRINTED.as_bytes(), &origins()), Ok(expected));
}

#[test]
fn output_that_is_not_of_this_file_is_refused() {
    for (printed, why) in [
        ("", "breaks off"),
        ("[\n  {\n\"_source\": {}\n  }\n]\n", "without layers"),
        ("[\n  {\n\"_source\": {\n  }\n]\n", "no JSON"),
        (PRINTED.trim_end().trim_end_matches(']'), "breaks off"),
        (&PRINTED.replace("\"frame.number\": \"3\"", "\"frame.number\": \"9\""), "was not written"),
        (&PRINTED.replace("\"http2.streamid\": \"3\",", ""), "without http2.streamid"),
    ] {
        let error = theirs(printed.as_bytes(), &origins()).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

fn exchange() -> Exchange {
    Exchange::new()
        .preface()
        .headers(Client, 1, 0, &[(":method", "POST"), ("x-bin", "a\u{e9}\0b")])
        .data(Client, 1, END_STREAM, [message(0, b"abc"), message(1, b"")].concat())
        .window_update(Server, 0, 9)
        .headers(Server, 1, END_STREAM, &[(":status", "200"), ("grpc-status", "0")])
        .rst_stream(Server, 1, code::NO_ERROR)
}

fn said() -> Said {
    let transcript = Transcript { connections: vec![exchange().connection_at(2)], sealed: true };
    let mut said = Said::new();
    ours(&mut said, 4, &Recording::Frames(transcript));
    said
}

#[test]
fn our_decoder_says_the_same_kind_of_thing() {
    let said = said();
    let client = &said[&direction(1, Client)];
    let field = |name: &str, value: &str, length| Field { name: name.into(), value: value.into(), length };
    assert_eq!(client.headers, [[field(":method", "POST", 4), field("x-bin", "a\u{fffd}\u{fffd}", 5)]]);
    assert_eq!((client.messages.as_slice(), client.ends), (&[(0, 3), (1, 0)][..], 1));
    let server = &said[&direction(1, Server)];
    assert_eq!((server.resets.as_slice(), server.ends, server.frames.len()), (&[0][..], 1, 2));
    assert_eq!(said[&direction(0, Server)].frames, [(8, 4)]);
}

#[test]
fn every_kind_of_difference_is_found_with_its_place() {
    type Change = fn(&mut Sent);
    let changes: [(&str, Change); 5] = [
        ("frames", |sent| sent.frames.swap(0, 1)),
        ("header fields", |sent| sent.headers[0].swap(0, 1)),
        ("messages", |sent| sent.messages.push((0, 1))),
        ("reset codes", |sent| sent.resets = vec![8]),
        ("END_STREAM", |sent| sent.ends = 0),
    ];
    for (what, change) in changes {
        let mut other = said();
        change(other.get_mut(&direction(1, Server)).unwrap());
        let [difference] = compare(&said(), &other).try_into().unwrap();
        assert!(difference.what.starts_with(what), "{difference:?}");
        assert_eq!(difference.direction, direction(1, Server));
    }
    assert_eq!(compare(&said(), &said()), []);
    let (mut less, all) = (said(), said());
    less.remove(&direction(0, Server));
    for (ours, theirs) in [(&all, &less), (&less, &all)] {
        let found = compare(ours, theirs);
        assert_eq!(
            found.iter().map(|one| (one.direction, one.what)).collect::<Vec<_>>(),
            [(direction(0, Server), "frames (type, length)")]
        );
    }
}

fn cell(case: &str, client: &str, evidence: Evidence) -> CellResult {
    let transport = if evidence == Evidence::Tls { Transport::Tls } else { Transport::Plaintext };
    let cell = CellId { case: CaseId::new(case), client: PeerId::new(client), server: PeerId::new("s"), transport };
    CellResult {
        id: cell.to_string(),
        cell,
        verdict: Verdict::Pass,
        evidence,
        reason: String::new(),
        round: 0,
        outcomes: vec![],
        link: None,
        duration_ms: 0,
        failing: vec![],
        notes: vec![],
    }
}

#[test]
fn a_sample_has_one_cell_of_each_case_and_goes_round_the_peers() {
    use Evidence::{Frames, None, Tls};
    let mut cells = Vec::new();
    for case in ["a", "b", "c"] {
        cells.extend(["x", "y"].map(|client| cell(case, client, Frames)));
        cells.push(cell(case, "z", Tls));
    }
    cells.push(cell("d", "x", None));
    cells.push(cell("d", "y", Tls));
    cells.push(cell("e", "x", None));
    let ids: Vec<_> = sample(&cells).into_iter().map(|cell| cell.id.as_str()).collect();
    assert_eq!(ids, ["a/x/s/plaintext", "b/y/s/plaintext", "c/x/s/plaintext", "d/y/s/tls"]);
}
