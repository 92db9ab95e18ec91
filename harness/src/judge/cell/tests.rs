use super::{CellEvidence, Judgement, Recording, judge};
use crate::input::Project;
use crate::model::{
    BlindField, BlindSpot, CallKind, Case, CaseId, CellFailure, CellId, ClientExit, Driver, Fails, Lack, LedgerEntry,
    Level, Pattern, Peer, PeerId, PlannedCell, Scope, Side, Transport, Verdict, When,
};
use crate::proto::testing::{Payload, SimpleRequest, SimpleResponse};
use crate::proto::v1::{self, observation};
use crate::wire::build::{Exchange, message};
use crate::wire::{Transcript, flag};
use prost::Message;
use std::path::Path;

/// A small unary call: 3 bytes asked for, 2 sent.
fn case() -> Case {
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut case = project.cases.into_iter().find(|case| case.id.as_str() == "large_unary").unwrap();
    case.id = CaseId::new("small_unary");
    case.wire.clear();
    let crate::model::Step::Send(send) = &mut case.calls[0].steps[0] else { panic!("the first step sends") };
    (send.body_size, send.response_size) = (Some(2), Some(3));
    case
}

fn peer() -> Peer {
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    project.peers.into_iter().find(|folder| folder.peer.name.as_str() == "go").unwrap().peer
}

fn payload(size: usize) -> Option<Payload> {
    Some(Payload { body: vec![0; size].into(), ..Default::default() })
}

/// What a unary call begins with.
pub(super) const REQUEST_HEADERS: [(&str, &str); 7] = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/grpc.testing.TestService/UnaryCall"),
    (":authority", "server"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
    ("user-agent", "grpc-example/1.0"),
];

/// What is on the wire and what is reported of it; each test changes one thing.
struct Call {
    request_headers: Vec<(&'static str, &'static str)>,
    request: SimpleRequest,
    response_headers: Vec<(&'static str, &'static str)>,
    response: SimpleResponse,
    trailers: Vec<(&'static str, &'static str)>,
    observation: v1::Observation,
    peer: Peer,
}

impl Call {
    fn good() -> Call {
        let reported = v1::CallObservation {
            initial_metadata: Some(v1::MetadataList::default()),
            trailing_metadata: Some(v1::MetadataList::default()),
            messages: vec![v1::Received {
                response: Some(v1::received::Response::Simple(SimpleResponse::default())),
                body_size: Some(3),
                all_zero: true,
            }],
            status: Some(v1::Status::default()),
            ..Default::default()
        };
        Call {
            request_headers: REQUEST_HEADERS.to_vec(),
            request: SimpleRequest { response_size: 3, payload: payload(2), ..Default::default() },
            response_headers: vec![(":status", "200"), ("content-type", "application/grpc")],
            response: SimpleResponse { payload: payload(3), ..Default::default() },
            trailers: vec![("grpc-status", "0")],
            observation: v1::Observation {
                case: "small_unary".into(),
                result: observation::Result::Done.into(),
                calls: vec![reported],
                ..Default::default()
            },
            peer: peer(),
        }
    }

    fn transcript(&self) -> Transcript {
        let exchange = Exchange::new()
            .preface()
            .settings(Side::Client, &[])
            .settings(Side::Server, &[])
            .headers(Side::Client, 1, 0, &self.request_headers)
            .data(Side::Client, 1, flag::END_STREAM, message(0, self.request.encode_to_vec()))
            .headers(Side::Server, 1, 0, &self.response_headers)
            .data(Side::Server, 1, 0, message(0, self.response.encode_to_vec()))
            .headers(Side::Server, 1, flag::END_STREAM, &self.trailers);
        Transcript { connections: vec![exchange.connection()], sealed: true }
    }

    fn judge(&self) -> Judgement {
        self.judge_with(None, &[])
    }

    fn judge_with(&self, failure: Option<&CellFailure>, ledger: &[LedgerEntry]) -> Judgement {
        let recording = Recording::Frames(self.transcript());
        let observation = failure.is_none().then_some(&self.observation);
        let evidence = Evidence { recording: Some(&recording), observation, failure, exit: None, unsupported: None };
        evidence.judge(&self.peer, ledger)
    }

