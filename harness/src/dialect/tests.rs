use super::*;
use crate::input::Project;
use crate::model::Side::{Client, Server};
use crate::model::{Case, CaseId, PeerId, Side};
use crate::wire::build::{Exchange, message};
use crate::wire::flag::END_STREAM;
use crate::wire::{Transcript, setting};
use proptest::prelude::*;
use std::path::Path;
use std::sync::LazyLock;

/// The repository, read once.
static PROJECT: LazyLock<Project> = LazyLock::new(|| Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap());

fn case(id: &str) -> Case {
    PROJECT.case(&CaseId::new(id)).unwrap().clone()
}

const REQUEST: [(&str, &str); 7] = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/grpc.testing.TestService/EmptyCall"),
    (":authority", "10.0.0.2:4711"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
    ("user-agent", "grpc-x/1.2.3"),
];

fn transcript(exchange: &Exchange) -> Transcript {
    Transcript { connections: vec![exchange.connection()], sealed: true }
}

/// `empty_unary` by a client and a server that do as the protocol says.
fn plain() -> Exchange {
    Exchange::new()
        .preface()
        .settings(Client, &[(setting::ENABLE_PUSH, 0)])
        .settings(Server, &[])
        .headers(Client, 1, 0, &REQUEST)
        .data(Client, 1, END_STREAM, message(0, b""))
        .headers(Server, 1, 0, &[(":status", "200"), ("content-type", "application/grpc")])
        .data(Server, 1, 0, message(0, b""))
        .headers(Server, 1, END_STREAM, &[("grpc-status", "0")])
}

#[test]
fn a_plain_call_is_canonical_but_for_what_the_protocol_leaves_open() {
    let case = case("empty_unary");
    let mut form = observed(&case, &transcript(&plain()));
    let left_open = [
        (Key::new(0, Client, Name::Settings), "ENABLE_PUSH=0"),
        (Key::new(0, Server, Name::Settings), "empty"),
        (Key::new(1, Client, Name::header("user-agent")), "grpc-x/#"),
    ];
    for (key, value) in left_open {
        assert_eq!(form.facts.remove(&key).as_deref(), Some(value), "{key:?}");
    }
    assert_eq!(form, canonical(&case));
}

#[test]
fn noise_does_not_change_a_form() {
    let mut headers = REQUEST;
    headers[3] = (":authority", "10.9.9.9:1");
    headers[6] = ("user-agent", "grpc-x/1.10.0-dev");
    headers.swap(4, 6);
    let noisy = Exchange::new()
        .preface()
        .settings(Client, &[(setting::ENABLE_PUSH, 0)])
        .window_update(Client, 0, 1 << 20)
        .settings(Server, &[])
        .settings_ack(Client)
        .settings_ack(Server)
        .ping(Server, [7; 8])
        .ping_ack(Client, [7; 8])
        .headers(Client, 5, 0, &headers)
        .data_in_frames(Client, 5, END_STREAM, message(0, b""), 2)
        .settings(Server, &[(setting::INITIAL_WINDOW_SIZE, 1 << 20)])
        .headers(Server, 5, 0, &[("content-type", "application/grpc"), (":status", "200")])
        .data_in_frames(Server, 5, 0, message(0, b""), 3)
        .headers(Server, 5, END_STREAM, &[("grpc-status", "0")])
        .rst_stream(Server, 5, 0)
        .goaway(Client, 0, 0, b"")
        .end(Client);
    let case = case("empty_unary");
    assert_eq!(observed(&case, &transcript(&noisy)), observed(&case, &transcript(&plain())));
}

#[test]
fn after_a_cancel_only_what_was_waited_for_counts() {
    let case = case("cancel_after_first_response");
    let request = message(0, [0; 30]);
    let before = || {
        Exchange::new()
            .preface()
            .settings(Client, &[])
            .settings(Server, &[])
            .headers(Client, 1, 0, &REQUEST)
            .data(Client, 1, 0, &request)
            .headers(Server, 1, 0, &[(":status", "200"), ("content-type", "application/grpc")])
            .data(Server, 1, 0, message(0, [0; 20]))
            .rst_stream(Client, 1, 8)
    };
    let late = before()
        .data(Server, 1, 0, message(0, [0; 20]))
        .headers(Server, 1, END_STREAM, &[("grpc-status", "1")])
        .rst_stream(Server, 1, 8);
    let form = observed(&case, &transcript(&before()));
    assert_eq!(observed(&case, &transcript(&late)), form);
    assert_eq!(form.get(&Key::new(1, Client, Name::Reset)).map(|code| &**code), Some("CANCEL"));
    assert_eq!(form.get(&Key::new(1, Server, Name::Messages)).map(|sizes| &**sizes), Some("20"));
}

