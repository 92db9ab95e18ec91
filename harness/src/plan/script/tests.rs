use super::{features, script, server_features};
use crate::input::Project;
use crate::proto::v1::Compressor;
use std::path::Path;

/// Items, what stands there again and again only once with its count: single ones, or pairs.
fn once(items: &[String], indent: &str) -> Vec<String> {
    let Some(first) = items.first() else { return Vec::new() };
    let repeats = |period: usize| match items.get(..period) {
        Some(unit) => items.chunks(period).take_while(|chunk| *chunk == unit).count(),
        None => 0,
    };
    let told = |period: usize| (repeats(period) > 2).then(|| (period, repeats(period)));
    let Some((period, count)) = told(1).or_else(|| told(2)) else {
        return [vec![first.clone()], once(&items[1..], indent)].concat();
    };
    let head = vec![format!("{indent}{count} times:")];
    [head, items[..period].to_vec(), once(&items[period * count..], indent)].concat()
}

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
                if !call.bearer_token.is_empty() {
                    head.push_str(&format!(" with token {}", call.bearer_token));
                }
                for entry in &call.metadata {
                    head.push_str(&format!("\n    {}: {}", entry.key, entry.value.escape_ascii()));
                }
                format!("{head}\n{}", once(&steps, "    ").join("\n"))
            });
            let calls = once(&calls.collect::<Vec<_>>(), "  ").join("\n");
            format!("{} requires {:?}\n{calls}", case.id, features(case))
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