    fn reported(&mut self) -> &mut v1::CallObservation {
        &mut self.observation.calls[0]
    }
}

/// What a test has to say of a cell.
struct Evidence<'a> {
    recording: Option<&'a Recording>,
    observation: Option<&'a v1::Observation>,
    failure: Option<&'a CellFailure>,
    exit: Option<&'a ClientExit>,
    unsupported: Option<Lack>,
}

/// The judgement on a recording and its report in a case of the test's own.
fn judged_in(case: &Case, call: &Call, proof: Option<Side>) -> Judgement {
    let (recording, peer) = (Recording::Frames(call.transcript()), peer());
    let planned = &PlannedCell { cell: cell(), proof, unsupported: None };
    let (client, server, recording, observation) = (&peer, &peer, Some(&recording), Some(&call.observation));
    judge(&CellEvidence { planned, case, client, server, recording, observation, exit: None, failure: None }, &[])
}

impl Evidence<'_> {
    fn judge(self, client: &Peer, ledger: &[LedgerEntry]) -> Judgement {
        let Evidence { recording, observation, failure, exit, unsupported } = self;
        let planned = PlannedCell { cell: cell(), proof: unsupported.is_some().then_some(Side::Server), unsupported };
        let (planned, case, server) = (&planned, &case(), &peer());
        judge(&CellEvidence { planned, case, client, server, recording, observation, exit, failure }, ledger)
    }
}

/// The judgement on a recording, with a report of the good call.
pub(super) fn judged(recording: impl Into<Recording>) -> Judgement {
    judged_as(recording, None)
}

/// The same in a cell that may have to prove a lack of the server.
pub(super) fn judged_as(recording: impl Into<Recording>, unsupported: Option<Lack>) -> Judgement {
    let (call, recording) = (Call::good(), recording.into());
    let (recording, observation) = (Some(&recording), Some(&call.observation));
    Evidence { recording, observation, failure: None, exit: None, unsupported }.judge(&call.peer, &[])
}

fn cell() -> CellId {
    let name = PeerId::new("go");
    CellId { case: CaseId::new("small_unary"), client: name.clone(), server: name, transport: Transport::Plaintext }
}

fn entry(fails: Fails, fingerprints: &[&str]) -> LedgerEntry {
    LedgerEntry {
        cells: Scope {
            case: "small*".parse().unwrap(),
            client: Pattern::Everything,
            server: "go".parse().unwrap(),
            transport: Pattern::Everything,
        },
        fails,
        fingerprints: vec![fingerprints.iter().map(|print| (*print).to_owned()).collect()],
        counts: vec![],
        reason: "known".into(),
        link: "https://example.test/1".into(),
    }
}

pub(super) fn fingerprints(judgement: &Judgement) -> Vec<String> {
    judgement.findings.iter().map(|finding| finding.fingerprint()).collect()
}

#[test]
fn a_good_call_passes() {
    let judgement = Call::good().judge();
    assert_eq!((judgement.verdict, fingerprints(&judgement)), (Verdict::Pass, vec![]));
}

#[test]
fn a_response_one_byte_short_is_the_servers() {
    let mut call = Call::good();
    call.response.payload = payload(2);
    call.reported().messages[0].body_size = Some(2);
    let judgement = call.judge();
    assert_eq!((judgement.verdict, fingerprints(&judgement)), (Verdict::Fail, vec!["response@server".into()]));
    assert_eq!(
        judgement.reason,
        "response@server: expected response 1: 3 zero bytes, observed response 1: 2 zero bytes"
    );
}

#[test]
fn a_report_that_is_not_the_wire_is_the_clients() {
    let mut call = Call::good();
    call.reported().messages[0].body_size = Some(4);
    assert_eq!(fingerprints(&call.judge()), ["observed.messages@client"]);
}

#[test]
fn a_body_that_is_not_zero_is_the_servers() {
    let mut call = Call::good();
    call.response.payload = Some(Payload { body: vec![0, 1, 0].into(), ..Default::default() });
    call.reported().messages[0].all_zero = false;
    assert_eq!(fingerprints(&call.judge()), ["response@server"]);
}

