use super::*;
use crate::dialect::{Form, Key, Name, canonical};
use crate::input::Project;
use crate::model::{BackendKind, CaseId, CellId, Event, PeerId, Role, Side, Tier, Transport};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const CASES: [&str; 2] = ["empty_unary", "status_code_and_message"];
const PEERS: [&str; 2] = ["go", "rust-tonic"];

/// A small matrix, its run, and the folder of its snapshots.
struct Stage {
    folder: tempfile::TempDir,
    project: Project,
    events: Vec<Event>,
    forms: BTreeMap<CellId, Vec<Form>>,
}

impl Stage {
    fn new() -> Stage {
        let mut project = Project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        project.cases.retain(|case| CASES.contains(&case.id.as_str()));
        project.peers.retain(|folder| PEERS.contains(&folder.peer.name.as_str()));
        project.ledger = crate::model::Ledger::default();
        let mut forms = BTreeMap::new();
        for case in &project.cases {
            for client in PEERS {
                for server in PEERS {
                    let mut form = canonical(case);
                    form.set(Key::new(1, Side::Client, Name::header("user-agent")), client);
                    forms.insert(cell(case.id.as_str(), client, server), vec![form]);
                }
            }
        }
        let mut stage = Stage { folder: tempfile::tempdir().unwrap(), project, events: Vec::new(), forms };
        stage.run(true);
        stage
    }

