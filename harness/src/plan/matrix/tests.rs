use super::{in_scope, plan};
use crate::input::Project;
use crate::model::{Fails, LedgerEntry, Pattern, PlannedCell, Scope, Tier};
use crate::plan::Filter;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The project itself: its counts are part of what reviewers see in a diff.
fn project() -> Project {
    Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn filter(client: &str, case: &str) -> Filter {
    let globs = |glob: &str| if glob.is_empty() { vec![] } else { vec![glob.to_owned()] };
    Filter::new(&globs(client), &[], &globs(case), &[]).unwrap()
}

/// Every client against every server in every case over both transports.
fn full(peers: usize) -> usize {
    peers * peers * project().cases.len() * 2
}

#[test]
fn the_default_tier_has_so_many_cells() {
    let plan = plan(&project(), Tier::Default, &Filter::default()).unwrap();
    assert_eq!(plan.full(), full(5));
    let unsupported = plan.cells.iter().filter(|planned| planned.unsupported.is_some()).count();
    let told = format!("{} planned, {unsupported} of them unsupported; absent {:#?}", plan.cells.len(), plan.absent);
    insta::assert_snapshot!(told);
}

#[test]
fn what_a_filter_leaves_out_is_counted_by_reason() {
    let plan = plan(&project(), Tier::Default, &filter("go", "cancel_after_first*")).unwrap();
    let ids: Vec<String> = plan.cells.iter().map(|planned| planned.cell.to_string()).collect();
    let servers = ["cpp", "go", "python", "rust-grpcio", "rust-tonic"];
    let both = |server| ["plaintext", "tls"].map(|over| format!("cancel_after_first_response/go/{server}/{over}"));
    assert_eq!(ids, servers.map(both).concat());
    assert_eq!(plan.full(), full(5));
    let all = super::plan(&project(), Tier::Default, &Filter::default()).unwrap().cells.len();
    assert_eq!(plan.absent["left out by --client"], all / 5 * 4);
    assert_eq!(plan.absent["left out by --case"], all / 5 - ids.len());
}

fn scope(case: &str, server: &str) -> Scope {
    Scope {
        case: case.parse().unwrap(),
        client: Pattern::Everything,
        server: server.parse().unwrap(),
        transport: Pattern::Everything,
    }
}

#[test]
fn a_ledger_entry_about_no_cell_is_an_error_and_a_filter_makes_none_stale() {
    let entry = |case: &str| LedgerEntry {
        cells: scope(case, "*"),
        fails: Fails::Always,
        fingerprints: vec![vec!["W8@server".into()]],
        counts: vec![],
        reason: "r".into(),
        link: "https://example.test".into(),
    };
    let mut project = project();
    project.ledger.entries = vec![entry("ping_pong")];
    assert!(plan(&project, Tier::Default, &filter("", "empty*")).is_ok());
    project.ledger.entries.push(entry("pong_ping"));
    let error = plan(&project, Tier::Default, &filter("", "empty*")).unwrap_err();
    assert!(error.to_string().contains("pong_ping"), "{error}");
    let mut elsewhere = entry("tls_wrong_name");
    elsewhere.cells.transport = "plaintext".parse().unwrap();
    project.ledger.entries = vec![elsewhere];
    // A case that is not about plaintext has no cell there.
    let error = plan(&project, Tier::Default, &filter("", "")).unwrap_err().to_string();
    assert!(error.contains("no cell is of case `tls_wrong_name`, client `*`"), "{error}");
}

#[test]
fn a_declared_lack_keeps_its_cells_from_running() {
    let mut project = project();
    let go = project.peers.iter_mut().find(|folder| folder.peer.name.as_str() == "go").unwrap();
    let go = &mut go.peer;
    go.unsupported.push(crate::model::Unsupported {
        feature: "cancel".into(),
        role: crate::model::Side::Client,
        reason: "cannot".into(),
        link: "https://example.test".into(),
    });
    let plan = plan(&project, Tier::Default, &Filter::default()).unwrap();
    let lacks = plan.cells.iter().filter_map(|planned| planned.unsupported.as_ref());
    let cancel: Vec<_> = lacks.filter(|lack| lack.reason == "go client lacks cancel: cannot").collect();
    assert_eq!(cancel.len(), 20, "two cases against five servers over two transports");
    assert_eq!(plan.full(), full(5));
}

#[test]
fn each_declared_lack_keeps_the_cells_that_need_it_from_running() {
    let plan = plan(&project(), Tier::Default, &Filter::default()).unwrap();
    let lacks = plan.cells.iter().filter_map(|planned| Some((planned.unsupported.as_ref()?, &planned.cell)));
    let mut counts = BTreeMap::new();
    for (lack, cell) in lacks {
        let (what, _) = lack.reason.split_once(':').unwrap();
        *counts.entry(format!("{} {what}", cell.case)).or_insert(0) += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(lack, count)| format!("{count} {lack}")).collect();
    // Where client and server lack something, the client's lack is told.
    insta::assert_snapshot!(counts.join(
        "
"
    ));
}

#[test]
fn every_declared_lack_is_proven_by_the_peer_against_itself() {
    let plan = plan(&project(), Tier::Default, &Filter::default()).unwrap();
    let told = plan.proofs.iter().map(|proof| {
        let cell = proof.cell.as_ref().map_or("UNPROVEN".to_owned(), ToString::to_string);
        format!("{} {} {}: {cell}", proof.peer, proof.role, proof.feature)
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
    let run: Vec<_> = plan.cells.iter().filter(|planned| planned.proof.is_some()).collect();
    assert_eq!(run.len(), plan.proofs.len(), "one cell each, and nothing else runs for a proof");
    assert!(run.iter().all(|planned| planned.unsupported.is_some() && planned.runs()));
}

/// A foreign peer with the standard binaries, in a folder of its own.
fn with_toy(flags: &str, more: &str, cells: impl Fn(&crate::plan::Plan)) {
    let folder = tempfile::tempdir().unwrap();
    let toy = folder.path().join("toy");
    std::fs::create_dir(&toy).unwrap();
    let text = format!(
        "contract: 1\nname: toy\nlanguage: L\nlibrary: lib\nversion: '1'\nlink: https://example.test\ndriver: official\n\
         client: {{command: [c, '{{ip}}', '{{port}}', '{{case}}', {flags}]}}\nserver: {{command: [s, '{{port}}', {flags}]}}\n{more}"
    );
    std::fs::write(toy.join("peer.yaml"), text).unwrap();
    std::fs::write(toy.join("ca.pem"), "").unwrap();
    let mut project = project();
    project.add_peer(&toy).unwrap();
    cells(&plan(&project, Tier::Default, &Filter::default()).unwrap());
    let again = project.add_peer(&toy).unwrap_err();
    assert!(again.to_string().contains("there is a peer of the name `toy` already"), "{again}");
}

fn lack(plan: &crate::plan::Plan, id: &str) -> String {
    let planned = plan.cells.iter().find(|planned| planned.cell.to_string() == id).unwrap();
    planned.unsupported.as_ref().map_or_else(|| "runs".to_owned(), |lack| lack.reason.clone())
}

#[test]
fn an_official_client_runs_the_official_cases_and_trusts_what_it_can_be_told_to() {
    with_toy("'{tls}'", "tls: {ca: ca.pem, name: toy.test}\n", |plan| {
        assert_eq!(plan.full(), full(6));
        assert_eq!(lack(plan, "ping_pong/toy/go/plaintext"), "runs");
        assert_eq!(lack(plan, "ping_pong/go/toy/tls"), "runs");
        assert_eq!(lack(plan, "ping_pong/toy/toy/tls"), "runs");
        let built_in = "toy client trusts the authority built into it only: its command has no {ca}";
        assert_eq!(lack(plan, "ping_pong/toy/go/tls"), built_in);
        let other = "toy client: tls_wrong_name is no case of the official suite";
        assert_eq!(lack(plan, "tls_wrong_name/toy/go/tls"), other);
        assert_eq!(lack(plan, "tls_wrong_name/go/toy/tls"), "runs");
        let fresh = "toy server has its certificate built in, and that has not expired";
        assert_eq!(lack(plan, "tls_expired_certificate/go/toy/tls"), fresh);
    });
}

#[test]
fn a_command_that_cannot_be_told_of_tls_has_no_cells_over_tls() {
    with_toy("", "", |plan| {
        let untold = "toy client cannot be told to speak TLS: its command has no {tls}";
        assert_eq!(lack(plan, "ping_pong/toy/go/tls"), untold);
        let untold = "toy server cannot be told to speak TLS: its command has no {tls}";
        assert_eq!(lack(plan, "ping_pong/go/toy/tls"), untold);
        assert_eq!(lack(plan, "plaintext_to_tls_server/go/toy/plaintext"), untold);
    });
    with_toy("'{tls}'", "", |plan| {
        let built_in = "toy client trusts the authority built into it only: its command has no {ca}";
        assert_eq!(lack(plan, "ping_pong/toy/go/tls"), built_in);
        let without = "toy server takes no certificate: its command has no {cert} and {key}, its peer.yaml no `tls`";
        assert_eq!(lack(plan, "ping_pong/go/toy/tls"), without);
    });
}

#[test]
fn tls_is_a_feature_like_others() {
    let entry = |role: &str| format!("{{feature: tls, role: {role}, reason: none, link: 'https://example.test'}}");
    with_toy("'{tls}'", &format!("unsupported: [{}, {}]\n", entry("client"), entry("server")), |plan| {
        assert_eq!(lack(plan, "ping_pong/toy/go/tls"), "toy client lacks tls: none");
        assert_eq!(lack(plan, "ping_pong/go/toy/tls"), "toy server lacks tls: none");
        assert_eq!(lack(plan, "plaintext_to_tls_server/go/toy/plaintext"), "toy server lacks tls: none");
        let proofs: Vec<_> = plan.proofs.iter().filter(|proof| proof.peer.as_str() == "toy").collect();
        assert!(proofs.iter().all(|proof| proof.cell.is_some()), "{proofs:?}");
    });
}

#[test]
fn a_variant_is_there_where_it_is_named_and_shares_its_peers_ledger() {
    let named = |client: &str| {
        let (mut project, filter) = (project(), filter(client, "timeout_on_sleeping_server"));
        project.add_variants(|name| filter.names_variant(name));
        let plan = plan(&project, Tier::Default, &filter).unwrap();
        let clients: BTreeSet<String> = plan.cells.iter().map(|planned| planned.cell.client.to_string()).collect();
        let known = |planned: &&PlannedCell| project.ledger.entries.iter().any(|entry| in_scope(entry, &planned.cell));
        (clients, plan.cells.iter().filter(known).count())
    };
    assert!(named("*").0.iter().all(|client| !client.contains('@')));
    let (base, known) = named("python");
    assert_eq!(base, BTreeSet::from(["python".to_owned()]));
    let (variants, of_variant) = named("python@*");
    assert_eq!(variants, BTreeSet::from(["python@1.67.1".to_owned()]));
    // One server more: the variant's own.
    assert!(known > 0 && of_variant >= known, "{known} {of_variant}");
}