#[test]
fn what_differs_shows_where_it_is() {
    let case = case("empty_unary");
    let odd = Exchange::new()
        .preface()
        .settings(Client, &[(setting::ENABLE_PUSH, 0)])
        .settings(Server, &[])
        .headers(Client, 1, 0, &REQUEST)
        .data(Client, 1, 0, message(0, b""))
        .data(Client, 1, END_STREAM, b"")
        .headers(Server, 1, END_STREAM, &[(":status", "200"), ("grpc-status", "12"), ("grpc-message", "no")])
        .rst_stream(Server, 1, 2);
    let (plain, odd) = (observed(&case, &transcript(&plain())), observed(&case, &transcript(&odd)));
    let keys = plain.facts.keys().chain(odd.facts.keys());
    let mut differing: Vec<String> = keys
        .filter(|key| plain.get(key) != odd.get(key))
        .map(|key| format!("{} {} = {}", key.side, key.name, odd.get(key).map_or("nothing", |value| value)))
        .collect();
    differing.sort();
    differing.dedup();
    let expected = [
        "client end = by itself",
        "server answer = trailers only",
        "server header content-type = nothing",
        "server messages = nothing",
        "server reset = INTERNAL_ERROR",
        "server trailer grpc-message = no",
        "server trailer grpc-status = 12 UNIMPLEMENTED",
    ];
    assert_eq!(differing, expected);
}

#[test]
fn every_case_has_a_canonical_text_of_its_own() {
    let texts: Vec<String> = PROJECT
        .cases
        .iter()
        .filter(|case| is_compared(case))
        .map(|case| write_case(case, &canonical(case), &Dialects::default()))
        .collect();
    assert!(texts.len() > 30);
    for (at, text) in texts.iter().enumerate() {
        assert!(!texts[..at].contains(text), "said twice:\n{text}");
    }
}

/// A matrix of some cases and three peers, each cell as its case predicts but for some facts.
#[derive(Debug, Clone)]
struct Matrix {
    cases: Vec<Case>,
    cells: Vec<(usize, Pair, Form)>,
}

const PEERS: [&str; 3] = ["ann", "bob", "cid"];
const CASES: [&str; 5] = ["empty_unary", "large_unary", "server_streaming", "ping_pong", "status_code_and_message"];

fn a_matrix() -> impl Strategy<Value = Matrix> {
    let fact = || (any::<bool>(), 0..6_usize, prop::option::of("[a-c: =>]{0,3}[a-c]"));
    let cells = prop::collection::vec(prop::collection::vec((0..2_u32, fact()), 0..3), CASES.len() * 9);
    let habits = prop::collection::vec((prop::sample::select(&PEERS), fact()), 0..6);
    (cells, habits).prop_map(|(edits, habits)| {
        let cases = CASES.map(case).to_vec();
        let places = (0..CASES.len())
            .flat_map(|case| PEERS.into_iter().flat_map(move |client| PEERS.map(|server| (case, client, server))));
        let cells = places.zip(edits).map(|((case, client, server), edits)| {
            let mut form = canonical(&cases[case]);
            let calls = u32::try_from(cases[case].calls.len()).unwrap();
            for (peer, (of_client, name, value)) in &habits {
                let side = if *of_client { Client } else { Server };
                if *peer == if *of_client { client } else { server } {
                    (1..=calls).for_each(|call| edit(&mut form, (call, side), *name, value.clone()));
                }
            }
            for (call, (of_client, name, value)) in edits {
                let side = if of_client { Client } else { Server };
                edit(&mut form, (call.min(calls), side), name, value);
            }
            (case, Pair { client: PeerId::new(client), server: PeerId::new(server) }, form)
        });
        Matrix { cells: cells.collect(), cases }
    })
}

