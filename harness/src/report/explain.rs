use super::results::Results;
use super::show::{connections_text, shown_subject};
use super::text::{plural, wrapped};
use crate::model::{Evidence, Fault};
use crate::wire::rules::Rule;
use crate::wire::rules::fixtures::{Fixture, of_rule};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Characters of a line.
const WIDTH: usize = 100;

/// What a rule says and why, traffic that keeps it and traffic that breaks it, and who broke it in a run.
pub fn explain(rule: &Rule, run: Option<&Results>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}  {}", rule.id, rule.title);
    let _ = writeln!(text, "level {}, binds {}, {}\n", rule.level, rule.binds, rule.spec);
    let _ = writeln!(text, "{}", wrapped(rule.says, WIDTH));
    let fixtures = of_rule(rule.id);
    for side in [None, Some(Fault::Client), Some(Fault::Server), Some(Fault::Unknown)] {
        let example = fixtures.iter().find(|fixture| fixture.breaks == side);
        example.into_iter().for_each(|fixture| show_fixture(&mut text, fixture));
    }
    match run {
        Some(run) => breakers(&mut text, rule, run),
        None => text.push_str("\nno run yet: after one, the peers that break it are listed here\n"),
    }
    text
}

fn show_fixture(text: &mut String, fixture: &Fixture) {
    let how = match fixture.breaks {
        None => "keeps it".to_owned(),
        Some(Fault::Unknown) => "breaks it".to_owned(),
        Some(side) => format!("breaks it at the {side}"),
    };
    let _ = writeln!(text, "\n{how}: {}", fixture.name);
    connections_text(text, &shown_subject(fixture));
}

/// The peers that broke the rule, by the side at fault: in how many of the cells in which it could be seen, and one of them.
fn breakers(text: &mut String, rule: &Rule, run: &Results) {
    let mut broken: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for cell in &run.cells {
        let findings = cell.failing.iter().chain(&cell.notes).filter(|finding| finding.check == rule.id);
        let mut peers: Vec<String> = findings
            .map(|finding| match finding.fault {
                Fault::Client => format!("{} client", cell.cell.client),
                Fault::Server => format!("{} server", cell.cell.server),
                Fault::Unknown => "nobody in particular".to_owned(),
            })
            .collect();
        peers.sort();
        peers.dedup();
        peers.into_iter().for_each(|peer| broken.entry(peer).or_default().push(&cell.id));
    }
    let judged = run.cells.iter().filter(|cell| cell.evidence != Evidence::None).count();
    let _ = write!(text, "\nin run {}, of {} with evidence: ", run.run, plural(judged, "cell"));
    let _ = writeln!(text, "{}", if broken.is_empty() { "broken in none" } else { "broken by" });
    for (peer, cells) in broken {
        let first = cells.first().copied().unwrap_or_default();
        let _ = writeln!(text, "  {peer}, in {}: make show CELL={first}", plural(cells.len(), "cell"));
    }
}
