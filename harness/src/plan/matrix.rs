use super::Filter;
use super::names::Names;
use super::needs::missing;
use super::proofs::{Proof, proofs};
use crate::input::{PeerFolder, Project};
use crate::model::{Case, CellId, Event, Ledger, LedgerEntry, Pattern, PeerId, PlannedCell, Scope, Tier, Transport};
use std::collections::BTreeMap;

/// The cells of a run, and why the rest of the full product is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order of the matrix: by client, server, transport, then case, so that a pair's cells stand together.
    pub cells: Vec<PlannedCell>,
    /// How many cells of the full product are absent, by reason.
    pub absent: BTreeMap<String, usize>,
    /// How each lack that any peer declares is proven.
    pub proofs: Vec<Proof>,
    /// Of which tier the cells are.
    pub tier: Tier,
    /// Of a part: the cells of the plan that are in the other parts.
    pub elsewhere: Vec<CellId>,
}

impl Plan {
    /// As a run's log tells of it.
    pub fn event(&self) -> Event {
        Event::Planned {
            cells: self.cells.clone(),
            absent: self.absent.clone(),
            tier: self.tier,
            elsewhere: self.elsewhere.clone(),
        }
    }

    /// Whether no filter left out a cell.
    pub fn is_unfiltered(&self) -> bool {
        self.absent.keys().all(|reason| !reason.starts_with(super::filter::LEFT_OUT))
    }

    /// Size of the full product: every cell there could be.
    pub fn full(&self) -> usize {
        self.cells.len() + self.absent.values().sum::<usize>()
    }
}

/// What makes a plan impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A ledger entry is about no cell of the full product.
    #[error("cases/known-differences.yaml{}: {what}", line.map_or(String::new(), |line| format!(":{line}")))]
    StaleEntry {
        /// The line at which it begins, if it is known.
        line: Option<usize>,
        /// Which part of it matches nothing, if it is one.
        what: String,
    },
}

/// Crosses cases, peers and transports. The ledger is held against the full product, so that filters never make it stale.
pub fn plan(project: &Project, tier: Tier, filter: &Filter) -> Result<Plan, PlanError> {
    let mut plan = Plan { proofs: proofs(project, tier), tier, ..Plan::default() };
    for Candidate { cell, case, client, server } in product(project) {
        match absence(&cell, case, tier, filter) {
            Some(reason) => *plan.absent.entry(reason).or_default() += 1,
            None => {
                let first = missing(case, client, server, cell.transport).into_iter().next();
                let proof = plan.proofs.iter().find(|proof| proof.cell.as_ref() == Some(&cell)).map(|proof| proof.role);
                plan.cells.push(PlannedCell { cell, unsupported: first.map(|missing| missing.lack), proof });
            }
        }
    }
    let is_cell = |candidate: &Candidate<'_>| candidate.case.transports.contains(&candidate.cell.transport);
    let matches_none =
        |entry: &LedgerEntry| !product(project).filter(is_cell).any(|candidate| in_scope(entry, &candidate.cell));
    match project.ledger.entries.iter().position(matches_none) {
        Some(at) => Err(stale(project, at)),
        None => Ok(plan),
    }
}

/// An entry of the ledger that is about nothing. With a line for each entry it is known where this one stands.
fn stale(project: &Project, at: usize) -> PlanError {
    let Ledger { entries, lines } = &project.ledger;
    let line = lines.get(at).filter(|_| lines.len() == entries.len()).copied();
    let what = entries.get(at).map_or(String::new(), |entry| {
        let Scope { case, client, server, transport } = &entry.cells;
        let (cases, peers) = (Names::cases(project), Names::peers(project));
        let parts = [(case, &cases), (client, &peers), (server, &peers), (transport, &Names::transports())];
        let part =
            parts.into_iter().find_map(|(glob, names)| names.unmatched(glob.as_str(), |name| glob.matches(name)));
        let all = format!("case `{case}`, client `{client}`, server `{server}`, transport `{transport}`");
        part.unwrap_or_else(|| format!("no cell is of {all}: the entry is to go, or to be widened"))
    });
    PlanError::StaleEntry { line, what }
}

/// One cell of the full product.
pub(super) struct Candidate<'a> {
    pub(super) cell: CellId,
    pub(super) case: &'a Case,
    pub(super) client: &'a PeerFolder,
    pub(super) server: &'a PeerFolder,
}

pub(super) fn product(project: &Project) -> impl Iterator<Item = Candidate<'_>> {
    project.peers.iter().flat_map(move |client| {
        project.peers.iter().flat_map(move |server| {
            Transport::ALL.into_iter().flat_map(move |transport| {
                project.cases.iter().map(move |case| {
                    let (client_name, server_name) = (client.peer.name.clone(), server.peer.name.clone());
                    let cell = CellId { case: case.id.clone(), client: client_name, server: server_name, transport };
                    Candidate { cell, case, client, server }
                })
            })
        })
    })
}

pub(super) fn absence(cell: &CellId, case: &Case, tier: Tier, filter: &Filter) -> Option<String> {
    if case.tier != tier {
        return Some(format!("in the {} tier", case.tier));
    }
    if !case.transports.contains(&cell.transport) {
        return Some(format!("not about {}", cell.transport));
    }
    filter.leaves_out(cell).map(str::to_owned)
}

/// Whether a ledger entry is about a cell. One about a peer is about its variants too: whether it still holds there is what one wants to know.
pub(crate) fn in_scope(entry: &LedgerEntry, cell: &CellId) -> bool {
    let Scope { case, client, server, transport } = &entry.cells;
    let peer = |pattern: &Pattern, peer: &PeerId| {
        pattern.matches(peer.as_str()) || peer.is_variant() && pattern.matches(peer.base().as_str())
    };
    case.matches(cell.case.as_str())
        && peer(client, &cell.client)
        && peer(server, &cell.server)
        && transport.matches(cell.transport.name())
}

#[cfg(test)]
mod tests;
