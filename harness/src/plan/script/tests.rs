use super::{features, script};
use crate::input::Project;
use std::path::Path;

#[test]
fn scripts_of_the_cases_are_as_reviewed() {
    let project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let text: Vec<String> = project
        .cases
        .iter()
        .map(|case| {
            let script = script(case);
            let calls = script.groups.iter().flat_map(|group| &group.calls);
            let calls = calls.map(|call| {
                let steps: Vec<String> =
                    call.steps.iter().map(|step| format!("    {:?}", step.action.as_ref().unwrap())).collect();
                format!("  {:?}\n{}", call.method(), steps.join("\n"))
            });
            format!("{} requires {:?}\n{}", case.id, features(case), calls.collect::<Vec<_>>().join("\n"))
        })
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}
