use crate::model::{BackendKind, CellId, Event, Evidence, Fault, Finding, Lack, Level, PlannedCell, Tier, Verdict};
use crate::report::tests::{self, in_plain_lines};
use crate::report::{Results, results, round_result, summary};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn cell(case: &str) -> CellId {
    tests::cell(case, "go", "go")
}

fn planned(case: &str) -> PlannedCell {
    PlannedCell { cell: cell(case), unsupported: None, proof: None }
}

fn lacking(case: &str) -> PlannedCell {
    let lack = Lack { reason: "it lacks this".into(), link: "https://example.test/7".into() };
    PlannedCell { unsupported: Some(lack), ..planned(case) }
}

fn started(repeat: u32, cells: Vec<PlannedCell>) -> Vec<Event> {
    let (run, harness, backend) = ("run".into(), "0.1.0".into(), "containers".into());
    let (kind, foreign) = (BackendKind::default(), BTreeMap::new());
    let first =
        Event::RunStarted { format: 1, run, harness, started_s: 0, backend, kind, repeat, unfiltered: true, foreign };
    vec![first, Event::Planned { cells, absent: BTreeMap::new(), tier: Tier::Default, elsewhere: Vec::new() }]
}

/// A finding for what fails or takes too long; its words differ from round to round, as those with times in them do.
fn judged(case: &str, round: u32, verdict: Verdict, check: &str) -> Event {
    let reason = format!("{check} {round}").trim_start_matches(&format!(" {round}")).to_owned();
    let finding = Finding {
        check: check.to_owned(),
        level: Level::Must,
        fault: Fault::Server,
        expected: "one".into(),
        observed: format!("none after {round} ms"),
        place: None,
    };
    let findings = if matches!(verdict, Verdict::Fail | Verdict::Timeout) { vec![finding] } else { Vec::new() };
    let (cell, evidence, link) = (cell(case), Evidence::Frames, None);
    Event::CellJudged { cell, round, verdict, evidence, reason, link, findings, duration_ms: 12 }
}

/// Ten rounds: one cell passes, one does not always, one lacks something, of one not all were run.
fn events() -> Vec<Event> {
    let cells = vec![planned("empty_unary"), planned("large_unary"), planned("ping_pong"), lacking("soak")];
    let mut events = started(10, cells);
    events.push(judged("soak", 0, Verdict::Unsupported, ""));
    for round in 0..10 {
        events.push(judged("empty_unary", round, Verdict::Pass, ""));
        events.push(match round {
            3 | 7 => judged("large_unary", round, Verdict::Fail, "response"),
            4 => judged("large_unary", round, Verdict::Fail, "status"),
            5 => judged("large_unary", round, Verdict::Timeout, "response"),
            _ => judged("large_unary", round, Verdict::Pass, ""),
        });
        if round < 8 {
            events.push(judged("ping_pong", round, Verdict::Pass, ""));
        }
    }
    events.push(Event::RunFinished { duration_ms: 1000, interrupted: true });
    events
}

#[test]
fn results_of_rounds() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&results(&events())).unwrap());
}

#[test]
fn the_summary_of_rounds() {
    insta::assert_snapshot!(summary(&results(&events())));
}

#[test]
fn progress_of_rounds_tells_each_verdict_of_a_cell_once() {
    insta::assert_snapshot!(in_plain_lines(&events()));
}

#[test]
fn a_round_can_be_looked_at_by_itself() {
    let events = events();
    let of = |round| round_result(&events, &cell("large_unary"), round).map(|result| (result.verdict, result.round));
    assert_eq!(of(5), Some((Verdict::Timeout, 5)));
    assert_eq!(of(6), Some((Verdict::Pass, 6)));
    assert_eq!(of(10), None);
}

#[test]
fn results_of_one_round_say_nothing_of_rounds() {
    let mut events = started(1, vec![planned("empty_unary")]);
    events.push(judged("empty_unary", 0, Verdict::Pass, ""));
    let text = serde_json::to_string(&results(&events)).unwrap() + &serde_json::to_string(&events).unwrap();
    assert!(!text.contains("round") && !text.contains("outcomes") && !text.contains("repeat"), "{text}");
    assert_eq!(
        serde_json::from_str::<Results>(&serde_json::to_string(&results(&events)).unwrap()).unwrap(),
        results(&events)
    );
}

proptest! {
    #[test]
    fn totals_equal_what_was_planned(
        repeat in 1u32..6,
        rounds in prop::collection::vec((0usize..4, 0u32..6, prop::sample::select(&Verdict::ALL[..])), 0..40),
    ) {
        let cases = ["a", "b", "c", "d"];
        let mut events = started(repeat, cases.map(planned).to_vec());
        let rounds = rounds.into_iter().filter(|(_, round, _)| *round < repeat);
        events.extend(rounds.map(|(case, round, verdict)| judged(cases[case], round, verdict, "status")));
        let results = results(&events);
        prop_assert_eq!(results.totals.planned, cases.len());
        prop_assert_eq!(results.totals.verdicts.values().sum::<usize>(), cases.len());
        for cell in results.cells.iter().filter(|_| repeat > 1) {
            prop_assert_eq!(cell.outcomes.iter().map(|outcome| outcome.count).sum::<usize>(), repeat as usize);
            let heaviest = cell.outcomes.iter().map(|outcome| outcome.verdict.weight()).max();
            prop_assert_eq!(Some(cell.verdict.weight()), heaviest);
        }
    }
}
