use super::Exit;
use super::args::ExplainArgs;
use super::commands::{bad_input, root};
use crate::report::{Results, explain as explain_text, results};
use crate::run::{RunFolder, read_run};
use crate::wire::rules::RULES;

/// Prints what a rule says, with examples and who breaks it.
pub(super) fn explain(args: &ExplainArgs) -> Exit {
    let Some(rule) = RULES.iter().find(|rule| rule.id.eq_ignore_ascii_case(&args.rule)) else {
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        return bad_input(&format!("no rule `{}`: there are {}", args.rule, ids.join(" ")));
    };
    print!("{}", explain_text(rule, last_run().as_ref()));
    Exit::AsExpected
}

/// What came of the last run, if there is one that can be read.
fn last_run() -> Option<Results> {
    let latest = RunFolder::all(&root().ok()?).join("latest");
    let folder = RunFolder::open(&latest).ok()?;
    Some(results(&read_run(&folder.events()).ok()?.events))
}