    /// Lets the run be of the whole matrix, or of a part of it.
    fn run(&mut self, unfiltered: bool) {
        let (run, harness, backend) = ("1".to_owned(), "0".to_owned(), "none".to_owned());
        let (kind, foreign) = (BackendKind::Containers, BTreeMap::new());
        let started =
            Event::RunStarted { format: 1, run, harness, started_s: 0, backend, kind, repeat: 1, unfiltered, foreign };
        self.events = vec![started, Event::RunFinished { duration_ms: 1, interrupted: false }];
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn compare(&self) -> Comparison {
        compare(self.folder.path(), &self.project, &self.events, &self.forms).unwrap().unwrap()
    }

    fn counts(&self) -> Counts {
        Counts::of(&self.compare())
    }

    /// Accepts what the run shows.
    fn accept(&self) {
        for pending in write_pending(self.folder.path(), &self.compare()).unwrap() {
            fs::rename(&pending, pending.with_extension("")).unwrap();
        }
    }

    /// Has a cell of the run send `x: 1`.
    fn change(&mut self, id: &CellId) {
        let form = self.forms.get_mut(id).unwrap().first_mut().unwrap();
        form.set(Key::new(1, Side::Client, Name::header("x")), "1");
    }
}

fn cell(case: &str, client: &str, server: &str) -> CellId {
    let (client, server) = (PeerId::new(client), PeerId::new(server));
    CellId { case: CaseId::new(case), client, server, transport: Transport::Plaintext }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const ALL: [&str; 4] = ["empty_unary", "peers/go", "peers/rust-tonic", "status_code_and_message"];

#[test]
fn without_a_folder_nothing_is_compared() {
    let stage = Stage::new();
    let missing = compare(&stage.path("none"), &stage.project, &stage.events, &stage.forms).unwrap();
    assert_eq!(missing, None);
}

#[test]
fn what_was_accepted_is_the_same_in_a_whole_run_and_in_a_part_of_one() {
    let mut stage = Stage::new();
    assert_eq!(stage.counts(), Counts { new: names(&ALL), ..Counts::default() });
    stage.accept();
    assert_eq!(stage.counts(), Counts { same: 4, ..Counts::default() });
    stage.run(false);
    for id in stage.forms.keys().cloned().collect::<Vec<_>>() {
        let all = stage.forms.clone();
        stage.forms.retain(|seen, _| *seen == id);
        assert_eq!(stage.counts(), Counts { same: 4, ..Counts::default() }, "{id}");
        stage.forms = all;
    }
}

#[test]
fn a_change_is_told_where_it_is_also_by_a_run_of_that_cell_alone() {
    let mut stage = Stage::new();
    stage.accept();
    stage.run(false);
    let id = cell("empty_unary", "go", "rust-tonic");
    stage.change(&id);
    stage.forms.retain(|seen, _| *seen == id);
    let comparison = stage.compare();
    assert_eq!(Counts::of(&comparison), Counts { same: 3, changed: names(&["empty_unary"]), ..Counts::default() });
    let text = text(&comparison);
    assert!(text.contains("\nchanged: cases/snapshots/empty_unary.snap\n"), "{text}");
    assert!(text.contains("  +pair go -> rust-tonic:\n  +  call 1 -> header x: 1\n"), "{text}");
}

#[test]
fn a_round_that_differs_is_seen() {
    let mut stage = Stage::new();
    stage.accept();
    let id = cell("empty_unary", "go", "go");
    let same = stage.forms[&id].clone();
    stage.change(&id);
    stage.forms.get_mut(&id).unwrap().splice(0..0, same);
    assert_eq!(stage.counts().changed, names(&["empty_unary"]));
}

#[test]
fn a_change_of_a_peer_in_another_version_is_a_drift_and_comes_first() {
    let mut stage = Stage::new();
    stage.accept();
    stage.change(&cell("empty_unary", "go", "go"));
    stage.change(&cell("status_code_and_message", "rust-tonic", "go"));
    let version = Some("9.9".to_owned());
    let peer = PeerId::new("rust-tonic");
    stage.events.insert(1, Event::PeerStarted { peer, role: Role::Client, version, duration_ms: 0 });
    let comparison = stage.compare();
    assert_eq!(Counts::of(&comparison).drift, names(&["status_code_and_message"]));
    let text = text(&comparison);
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(text.starts_with("rust-tonic is 9.9, "), "{text}");
    assert!(at("\ndrift: cases/snapshots/status_code") < at("\nchanged: cases/snapshots/empty_unary"), "{text}");
}

#[test]
fn a_snapshot_of_nothing_is_an_orphan_in_a_whole_run() {
    let mut stage = Stage::new();
    stage.accept();
    fs::copy(stage.path("empty_unary.snap"), stage.path("gone.snap")).unwrap();
    fs::copy(stage.path("peers/go.snap"), stage.path("peers/gone.snap")).unwrap();
    let orphans = names(&["gone", "peers/gone"]);
    assert_eq!(stage.counts(), Counts { same: 4, orphans, ..Counts::default() });
    assert!(!stage.counts().is_as_accepted());
    stage.run(false);
    assert_eq!(stage.counts(), Counts { same: 4, ..Counts::default() });
}

#[test]
fn a_file_that_is_no_snapshot_is_told_with_its_line() {
    let stage = Stage::new();
    stage.accept();
    let bad = [
        ("", "line 1: expected `---`, the begin of the header"),
        ("text\n", "line 1: expected `---`, the begin of the header"),
        ("---\n[]\n---\ntext\n", "its header: "),
        ("---\nsource: x\n---\ntitle\n\nnobody:\n", "line 3 of its text: expected `client PEERS:`"),
    ];
    for (file, why) in bad {
        fs::write(stage.path("empty_unary.snap"), file).unwrap();
        let comparison = stage.compare();
        assert_eq!(Counts::of(&comparison).unreadable, names(&["empty_unary"]), "{file}");
        let text = text(&comparison);
        assert!(text.contains(&format!("unreadable: cases/snapshots/empty_unary.snap: {why}")), "{text}");
    }
}

#[test]
fn of_a_new_case_a_part_of_the_matrix_asks_nothing() {
    let mut stage = Stage::new();
    stage.accept();
    fs::remove_file(stage.path("empty_unary.snap")).unwrap();
    assert_eq!(stage.counts().new, names(&["empty_unary"]));
    stage.run(false);
    assert!(stage.counts().is_as_accepted());
}

#[test]
fn of_a_case_that_takes_long_none_is_asked_for() {
    let mut stage = Stage::new();
    let (cells, absent, tier) = (Vec::new(), BTreeMap::new(), Tier::Extended);
    stage.events.insert(1, Event::Planned { cells, absent, tier, elsewhere: Default::default() });
    assert_eq!(stage.compare().snapshots.len(), 4);
    assert!(stage.counts().is_as_accepted());
}

#[test]
fn what_may_fail_is_not_compared() {
    let mut stage = Stage::new();
    stage.accept();
    let id = cell("empty_unary", "go", "go");
    stage.change(&id);
    assert_eq!(stage.counts().changed, names(&["empty_unary"]));
    let entry = "{cells: {case: empty_*, client: go, server: go}, fails: sometimes, fingerprints: [[x@client]], reason: r, link: l}";
    stage.project.ledger.entries.push(serde_yaml::from_str(entry).unwrap());
    assert_eq!(stage.counts().changed, Vec::<String>::new());
}

#[test]
fn what_is_pending_and_is_as_accepted_by_now_goes() {
    let mut stage = Stage::new();
    stage.accept();
    let before = stage.forms.clone();
    stage.change(&cell("empty_unary", "go", "go"));
    let pending = stage.path("empty_unary.snap.new");
    assert_eq!(write_pending(stage.folder.path(), &stage.compare()).unwrap(), std::slice::from_ref(&pending));
    stage.forms = before;
    assert_eq!(write_pending(stage.folder.path(), &stage.compare()).unwrap(), Vec::<PathBuf>::new());
    assert!(!pending.exists());
}

#[test]
fn in_ci_nothing_is_accepted() {
    for ci in [None, Some(""), Some("0"), Some("false")] {
        assert_eq!(blessing_is_forbidden(ci), Ok(()), "{ci:?}");
    }
    for ci in ["1", "true", "yes", "gitlab"] {
        assert_eq!(blessing_is_forbidden(Some(ci)), Err(Refused::Ci), "{ci}");
    }
}