#[test]
fn another_request_than_the_steps_say_is_the_clients() {
    let mut call = Call::good();
    call.request.payload = payload(1);
    assert_eq!(fingerprints(&call.judge()), ["request@client"]);
}

#[test]
fn a_missing_grpc_status_is_w9_at_the_server() {
    let mut call = Call::good();
    call.trailers = vec![("other", "x")];
    call.reported()
        .trailing_metadata
        .as_mut()
        .unwrap()
        .entries
        .push(v1::Metadata { key: "other".into(), value: "x".into() });
    assert_eq!(fingerprints(&call.judge()), ["W9@server", "observed.status@client"], "OK is not the client's to give");
    call.reported().status = Some(v1::Status { code: 2, message: "the client's own words".into() });
    call.reported().messages.clear();
    assert_eq!(fingerprints(&call.judge()), ["W9@server"]);
}

#[test]
fn a_nine_digit_timeout_is_w11_at_the_client() {
    let mut call = Call::good();
    call.request_headers.push(("grpc-timeout", "123456789u"));
    let prints = fingerprints(&call.judge());
    assert_eq!(prints, ["W11@client", "deadline@client"]);
}

#[test]
fn a_wrong_status_is_the_servers_and_a_wrong_report_of_it_the_clients() {
    let mut call = Call::good();
    call.trailers = vec![("grpc-status", "0"), ("grpc-message", "OK")];
    assert_eq!(fingerprints(&call.judge()), Vec::<String>::new(), "beside OK a message means nothing");
    call.trailers = vec![("grpc-status", "2"), ("grpc-message", "a%20b")];
    call.reported().status = Some(v1::Status { code: 2, message: "a b".into() });
    assert_eq!(fingerprints(&call.judge()), ["status@server"]);
    call.reported().status = Some(v1::Status { code: 2, message: "a%20b".into() });
    assert_eq!(fingerprints(&call.judge()), ["status@server", "observed.status@client"]);
    call.reported().status = None;
    assert_eq!(fingerprints(&call.judge()), ["status@server", "observed.status@client"]);
}

#[test]
fn a_client_that_does_not_cancel_is_at_fault_and_its_server_is_not() {
    let (call, mut case) = (Call::good(), case());
    case.calls[0].steps.push(crate::model::Step::Cancel);
    assert_eq!(fingerprints(&judged_in(&case, &call, None)), ["observed.status@client"]);
}

#[test]
fn the_wrong_method_is_the_clients() {
    let mut call = Call::good();
    call.request_headers[2] = (":path", "/grpc.testing.TestService/unaryCall");
    assert_eq!(fingerprints(&call.judge()), ["path@client"]);
}

#[test]
fn what_is_not_reported_must_be_declared_blind() {
    let mut call = Call::good();
    call.reported().initial_metadata = None;
    assert_eq!(fingerprints(&call.judge()), ["observed.initial_metadata@client"]);
    let spot = |calls, when| BlindSpot {
        field: BlindField::InitialMetadata,
        calls: vec![calls],
        when,
        reason: "r".into(),
        link: "https://example.test".into(),
    };
    call.peer.blind = vec![spot(CallKind::Bidi, When::Always), spot(CallKind::Unary, When::Error)];
    assert_eq!(call.judge().verdict, Verdict::Fail, "blind elsewhere");
    call.peer.blind = vec![spot(CallKind::Unary, When::Ok)];
    assert_eq!(call.judge().verdict, Verdict::Pass);
}

#[test]
fn metadata_is_compared_without_what_belongs_to_the_transport() {
    let mut call = Call::good();
    call.response_headers.extend([("x-a", "1"), ("x-b-bin", "q6ur"), ("date", "now")]);
    assert_eq!(fingerprints(&call.judge()), ["observed.initial_metadata@client"]);
    let entry = |key: &str, value: &'static [u8]| v1::Metadata { key: key.into(), value: value.into() };
    call.reported().initial_metadata.as_mut().unwrap().entries =
        vec![entry("x-b-bin", &[0xab, 0xab, 0xab]), entry("content-type", b"application/grpc"), entry("x-a", b"1")];
    assert_eq!(call.judge().verdict, Verdict::Pass);
}

