use super::{features, script, server_features};
use crate::input::Project;
use crate::proto::v1::Compressor;
use std::path::Path;

#[test]
fn scripts_of_the_cases_are_as_reviewed() {
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let text: Vec<String> = project
        .cases
        .iter()
        .map(|case| {
            let script = script(case, None);
            let calls = script.groups.iter().flat_map(|group| &group.calls);
            let calls = calls.map(|call| {
                let steps: Vec<String> =
                    call.steps.iter().map(|step| format!("    {:?}", step.action.as_ref().unwrap())).collect();
                let mut head = format!("  {:?}", call.method());
                if call.compressor() != Compressor::None {
                    head.push_str(&format!(" {:?}", call.compressor()));
                }
                for entry in &call.metadata {
                    head.push_str(&format!("\n    {}: {}", entry.key, entry.value.escape_ascii()));
                }
                format!("{head}\n{}", steps.join("\n"))
            });
            format!("{} requires {:?}\n{}", case.id, features(case), calls.collect::<Vec<_>>().join("\n"))
        })
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn what_a_case_relies_on_at_the_server_follows_from_its_steps() {
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let of = |id: &str| {
        let case = project.cases.iter().find(|case| case.id.as_str() == id).unwrap();
        server_features(case).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(of("client_compressed_unary"), ["expect_compressed", "unary"]);
    assert_eq!(of("client_compressed_streaming"), ["client_streaming", "expect_compressed"]);
    assert_eq!(of("server_compressed_unary"), ["compressed_response", "unary"]);
    assert_eq!(of("server_compressed_streaming"), ["compressed_stream_response", "server_streaming"]);
    assert_eq!(of("bearer_token"), ["echo_username", "unary"]);
    assert_eq!(of("custom_metadata"), ["bidi", "echo_metadata", "unary"]);
    assert_eq!(of("unimplemented_method"), [""; 0]);
}
