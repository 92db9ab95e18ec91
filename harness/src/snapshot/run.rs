use crate::input::{PeerFolder, Project};
use crate::model::{BackendKind, Event, PeerId, Tier};
use std::collections::{BTreeMap, BTreeSet};

/// What a run's events say of it.
pub(super) struct Run<'a> {
    /// Whether it was of the whole matrix, in containers, and came to its end.
    pub(super) whole: bool,
    pub(super) tier: Tier,
    /// Those of the checkout: snapshots are of these.
    pub(super) peers: Vec<&'a PeerFolder>,
    /// Peers whose version is not the declared one: that, and the one that ran.
    pub(super) versions: BTreeMap<PeerId, (String, String)>,
}

impl<'a> Run<'a> {
    pub(super) fn of(project: &'a Project, events: &[Event]) -> Run<'a> {
        let mut run = Run { whole: false, tier: Tier::default(), peers: Vec::new(), versions: BTreeMap::new() };
        let mut interrupted = true;
        let mut strangers = BTreeSet::new();
        for event in events {
            match event {
                Event::RunStarted { unfiltered, kind, foreign, .. } => {
                    run.whole = *unfiltered && *kind == BackendKind::Containers;
                    strangers.extend(foreign.keys().cloned());
                }
                Event::Planned { tier, .. } => run.tier = *tier,
                Event::RunFinished { interrupted: stopped, .. } => interrupted = *stopped,
                Event::PeerStarted { peer, version: Some(version), .. } => {
                    let declared = project.peer(peer).map(|folder| &folder.peer.version);
                    if let Some(declared) = declared.filter(|declared| *declared != version) {
                        run.versions.insert(peer.clone(), (declared.clone(), version.clone()));
                    }
                }
                Event::PeerStarted { version: None, .. }
                | Event::Note { .. }
                | Event::BuildOutput { .. }
                | Event::PeerBuilt { .. }
                | Event::PeerFailed { .. }
                | Event::PeerDied { .. }
                | Event::CellRecorded { .. }
                | Event::CellJudged { .. }
                | Event::PeerStopped { .. } => {}
            }
        }
        run.whole &= !interrupted;
        let is_known = |peer: &PeerId| !strangers.contains(peer) && !peer.is_variant();
        run.peers = project.peers.iter().filter(|folder| is_known(&folder.peer.name)).collect();
        run
    }
}
