use super::CheckedCase;
use crate::input::yaml;
use crate::model::{Case, Compressed, Expires, Method, Receive, Step, WireRule};
use std::path::Path;

const HEAD: &str = "id: c\ntitle: t\nspec: https://example.test/c\nwire: [trailers_only]\n";

fn parse(body: &str) -> Result<Case, String> {
    let parsed = yaml::parse_text::<CheckedCase>(Path::new("c.yaml"), &format!("{HEAD}{body}"));
    parsed.map(|CheckedCase(case)| case).map_err(|error| error.to_string())
}

#[test]
fn a_single_call_may_stand_at_the_top() {
    let case = parse("method: UnaryCall\nsteps: [{send: {body_size: 1}}]\n").unwrap();
    assert_eq!(case.calls.len(), 1);
    assert_eq!(case.calls[0].method, Method::UnaryCall);
    assert!(matches!(case.calls[0].steps[..], [Step::Send(_)]));
}

#[test]
fn every_refusal_names_place_and_expectation() {
    let unary = "method: UnaryCall\nsteps:\n  - send: ";
    let stream = "method: FullDuplexCall\nsteps: ";
    let bad = [
        ("cals: []".to_owned(), "unknown key"),
        ("calls: 5".to_owned(), "wrong type"),
        ("{}".to_owned(), "not a mapping here"),
        ("level: must".to_owned(), "no calls"),
        ("method: UnryCall".to_owned(), "unknown method"),
        (format!("{unary}{{body_szie: 1}}"), "unknown field of a step"),
        (format!("{unary}{{body_size: -1}}"), "negative"),
        (format!("{unary}{{body_size: 16777217}}"), "over the limit"),
        (format!("{unary}{{responses: [{{size: 1}}]}}"), "a field of another method"),
        (format!("{stream}[{{send: {{fill_username: true}}}}]"), "a username of a stream"),
        (format!("{unary}{{}}\n  - send: {{}}"), "two sends on a unary call"),
        (format!("{unary}{{}}\n  - half_close"), "half-close on a unary call"),
        (format!("{stream}[half_close, {{send: {{}}}}]"), "send after half-close"),
        (format!("{stream}[{{sned: {{}}}}]"), "unknown step"),
        (format!("{stream}[half_close]\ncalls: [{{method: EmptyCall, steps: [{{send: {{}}}}]}}]"), "both forms"),
        (format!("{stream}[half_close]\ntimeout_ms: 5"), "too short"),
        (format!("{stream}[{{receive: many}}]"), "no number of messages"),
        (format!("{stream}[{{receive: {{count: 0, pause_ms: 1}}}}]"), "pauses before no message"),
        (format!("{stream}[{{receive: {{count: 1, pause_s: 1}}}}]"), "unknown field of a receive"),
        (format!("{stream}[{{send: {{responses: [{{size: 1, times: 20000}}]}}}}]"), "too many responses"),
        (
            format!("{stream}[{{send: {{status: {{code: ABORTED, message: {{text: x, times: 70000}}}}}}}}]"),
            "too long a text",
        ),
        (format!("{stream}[{{send: {{status: {{code: ABORTED, message: [x]}}}}}}]"), "no text"),
        (format!("{stream}[half_close]\ntransports: []"), "no transport"),
        (format!("{stream}[half_close]\ntransports: [tsl]"), "unknown transport"),
        (format!("{stream}[half_close]\nserver: expird"), "unknown server configuration"),
        (format!("{stream}[half_close]\ntls: {{ca: stranger}}"), "tls of a case for both transports"),
        (format!("{stream}[half_close]\nexpect: {{status: OK, any_error: true}}"), "two expectations"),
        ("calls: [{method: EmptyCall, repeat: 0, steps: [{send: {}}]}]".to_owned(), "no repeats"),
        (
            "calls: [{method: EmptyCall, repeat: 200, concurrent: 100, steps: [{send: {}}]}]".to_owned(),
            "too many calls",
        ),
        ("calls: [{method: EmptyCall, metadata: [{key: Bad, value: x}], steps: [{send: {}}]}]".to_owned(), "bad key"),
        (
            "calls: [{method: EmptyCall, metadata: [{key: a-bin, value: x}], steps: [{send: {}}]}]".to_owned(),
            "text in -bin",
        ),
        (compressed("{response: [true], requests: [false]}"), "unknown direction"),
        (compressed("{request: [yes]}"), "neither true nor false"),
        (compressed("[true]"), "flags of no direction"),
        (compressed("{}"), "no direction at all"),
        (with_rule("large_headers: []"), "large headers of no direction"),
        (with_rule("large_headers: [requests]"), "large headers of an unknown direction"),
        (with_rule("stalled: []"), "a stall of no direction"),
        (with_rule("connections: 1"), "connections of one call"),
        (with_rule("at_once: 2"), "calls at once of one call"),
        (expiring("").replace("deadline_ms: 1, ", ""), "no deadline"),
        (expiring("").replace("DEADLINE_EXCEEDED", "OK"), "a deadline that does not pass"),
        (expiring("repeat: 2, "), "calls that may have no stream"),
        (expiring("concurrent: 2, "), "the same at a time"),
        (format!("{}  - {{method: EmptyCall, steps: [{{send: {{}}}}]}}\n", expiring("")), "and one that has"),
        (expiring("").replace("anywhere", "on_wire"), "expiry at an unknown place"),
        (format!("connect: lazy\n{}", expiring("").replace("anywhere", "on_the_wire")), "time without a connection"),
    ];
    let told: Vec<String> = bad.iter().map(|(body, why)| format!("{why}\n  {}", parse(body).unwrap_err())).collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// A call with one rule.
fn with_rule(rule: &str) -> String {
    format!("calls:\n  - method: EmptyCall\n    steps: [{{send: {{}}}}]\n    wire:\n      - {rule}\n")
}

fn compressed(rule: &str) -> String {
    with_rule(&format!("compressed: {rule}"))
}

/// A call that may expire before it has a stream.
fn expiring(more: &str) -> String {
    format!(
        "calls:\n  - {{method: EmptyCall, deadline_ms: 1, {more}steps: [{{send: {{}}}}], \
         expect: {{status: DEADLINE_EXCEEDED}}, wire: [{{expires: anywhere}}]}}\n"
    )
}

#[test]
fn a_call_may_expire_on_the_wire_in_any_case() {
    let of = |body: &str| parse(body).unwrap().calls.remove(0).wire.remove(0);
    assert_eq!(of(&expiring("")), WireRule::Expires(Expires::Anywhere));
    let on_the_wire = expiring("repeat: 2, concurrent: 2, ").replace("anywhere", "on_the_wire");
    assert_eq!(of(&on_the_wire), WireRule::Expires(Expires::OnTheWire));
}

/// What is said of a case with this rule of its own.
fn case_with_rule(rule: &str) -> Result<Vec<WireRule>, String> {
    let text = format!(
        "id: c\ntitle: t\nspec: https://example.test\nmethod: EmptyCall\nsteps: [{{send: {{}}}}]\nwire: [{rule}]\n"
    );
    let parsed = yaml::parse_text::<CheckedCase>(Path::new("c.yaml"), &text);
    parsed.map(|CheckedCase(case)| case.wire).map_err(|error| error.to_string())
}

#[test]
fn rules_about_all_calls_together_stand_under_the_case() {
    assert_eq!(case_with_rule("connections: 1").unwrap(), [WireRule::Connections(1)]);
    assert_eq!(case_with_rule("at_once: 2").unwrap(), [WireRule::AtOnce(2)]);
    let bad = ["connections: 0", "at_once: 1", "at_once: -1"];
    let told: Vec<String> = bad.iter().map(|rule| case_with_rule(rule).unwrap_err()).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    c.yaml:6:8: `connections` is at least 1: a case whose calls open no connection has `unsent`
    c.yaml:6:8: `at_once` is at least 2: one call at a time is no rule
    c.yaml:6:17: wire[0].at_once: invalid type: integer `-1`, expected a whole number, not negative and not too large
    ");
}

#[test]
fn compressed_flags_are_listed_by_direction() {
    let of = |rule: &str| parse(&compressed(rule)).unwrap().calls.remove(0).wire.remove(0);
    let request = Some(vec![true, false]);
    assert_eq!(of("{request: [true, false]}"), WireRule::Compressed(Compressed { request, response: None }));
    let none = Some(vec![]);
    assert_eq!(of("{response: []}"), WireRule::Compressed(Compressed { request: None, response: none }));
}

#[test]
fn long_things_are_written_short() {
    let steps =
        "[{send: {responses: [{size: 9, times: 2}, {size: 1}]}}, {receive: {count: 2, pause_ms: 20}}, {receive: 0}]";
    let case = parse(&format!("method: StreamingOutputCall\nsteps: {steps}\n")).unwrap();
    let [Step::Send(send), paced, rest] = &case.calls[0].steps[..] else { panic!("{case:?}") };
    assert_eq!(send.responses.iter().map(|response| response.size).collect::<Vec<_>>(), [9, 9, 1]);
    assert_eq!(*paced, Step::Receive(Receive { count: 2, pause_ms: 20 }));
    assert_eq!(*rest, Step::Receive(Receive { count: 0, pause_ms: 0 }));

    let long = "{text: ab, times: 3}";
    let send = format!("send: {{status: {{code: ABORTED, message: {long}}}}}");
    let call = format!("{{method: UnaryCall, metadata: [{{key: k, value: {long}}}], steps: [{send}]}}");
    let call = parse(&format!("calls: [{call}]\n")).unwrap().calls.remove(0);
    assert_eq!(call.metadata[0].value.as_deref(), Some("ababab"));
    assert_eq!(call.steps[0].as_send().unwrap().status.as_ref().unwrap().message, "ababab");
}

#[test]
fn a_case_without_a_wire_rule_is_refused() {
    let text = "id: c\ntitle: t\nspec: https://example.test\nmethod: EmptyCall\nsteps: [{send: {}}]\n";
    let error = yaml::parse_text::<CheckedCase>(Path::new("c.yaml"), text).err().unwrap().to_string();
    assert!(error.contains("no wire rule"), "{error}");
}