fn edit(form: &mut Form, (call, side): (u32, Side), name: usize, value: Option<String>) {
    let names = [Name::Settings, Name::Answer, Name::header("te"), Name::header("x"), Name::trailer("x"), Name::Reset];
    let name = names[name].clone();
    let call = if name == Name::Settings { 0 } else { call.max(1) };
    let value = if name == Name::Answer { value.map(|_| "trailers only".to_owned()) } else { value };
    let key = Key::new(call, side, name);
    match value {
        Some(value) => form.set(key, value),
        None => drop(form.facts.remove(&key)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn layers_give_each_cell_its_form_again_also_from_their_texts(matrix in a_matrix()) {
        let canonicals: Vec<Form> = matrix.cases.iter().map(canonical).collect();
        let observed = |form: fn(&Form, &Form) -> Form| -> Vec<(usize, Pair, Form)> {
            matrix.cells.iter().map(|(case, pair, seen)| (*case, pair.clone(), form(seen, &canonicals[*case]))).collect()
        };
        let cells = observed(|seen, _| seen.clone());
        let dialects = factored(&matrix.cases, &canonicals, &cells);
        for (case, pair, form) in &cells {
            prop_assert_eq!(&dialects.form(&matrix.cases[*case].id, &canonicals[*case], pair), form);
        }

        let mut read = Dialects::default();
        for (case, canonical) in matrix.cases.iter().zip(&canonicals) {
            read_case(&case.id, &write_case(case, canonical, &dialects), &mut read).unwrap();
        }
        for peer in PEERS.map(PeerId::new) {
            read_peer(&peer, &write_peer(&peer, &dialects), &mut read).unwrap();
        }
        prop_assert_eq!(&read, &dialects);

        // What they say of the cells, taken for what was seen, says the same again.
        let again: Vec<(usize, Pair, Form)> = cells
            .iter()
            .map(|(case, pair, _)| (*case, pair.clone(), dialects.form(&matrix.cases[*case].id, &canonicals[*case], pair)))
            .collect();
        prop_assert_eq!(&factored(&matrix.cases, &canonicals, &again), &dialects);
    }
}

fn factored(cases: &[Case], canonicals: &[Form], cells: &[(usize, Pair, Form)]) -> Dialects {
    let observed = cells.iter().map(|(case, pair, form)| Observed {
        case: &cases[*case].id,
        canonical: &canonicals[*case],
        pair,
        form,
    });
    factor(&observed.collect::<Vec<_>>())
}

/// A matrix in which each thing is somebody's.
fn told() -> (Vec<Case>, Dialects) {
    let cases = CASES.map(case).to_vec();
    let canonicals: Vec<Form> = cases.iter().map(canonical).collect();
    let mut cells = Vec::new();
    for (at, canonical) in canonicals.iter().enumerate() {
        for client in PEERS {
            for server in PEERS {
                let mut form = canonical.clone();
                let calls = u32::try_from(cases[at].calls.len()).unwrap();
                for call in 1..=calls {
                    if client == "ann" {
                        form.set(Key::new(call, Client, Name::header("user-agent")), "ann/#");
                    }
                    if server == "bob" && at == 4 {
                        form.set(Key::new(call, Server, Name::Answer), "headers and trailers");
                        // A client does so because of that server.
                        form.set(Key::new(call, Client, Name::Reset), "CANCEL");
                    }
                }
                if (client, server, at) == ("cid", "ann", 0) {
                    form.facts.remove(&Key::new(1, Client, Name::header("te")));
                }
                cells.push((at, Pair { client: PeerId::new(client), server: PeerId::new(server) }, form));
            }
        }
    }
    let dialects = factored(&cases, &canonicals, &cells);
    (cases, dialects)
}

#[test]
fn each_thing_is_said_once_and_where_it_belongs() {
    let (cases, dialects) = told();
    let mut text = write_peer(&PeerId::new("ann"), &dialects);
    for case in [&cases[0], &cases[4]] {
        text.push_str("\n=====\n");
        text.push_str(&write_case(case, &canonical(case), &dialects));
    }
    insta::assert_snapshot!(text, @r"
ann, whatever the case

client:
  header user-agent: ann/#

=====
An empty request is answered by an empty response

call 1: TestService/EmptyCall
  -> messages: 0
  <- messages: 0
  <- trailer grpc-status: 0 OK

pair cid -> ann:
  call 1 -> no header te

=====
A status the client asks for comes back with its code and message, on a unary call and on a stream

call 1: TestService/UnaryCall
  -> messages: 25
  <- answer: trailers only
  <- trailer grpc-message: test status message
  <- trailer grpc-status: 2 UNKNOWN

call 2: TestService/FullDuplexCall
  -> messages: 25
  <- answer: trailers only
  <- trailer grpc-message: test status message
  <- trailer grpc-status: 2 UNKNOWN

server bob:
  calls 1-2 -> reset: CANCEL
  calls 1-2 <- answer: headers and trailers
");
}

#[test]
fn a_text_that_is_none_is_refused_with_its_line() {
    let bad = [
        ("t\n\ncall 1: EmptyCall\n  -> messages: 0\n\nclient ann\n", 6, "client ann"),
        ("t\n\nclient ann:\n  call 1 - end: x\n", 4, "  call 1 - end: x"),
        ("t\n\nclient ann:\n  call 0 -> end: x\n", 4, "  call 0 -> end: x"),
        ("t\n\nclient ann:\n  call 1 -> nonsense: x\n", 4, "  call 1 -> nonsense: x"),
        ("t\n\nclient ANN:\n", 3, "client ANN:"),
        ("t\n\npair ann:\n", 3, "pair ann:"),
    ];
    for (text, line, found) in bad {
        let error = read_case(&CaseId::new("x"), text, &mut Dialects::default()).unwrap_err();
        assert_eq!((error.line, error.found.as_str()), (line, found), "{text}");
    }
    for (text, line) in [("t\n  end: x\n", 2), ("t\nclient:\n  end\n", 3), ("t\nboth:\n", 2)] {
        assert_eq!(read_peer(&PeerId::new("x"), text, &mut Dialects::default()).unwrap_err().line, line, "{text}");
    }
}
