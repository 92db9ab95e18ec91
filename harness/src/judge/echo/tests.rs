use super::CallEvidence;
use crate::input::Project;
use crate::judge::expected_calls;
use crate::model::{Side, StatusCode};
use crate::wire::build::Exchange;
use crate::wire::flag::END_STREAM;
use std::path::Path;

type Field = (&'static str, &'static [u8]);

const INITIAL: Field = ("x-grpc-test-echo-initial", b"test_initial_metadata_value");
const TRAILING: Field = ("x-grpc-test-echo-trailing-bin", b"q6ur");

/// The unary call of `custom_metadata`, with these fields besides the usual ones.
struct Wire {
    request: Vec<Field>,
    /// Absent: no response headers.
    headers: Option<Vec<Field>>,
    /// Absent: no trailers.
    trailers: Option<Vec<Field>>,
    /// How the call is expected to end.
    status: StatusCode,
}

impl Wire {
    fn good() -> Wire {
        Wire {
            request: vec![INITIAL, TRAILING],
            headers: Some(vec![INITIAL]),
            trailers: Some(vec![TRAILING]),
            status: StatusCode::Ok,
        }
    }

    fn exchange(&self) -> Exchange {
        let with = |first: &[Field], more: &[Field]| [first, more].concat();
        let request = with(&[(":method", b"POST"), ("te", b"trailers"), ("grpc-timeout", b"1S")], &self.request);
        let mut exchange = Exchange::new().preface().headers(Side::Client, 1, END_STREAM, &request);
        if let Some(headers) = &self.headers {
            exchange = exchange.headers(Side::Server, 1, 0, &with(&[(":status", b"200"), ("x-other", b"1")], headers));
        }
        if let Some(trailers) = &self.trailers {
            exchange = exchange.headers(Side::Server, 1, END_STREAM, &with(&[("grpc-status", b"0")], trailers));
        }
        exchange
    }

    /// Fingerprints and what was observed.
    fn found(&self) -> Vec<(String, String)> {
        let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut case = project.cases.into_iter().find(|case| case.id.as_str() == "custom_metadata").unwrap();
        case.calls[0].expect.status = Some(self.status);
        let client = &project.peers[0].peer;
        let connection = &self.exchange().connection();
        let (expected, stream) = (&expected_calls(&case)[0], &connection.streams[&1]);
        let evidence = CallEvidence { expected, connection, stream, observed: None, client };
        let findings = evidence.request_metadata().into_iter().chain(evidence.echo());
        findings.map(|finding| (finding.fingerprint(), finding.observed)).collect()
    }
}

fn one(fingerprint: &str, observed: &str) -> Vec<(String, String)> {
    vec![(fingerprint.to_owned(), observed.to_owned())]
}

#[test]
fn each_entry_comes_back_in_its_own_block() {
    assert_eq!(Wire::good().found(), []);
    let dropped = Wire { trailers: Some(vec![]), ..Wire::good() };
    assert_eq!(dropped.found(), one("echo.trailing_metadata@server", "no metadata"));
    let both_first = Wire { headers: Some(vec![INITIAL, TRAILING]), trailers: Some(vec![]), ..Wire::good() };
    let prints: Vec<String> = both_first.found().into_iter().map(|(print, _)| print).collect();
    assert_eq!(prints, ["echo.initial_metadata@server", "echo.trailing_metadata@server"]);
    let twice = Wire { trailers: Some(vec![INITIAL, TRAILING]), ..Wire::good() };
    assert_eq!(twice.found().len(), 1, "the initial entry is no trailer");
    let trailers_only = Wire { headers: None, ..Wire::good() };
    assert_eq!(trailers_only.found(), one("echo.initial_metadata@server", "no metadata"));
}

#[test]
fn values_are_compared_as_the_bytes_they_stand_for() {
    let trailing = |value: &'static [u8]| Wire { trailers: Some(vec![(TRAILING.0, value)]), ..Wire::good() }.found();
    assert_eq!(trailing(b"\0\xab\xab\xab"), [], "raw, as C core may");
    assert_eq!(trailing(b"q6s="), one("echo.trailing_metadata@server", "x-grpc-test-echo-trailing-bin: \\xab\\xab"));
    assert_eq!(trailing(b"q6ur,q6ur").len(), 1, "twice");
    let initial = Wire { headers: Some(vec![(INITIAL.0, b"another")]), ..Wire::good() };
    assert_eq!(initial.found(), one("echo.initial_metadata@server", "x-grpc-test-echo-initial: another"));
}

#[test]
fn nothing_is_owed_by_a_call_that_fails_or_has_no_end() {
    let failed = Wire { headers: None, trailers: Some(vec![]), status: StatusCode::Internal, ..Wire::good() };
    assert_eq!(failed.found(), []);
    let open = Wire { headers: Some(vec![]), trailers: None, ..Wire::good() };
    assert_eq!(open.found(), []);
}

#[test]
fn the_request_has_the_metadata_of_the_case_and_no_others() {
    let of = |request: &[Field]| Wire { request: request.to_vec(), ..Wire::good() }.found();
    assert_eq!(of(&[TRAILING, INITIAL]), [], "in any order");
    assert_eq!(of(&[INITIAL]), one("metadata@client", "x-grpc-test-echo-initial: test_initial_metadata_value"));
    assert_eq!(of(&[]), one("metadata@client", "no metadata"));
    assert_eq!(of(&[INITIAL, TRAILING, ("x-more", b"1")]).len(), 1);
    assert_eq!(of(&[INITIAL, TRAILING, TRAILING]).len(), 1, "twice");
}