#[test]
fn streams_and_reports_are_counted() {
    let mut call = Call::good();
    call.observation.calls.clear();
    assert_eq!(fingerprints(&call.judge()), ["calls@client"]);
}

#[test]
fn results_other_than_done_are_failures_with_a_culprit() {
    use observation::Result::{BadScript, ConnectFailed, TimedOut, Unspecified, Unsupported};
    let verdict = |result: observation::Result| {
        let mut call = Call::good();
        call.observation.result = result.into();
        let judgement = call.judge();
        (judgement.verdict, fingerprints(&judgement))
    };
    assert_eq!(verdict(TimedOut), (Verdict::Timeout, vec![]));
    for result in [Unsupported, ConnectFailed, BadScript, Unspecified] {
        assert_eq!(verdict(result), (Verdict::Fail, vec!["answer@client".into()]), "{result:?}");
    }
}

#[test]
fn a_client_whose_server_cannot_be_reached_was_let_down() {
    let mut call = Call::good();
    call.observation.result = observation::Result::ConnectFailed.into();
    let connections = vec![Exchange::new().broken(Side::Server).connection()];
    let recording = Recording::Frames(Transcript { connections, sealed: true });
    let (recording, observation) = (Some(&recording), Some(&call.observation));
    let evidence = Evidence { recording, observation, failure: None, exit: None, unsupported: None };
    assert_eq!(fingerprints(&evidence.judge(&call.peer, &[])), ["reached@server", "answer@server"]);
}

#[test]
fn without_an_observation_the_reason_decides() {
    let verdict = |failure: CellFailure| {
        let judgement = Call::good().judge_with(Some(&failure), &[]);
        (judgement.verdict, fingerprints(&judgement))
    };
    let detail = || "d".to_owned();
    assert_eq!(verdict(CellFailure::NoAnswer { waited_ms: 1 }), (Verdict::Timeout, vec![]));
    assert_eq!(verdict(CellFailure::ClientBroke { detail: detail() }), (Verdict::Fail, vec!["answer@client".into()]));
    assert_eq!(verdict(CellFailure::ServerBroke { detail: detail() }), (Verdict::Fail, vec!["alive@server".into()]));
    assert_eq!(verdict(CellFailure::Infra { detail: detail() }), (Verdict::InfraError, vec![]));
    assert_eq!(verdict(CellFailure::Skipped), (Verdict::Skipped, vec![]));
}

#[test]
fn a_capture_without_its_seal_proves_nothing() {
    let call = Call::good();
    let recording = Recording::Frames(Transcript { sealed: false, ..call.transcript() });
    let (recording, observation) = (Some(&recording), Some(&call.observation));
    let evidence = Evidence { recording, observation, failure: None, exit: None, unsupported: None };
    assert_eq!(evidence.judge(&call.peer, &[]).verdict, Verdict::InfraError);
}

/// The same call by an official client, which reports nothing but an exit code.
fn by_official(call: &Call, code: i64) -> Judgement {
    let recording = Recording::Frames(call.transcript());
    let exit = ClientExit { code, last_line: String::new() };
    let client = Peer { driver: Driver::Official, ..call.peer.clone() };
    Evidence { recording: Some(&recording), observation: None, failure: None, exit: Some(&exit), unsupported: None }
        .judge(&client, &[])
}

#[test]
fn an_official_client_is_judged_by_its_exit_code_and_by_the_wire() {
    assert_eq!(by_official(&Call::good(), 0).verdict, Verdict::Pass);
    assert_eq!(fingerprints(&by_official(&Call::good(), 1)), ["exit_code@client"]);
    let mut call = Call::good();
    call.request_headers.push(("grpc-timeout", "123456789u"));
    let prints = fingerprints(&by_official(&call, 0));
    assert_eq!(prints, ["W11@client", "deadline@client"], "exit code 0 does not acquit it");
    let mut call = Call::good();
    call.response.payload = payload(2);
    assert_eq!(fingerprints(&by_official(&call, 0)), ["response@server"]);
    assert_eq!(fingerprints(&by_official(&call, 1)), ["response@server", "exit_code@server"], "it had reason to fail");
}

