use super::{Filter, features, server_features};
use crate::input::Project;
use crate::model::{Case, CellId, Lack, LedgerEntry, Peer, PlannedCell, Side, Tier, Transport};
use globset::Glob;
use std::collections::BTreeMap;

/// The cells of a run, and why the rest of the full product is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order of the matrix: by client, server, transport, then case, so that a pair's cells stand together.
    pub cells: Vec<PlannedCell>,
    /// How many cells of the full product are absent, by reason.
    pub absent: BTreeMap<String, usize>,
}

impl Plan {
    /// Size of the full product: every cell there could be.
    pub fn full(&self) -> usize {
        self.cells.len() + self.absent.values().sum::<usize>()
    }
}

/// What makes a plan impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A ledger entry is about no cell of the full product.
    #[error(
        "cases/known-differences.yaml: no cell matches case {case}, client {client}, server {server}, transport {transport}"
    )]
    StaleEntry {
        /// The entry's globs.
        case: String,
        /// The entry's globs.
        client: String,
        /// The entry's globs.
        server: String,
        /// The entry's globs.
        transport: String,
    },
}

/// Crosses cases, peers and transports. The ledger is held against the full product, so that filters never make it stale.
pub fn plan(project: &Project, tier: Tier, filter: &Filter) -> Result<Plan, PlanError> {
    let mut plan = Plan::default();
    for (cell, case, client, server) in product(project) {
        match absence(&cell, case, tier, filter) {
            Some(reason) => *plan.absent.entry(reason).or_default() += 1,
            None => plan.cells.push(PlannedCell { cell, unsupported: lack(case, client, server) }),
        }
    }
    match project.ledger.entries.iter().find(|entry| !product(project).any(|(cell, ..)| in_scope(entry, &cell))) {
        Some(entry) => Err(PlanError::StaleEntry {
            case: entry.cells.case.clone(),
            client: entry.cells.client.clone(),
            server: entry.cells.server.clone(),
            transport: entry.cells.transport.clone(),
        }),
        None => Ok(plan),
    }
}

fn product(project: &Project) -> impl Iterator<Item = (CellId, &Case, &Peer, &Peer)> {
    let peers = || project.peers.iter().map(|folder| &folder.peer);
    peers().flat_map(move |client| {
        peers().flat_map(move |server| {
            Transport::ALL.into_iter().flat_map(move |transport| {
                project.cases.iter().map(move |case| {
                    let (client_name, server_name) = (client.name.clone(), server.name.clone());
                    let cell = CellId { case: case.id.clone(), client: client_name, server: server_name, transport };
                    (cell, case, client, server)
                })
            })
        })
    })
}

fn absence(cell: &CellId, case: &Case, tier: Tier, filter: &Filter) -> Option<String> {
    if case.tier != tier {
        return Some(format!("in the {} tier", case.tier));
    }
    filter.leaves_out(cell).map(str::to_owned)
}

/// Why a cell cannot run: the first feature that its client or its server declares to lack.
fn lack(case: &Case, client: &Peer, server: &Peer) -> Option<Lack> {
    let needs = [(client, Side::Client, features(case)), (server, Side::Server, server_features(case))];
    needs.into_iter().find_map(|(peer, role, features)| {
        let entry = features.iter().find_map(|feature| peer.lacks(role, feature))?;
        let reason = format!("{} {role} lacks {}: {}", peer.name, entry.feature, entry.reason);
        Some(Lack { reason, link: entry.link.clone() })
    })
}

/// Whether a ledger entry is about a cell.
pub(crate) fn in_scope(entry: &LedgerEntry, cell: &CellId) -> bool {
    let parts = [
        (&entry.cells.case, cell.case.as_str()),
        (&entry.cells.client, cell.client.as_str()),
        (&entry.cells.server, cell.server.as_str()),
        (&entry.cells.transport, cell.transport.name()),
    ];
    parts.into_iter().all(|(glob, name)| Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(name)))
}

#[cfg(test)]
mod tests;
