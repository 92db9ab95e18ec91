use super::plan;
use crate::input::Project;
use crate::model::{Fails, LedgerEntry, Scope, Tier};
use crate::plan::Filter;
use std::collections::BTreeMap;
use std::path::Path;

/// The project itself: its counts are part of what reviewers see in a diff.
fn project() -> Project {
    Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn filter(client: &str, case: &str) -> Filter {
    let globs = |glob: &str| if glob.is_empty() { vec![] } else { vec![glob.to_owned()] };
    Filter::new(&globs(client), &[], &globs(case), &[]).unwrap()
}

#[test]
fn the_default_tier_has_so_many_cells() {
    let plan = plan(&project(), Tier::Default, &Filter::default()).unwrap();
    assert_eq!((plan.cells.len(), plan.full()), (350, 350));
    assert_eq!(plan.cells.iter().filter(|planned| planned.unsupported.is_some()).count(), 51);
}

#[test]
fn what_a_filter_leaves_out_is_counted_by_reason() {
    let plan = plan(&project(), Tier::Default, &filter("go", "cancel*")).unwrap();
    let ids: Vec<String> = plan.cells.iter().map(|planned| planned.cell.to_string()).collect();
    let servers = ["cpp", "go", "python", "rust-grpcio", "rust-tonic"];
    assert_eq!(ids, servers.map(|server| format!("cancel_after_first_response/go/{server}/plaintext")));
    assert_eq!(plan.full(), 350);
    assert_eq!(plan.absent["left out by --client"], 280);
    assert_eq!(plan.absent["left out by --case"], 65);
}

#[test]
fn a_ledger_entry_about_no_cell_is_an_error_and_a_filter_makes_none_stale() {
    let entry = |case: &str| LedgerEntry {
        cells: Scope { case: case.into(), client: "*".into(), server: "*".into(), transport: "*".into() },
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
    assert_eq!(cancel.len(), 5, "one case against five servers");
    assert_eq!(plan.full(), 350);
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
    assert_eq!(
        counts,
        [
            "2 client_compressed_streaming cpp server lacks expect_compressed",
            "5 client_compressed_streaming go client lacks per_message_compression",
            "5 client_compressed_streaming python client lacks per_message_compression",
            "2 client_compressed_streaming python server lacks expect_compressed",
            "2 client_compressed_streaming rust-grpcio server lacks expect_compressed",
            "5 client_compressed_streaming rust-tonic client lacks per_message_compression",
            "5 client_compressed_unary cpp server lacks expect_compressed",
            "5 client_compressed_unary python server lacks expect_compressed",
            "5 client_compressed_unary rust-grpcio server lacks expect_compressed",
            "5 custom_metadata rust-grpcio server lacks echo_metadata",
            "5 server_compressed_streaming go server lacks compressed_stream_response",
            "5 server_compressed_streaming rust-tonic server lacks compressed_stream_response",
        ]
    );
}
