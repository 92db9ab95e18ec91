use super::matrix::{Candidate, absence, product};
use super::needs::missing;
use super::{Filter, features};
use crate::input::Project;
use crate::model::{CellId, Peer, PeerId, Side, Tier, Unsupported};

/// A lack that a peer declares, and the cell that runs to prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Whose lack.
    pub peer: PeerId,
    /// Of which of its programs.
    pub role: Side,
    /// The contract's name of the feature.
    pub feature: String,
    /// The peer against itself in a case that uses the feature; nothing where no case of the tier does.
    pub cell: Option<CellId>,
}

/// Every declared lack with its proof.
pub(super) fn proofs(project: &Project, tier: Tier) -> Vec<Proof> {
    let peers = project.peers.iter().map(|folder| &folder.peer);
    let declared = peers.flat_map(|peer| peer.unsupported.iter().map(move |entry| (peer, entry)));
    let proof = |(peer, entry): (&Peer, &Unsupported)| Proof {
        peer: peer.name.clone(),
        role: entry.role,
        feature: entry.feature.clone(),
        cell: best(project, tier, peer, entry),
    };
    declared.map(proof).collect()
}

/// The cell that lacks nothing else, or as little as there is, since what else it lacks might be what it fails by; and of those
/// one that uses as little as there is.
fn best(project: &Project, tier: Tier, peer: &Peer, entry: &Unsupported) -> Option<CellId> {
    let mine = |candidate: &Candidate<'_>| {
        candidate.cell.client == peer.name
            && candidate.cell.server == peer.name
            && absence(&candidate.cell, candidate.case, tier, &Filter::default()).is_none()
    };
    let lacking = product(project).filter(mine).filter_map(|Candidate { cell, case, client, server }| {
        let missing = missing(case, client, server, cell.transport);
        let about = missing.iter().any(|missing| missing.feature == Some((peer, entry.role, entry.feature.as_str())));
        about.then(|| ((missing.len(), features(case).len()), cell))
    });
    lacking.min_by_key(|(uses, _)| *uses).map(|(_, cell)| cell)
}
