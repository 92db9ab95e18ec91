use super::accepted::Accepted;
use super::cells::{Cell, Forms, Known};
use super::files;
use super::run::Run;
use crate::dialect::{Dialects, Form, Observed, canonical, factor, is_compared, write_case, write_peer};
use crate::input::{PeerFolder, Project};
use crate::model::{CaseId, Event, PeerId, Tier};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What came of comparing a run with the accepted snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// By name.
    pub snapshots: Vec<Snapshot>,
    /// Whether the run was of the whole matrix, so that what it did not show is not there.
    pub whole: bool,
    /// Of which tier its cells were.
    pub tier: Tier,
    /// Peers whose version is not the one in `peer.yaml`: which that is, and which ran.
    pub versions: BTreeMap<PeerId, (String, String)>,
}

/// One snapshot, compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its file below `cases/snapshots`, without its end.
    pub name: String,
    /// What it is about.
    pub subject: Subject,
    /// What came of it.
    pub outcome: Outcome,
    /// Peers that are not as said in it and ran in another version than `peer.yaml` has.
    pub drift: BTreeSet<PeerId>,
}

/// What a snapshot is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A case.
    Case(CaseId),
    /// A peer.
    Peer(PeerId),
    /// Nothing that there is.
    Nothing,
}

/// How a snapshot and a run compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The run shows what was accepted.
    Same,
    /// It does not.
    Changed {
        /// What was accepted.
        accepted: String,
        /// What it would be now.
        now: String,
    },
    /// Nothing was accepted yet.
    New {
        /// What it would be.
        now: String,
    },
    /// The file is no snapshot.
    Unreadable {
        /// Why, with the line.
        why: String,
    },
    /// There is no such case or peer.
    Orphan,
}

/// Compares the forms of a run's cells with the snapshots in the folder of a checkout, which `project` is; nothing where there is no such
/// folder. What the run does not show is taken from the snapshots, so that a part of the matrix is compared as the whole of it is.
pub fn compare(
    folder: &Path,
    project: &Project,
    events: &[Event],
    forms: &Forms,
) -> std::io::Result<Option<Comparison>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let texts = files::accepted(folder)?;
    let run = Run::of(project, events);
    let subjects = subjects(project, &run.peers);
    let accepted = Accepted::read(&subjects, &texts);
    let canonical: BTreeMap<&CaseId, Form> =
        project.cases.iter().filter(|case| is_compared(case)).map(|case| (&case.id, canonical(case))).collect();
    let known = Known { project, peers: &run.peers, canonical: &canonical, accepted: &accepted };
    let cells = known.cells(forms);
    let observed: Vec<Observed<'_>> = cells.iter().filter_map(|cell| cell.observed(&canonical)).collect();
    let now = Now { project, canonical: &canonical, dialects: factor(&observed), cells: &cells };
    let mut snapshots: Vec<Snapshot> = Vec::new();
    for (name, subject) in subjects {
        if let Some(outcome) = outcome(accepted.texts.get(&name), now.text(&subject)) {
            let drift = now.differ(&subject).filter(|peer| run.versions.contains_key(*peer)).cloned().collect();
            snapshots.push(Snapshot { name, subject, outcome, drift });
        }
    }
    if run.whole {
        snapshots.extend(orphans(&texts, project));
    }
    Ok(Some(Comparison { snapshots, whole: run.whole, tier: run.tier, versions: run.versions }))
}

/// How what was accepted compares with what is now. Of what cannot be compared nothing is said.
fn outcome(accepted: Option<&Result<String, String>>, now: Option<String>) -> Option<Outcome> {
    match (accepted, now) {
        (Some(Err(why)), _) => Some(Outcome::Unreadable { why: why.clone() }),
        (Some(Ok(accepted)), Some(now)) if files::normal(&now) == accepted => Some(Outcome::Same),
        (Some(Ok(accepted)), Some(now)) => Some(Outcome::Changed { accepted: accepted.clone(), now }),
        (None, Some(now)) => Some(Outcome::New { now }),
        (_, None) => None,
    }
}

/// All that there are snapshots of, by name.
fn subjects(project: &Project, peers: &[&PeerFolder]) -> BTreeMap<String, Subject> {
    let cases = project.cases.iter().filter(|case| is_compared(case));
    let cases = cases.map(|case| (files::of_case(&case.id), Subject::Case(case.id.clone())));
    let peers = peers.iter().map(|folder| &folder.peer.name);
    cases.chain(peers.map(|peer| (files::of_peer(peer), Subject::Peer(peer.clone())))).collect()
}

/// Snapshots about no case that is compared and no peer.
fn orphans(texts: &BTreeMap<String, Result<String, String>>, project: &Project) -> Vec<Snapshot> {
    let peers: Vec<&PeerFolder> = project.peers.iter().collect();
    let known = subjects(project, &peers);
    let orphans = texts.keys().filter(|name| !known.contains_key(*name));
    let orphan = |name: &String| Snapshot {
        name: name.clone(),
        subject: Subject::Nothing,
        outcome: Outcome::Orphan,
        drift: BTreeSet::new(),
    };
    orphans.map(orphan).collect()
}

/// What the snapshots would be now.
struct Now<'a> {
    project: &'a Project,
    canonical: &'a BTreeMap<&'a CaseId, Form>,
    dialects: Dialects,
    cells: &'a [Cell<'a>],
}

impl Now<'_> {
    /// A snapshot's text, if anything is known of its subject.
    fn text(&self, subject: &Subject) -> Option<String> {
        match subject {
            Subject::Case(id) => {
                self.cells.iter().any(|cell| cell.case == id).then_some(())?;
                Some(write_case(self.project.case(id)?, self.canonical.get(id)?, &self.dialects))
            }
            Subject::Peer(peer) => {
                let is_in = |cell: &Cell<'_>| cell.pair.client == *peer || cell.pair.server == *peer;
                self.cells.iter().any(is_in).then(|| write_peer(peer, &self.dialects))
            }
            Subject::Nothing => None,
        }
    }

    /// The peers that are not as said in it.
    fn differ<'b>(&'b self, subject: &Subject) -> impl Iterator<Item = &'b PeerId> {
        let subject = subject.clone();
        let cells = self.cells.iter().filter(|cell| cell.seen);
        cells.flat_map(|cell| cell.differ.iter().map(move |peer| (cell, peer))).filter_map(move |(cell, peer)| {
            let belongs = match &subject {
                Subject::Case(case) => cell.case == case,
                Subject::Peer(of) => peer == of,
                Subject::Nothing => false,
            };
            belongs.then_some(peer)
        })
    }
}