#[test]
fn an_official_client_has_its_own_parameters_and_gets_what_it_asked_for() {
    let mut call = Call::good();
    (call.request.response_size, call.request.payload) = (1, payload(7));
    call.request_headers.extend([("x-grpc-test-echo-initial", "own"), ("x-grpc-test-echo-trailing-bin", "CgsKCwoL")]);
    let fails = ["metadata@client", "request@client", "response@server", "echo.initial_metadata@server"];
    let counted = |judgement: Judgement| {
        assert!(judgement.findings.iter().all(|finding| finding.level == Level::Should), "{:?}", judgement.findings);
        (judgement.verdict, fingerprints(&judgement))
    };
    assert!(
        fingerprints(&by_official(&call, 0)).starts_with(&fails.map(str::to_owned)),
        "the server answers as if it had not"
    );
    call.response.payload = payload(1);
    call.response_headers.push(("x-grpc-test-echo-initial", "own"));
    call.trailers.push(("x-grpc-test-echo-trailing-bin", "CgsKCwoL"));
    let own = (Verdict::Pass, vec!["metadata@client".to_owned(), "request@client".to_owned()]);
    assert_eq!(counted(by_official(&call, 0)), own);
    call.request_headers[2] = (":path", "/grpc.testing.TestService/EmptyCall");
    assert_eq!(by_official(&call, 0).verdict, Verdict::Fail, "the method is no parameter");
}

#[test]
fn the_user_is_named_by_the_server_and_reported_by_the_client() {
    let mut call = Call::good();
    call.response.username = "ann".into();
    let judgement = call.judge();
    assert_eq!(fingerprints(&judgement), ["observed.messages@client"]);
    assert_eq!(
        judgement.reason,
        "observed.messages@client: expected response 1: 3 zero bytes, username \"ann\" as on the wire, \
         observed response 1: 3 zero bytes"
    );
    call.request.fill_username = true;
    call.request_headers.push(("authorization", "Bearer ann"));
    let own = ["metadata@client", "request@client"];
    assert_eq!(fingerprints(&by_official(&call, 0)), own);
    call.response.username.clear();
    let judgement = by_official(&call, 0);
    assert_eq!(fingerprints(&judgement), [&own[..], &["response@server"]].concat());
    let unnamed = judgement.findings.last().unwrap();
    assert_eq!(unnamed.expected, "response 1: 3 zero bytes, username \"ann\"");
    assert_eq!(unnamed.observed, "response 1: 3 zero bytes");
}

#[test]
fn what_a_case_asks_for_binds_as_much_as_the_case() {
    let mut call = Call::good();
    call.response.payload = payload(2);
    call.reported().messages[0].body_size = Some(2);
    call.request_headers.retain(|(name, _)| *name != "te");
    let case = Case { level: Level::Should, ..case() };
    let levels = |judgement: Judgement| -> Vec<(String, Level)> {
        judgement.findings.iter().map(|finding| (finding.fingerprint(), finding.level)).collect()
    };
    let (rule, check) = ("W2@client".to_owned(), "response@server".to_owned());
    assert_eq!(levels(judged_in(&case, &call, None)), [(rule.clone(), Level::Must), (check.clone(), Level::Should)]);
    assert_eq!(
        levels(judged_in(&case, &call, Some(Side::Server))),
        [(rule, Level::Must), (check, Level::Must)],
        "a proof"
    );
}

