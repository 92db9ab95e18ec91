use super::{Echo, ExpectedResponse, ExpectedStatus, expected_calls};
use crate::input::Project;
use crate::model::{Case, Header, StatusCode};
use std::path::Path;

#[test]
fn expectations_of_the_cases_follow_from_their_steps() {
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let of = |id: &str| {
        let case = project.cases.iter().find(|case| case.id.as_str() == id).unwrap();
        let call = expected_calls(case).remove(0);
        (call.requests.len(), call.responses, call.at_least, call.status)
    };
    use ExpectedResponse::{Aggregate, Body, Empty};
    let ok = ExpectedStatus::Code(StatusCode::Ok);
    assert_eq!(of("empty_unary"), (1, vec![Empty], 1, ok));
    assert_eq!(of("large_unary"), (1, vec![Body(314_159)], 1, ok));
    assert_eq!(of("client_streaming"), (4, vec![Aggregate(74_922)], 1, ok));
    assert_eq!(of("server_streaming"), (1, vec![Body(31_415), Body(9), Body(2_653), Body(58_979)], 4, ok));
    assert_eq!(of("ping_pong"), (4, vec![Body(31_415), Body(9), Body(2_653), Body(58_979)], 4, ok));
    assert_eq!(of("empty_stream"), (0, vec![], 0, ok));
    assert_eq!(of("status_code_and_message"), (1, vec![], 0, ExpectedStatus::Code(StatusCode::Unknown)));
    assert_eq!(of("unimplemented_method"), (1, vec![], 0, ExpectedStatus::Code(StatusCode::Unimplemented)));
    assert_eq!(
        of("cancel_after_first_response"),
        (1, vec![Body(31_415)], 1, ExpectedStatus::Code(StatusCode::Cancelled))
    );
}

#[test]
fn metadata_come_back_from_calls_that_echo_and_end_well() {
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let case = |id: &str| project.cases.iter().find(|case| case.id.as_str() == id).unwrap();
    let echoes = |id: &str| expected_calls(case(id)).into_iter().map(|call| call.echo).collect::<Vec<_>>();
    let entry = |key: &str, value: &[u8]| vec![(key.to_owned(), value.to_vec())];
    let both = Some(Echo {
        initial: entry("x-grpc-test-echo-initial", b"test_initial_metadata_value"),
        trailing: entry("x-grpc-test-echo-trailing-bin", &[0xab; 3]),
    });
    assert_eq!(echoes("custom_metadata"), [both.clone(), both]);
    assert_eq!(echoes("large_unary"), [Some(Echo::default())]);
    assert_eq!(echoes("client_streaming"), [None]);
    assert_eq!(echoes("status_code_and_message"), [None, None]);
    assert_eq!(echoes("cancel_after_first_response"), [None]);
}

#[test]
fn whom_a_server_names_follows_from_the_calls_credentials() {
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut case = project.cases.into_iter().find(|case| case.id.as_str() == "bearer_token").unwrap();
    let named = |case: &Case| expected_calls(case).into_iter().flat_map(|call| call.responses).collect::<Vec<_>>();
    let user = |name: &str| ExpectedResponse::Authenticated(0, name.to_owned());
    assert_eq!(named(&case), ["ann", "bob", ""].map(user));

    let sent = |value: &str| Header { key: "authorization".into(), value: Some(value.into()), bytes: None };
    case.calls.drain(..2);
    case.calls[0].metadata = vec![sent("Basic Ym9iOg=="), sent("Bearer eve")];
    assert_eq!(named(&case), ["eve"].map(user), "metadata do as well as credentials");
}

#[test]
fn a_probe_is_refused_and_the_calls_after_it_are_answered() {
    use ExpectedResponse::{Aggregate, Body};
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let of = |id: &str| {
        let case = project.cases.iter().find(|case| case.id.as_str() == id).unwrap();
        expected_calls(case).into_iter().map(|call| (call.responses, call.at_least, call.status)).collect::<Vec<_>>()
    };
    let (refused, large) = (
        (vec![], 0, ExpectedStatus::Code(StatusCode::InvalidArgument)),
        (vec![Body(314_159)], 1, ExpectedStatus::Code(StatusCode::Ok)),
    );
    assert_eq!(of("client_compressed_unary"), [refused.clone(), large.clone(), large.clone()]);
    assert_eq!(
        of("client_compressed_streaming"),
        [refused, (vec![Aggregate(73_086)], 1, ExpectedStatus::Code(StatusCode::Ok))]
    );
    assert_eq!(of("server_compressed_unary"), [large.clone(), large]);
    assert_eq!(
        of("server_compressed_streaming"),
        [(vec![Body(31_415), Body(92_653)], 2, ExpectedStatus::Code(StatusCode::Ok))]
    );
}