#[test]
fn a_declared_lack_is_proven_by_failing() {
    let proven = |call: &Call| {
        let recording = Recording::Frames(call.transcript());
        let lack = Lack { reason: "go server lacks this".into(), link: "https://example.test/2".into() };
        let (observation, unsupported) = (Some(&call.observation), Some(lack));
        let evidence = Evidence { recording: Some(&recording), observation, failure: None, exit: None, unsupported };
        evidence.judge(&call.peer, &[])
    };
    let mut call = Call::good();
    call.response.payload = payload(2);
    let judgement = proven(&call);
    assert_eq!((judgement.verdict, judgement.reason.as_str()), (Verdict::Unsupported, "go server lacks this"));
    assert!(!judgement.findings.is_empty(), "what it fails by stays on record");
    let mut call = Call::good();
    call.request.payload = payload(1);
    let judgement = proven(&call);
    assert_eq!(judgement.verdict, Verdict::Fail, "the client's failure proves nothing of the server");
    assert_eq!(judgement.reason, "not proven, since the client failed first: go server lacks this");
    let lack = Lack { reason: "go server lacks this".into(), link: "https://example.test/2".into() };
    let (recording, failure) = (Recording::Frames(call.transcript()), CellFailure::ServerBroke { detail: "d".into() });
    let (recording, failure, unsupported) = (Some(&recording), Some(&failure), Some(lack));
    let dead = Evidence { recording, observation: None, failure, exit: None, unsupported };
    assert_eq!(dead.judge(&call.peer, &[]).verdict, Verdict::Fail, "to die is no lack");
    let judgement = proven(&Call::good());
    assert_eq!(judgement.verdict, Verdict::Xpass);
    assert_eq!(judgement.reason, "passed, but peer.yaml says: go server lacks this");
}

#[test]
fn the_ledger_expects_exactly_one_failure() {
    let mut call = Call::good();
    call.response.payload = payload(2);
    call.reported().messages[0].body_size = Some(2);
    let judged = |entry: LedgerEntry| call.judge_with(None, &[entry]).verdict;
    assert_eq!(judged(entry(Fails::Always, &["response@server"])), Verdict::Xfail);
    assert_eq!(judged(entry(Fails::Always, &["status@server"])), Verdict::Fail);
    assert_eq!(judged(entry(Fails::Always, &["response@server", "status@server"])), Verdict::Fail);
    let good = Call::good();
    assert_eq!(good.judge_with(None, &[entry(Fails::Always, &["response@server"])]).verdict, Verdict::Xpass);
    assert_eq!(good.judge_with(None, &[entry(Fails::Sometimes, &["response@server"])]).verdict, Verdict::Pass);
}

#[test]
fn entries_about_one_cell_explain_it_together() {
    let mut call = Call::good();
    call.response.payload = payload(2);
    let judged = |entries: &[LedgerEntry]| call.judge_with(None, entries);
    let (ours, theirs) = ("response@server", "observed.messages@client");
    assert_eq!(fingerprints(&judged(&[])), [ours, theirs]);
    let about = |reason: &str, fails, print| LedgerEntry { reason: reason.into(), ..entry(fails, &[print]) };
    let server = |fails| about("short", fails, ours);
    let client = |fails| about("wrong", fails, theirs);
    let both = judged(&[server(Fails::Always), client(Fails::Sometimes)]);
    assert_eq!((both.verdict, both.reason.as_str()), (Verdict::Xfail, "short; wrong"));
    let one = judged(&[about("other", Fails::Sometimes, "W8@server"), entry(Fails::Always, &[ours, theirs])]);
    assert_eq!((one.verdict, one.reason.as_str()), (Verdict::Xfail, "known"), "the first has nothing to do with it");
    let neither = judged(&[about("other", Fails::Always, "W8@server"), entry(Fails::Always, &[ours, theirs])]);
    assert_eq!(neither.verdict, Verdict::Fail, "what always happens did not");
    assert!(neither.reason.ends_with(r#"[["W8@server"], ["response@server", "observed.messages@client"]]"#));
    assert_eq!(judged(&[server(Fails::Always)]).verdict, Verdict::Fail, "half of it");
    let good = |entries: &[LedgerEntry]| Call::good().judge_with(None, entries).verdict;
    assert_eq!(good(&[client(Fails::Sometimes), client(Fails::Sometimes)]), Verdict::Pass);
    assert_eq!(good(&[client(Fails::Sometimes), server(Fails::Always)]), Verdict::Xpass);
}
