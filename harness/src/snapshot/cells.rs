//! Which cells there are to compare, and the form that each has.

use super::accepted::Accepted;
use super::files;
use crate::dialect::{Form, Observed, Pair, is_compared};
use crate::input::{PeerFolder, Project};
use crate::model::{Case, CaseId, CellId, PeerId, Transport};
use crate::plan::{in_scope, missing};
use std::collections::{BTreeMap, BTreeSet};

/// The forms of a run's cells; of one that ran in rounds all that differ, in the order of the rounds.
pub(super) type Forms = BTreeMap<CellId, Vec<Form>>;

/// A cell that is compared.
pub(super) struct Cell<'a> {
    pub(super) case: &'a CaseId,
    pub(super) pair: Pair,
    /// What the run shows of it, or, where it shows nothing, what the accepted snapshots say.
    pub(super) form: Form,
    /// Whether the run shows it.
    pub(super) seen: bool,
    /// Whose directions are not as the accepted snapshots say.
    pub(super) differ: BTreeSet<PeerId>,
}

/// What cells are held against.
pub(super) struct Known<'a> {
    pub(super) project: &'a Project,
    pub(super) peers: &'a [&'a PeerFolder],
    pub(super) canonical: &'a BTreeMap<&'a CaseId, Form>,
    pub(super) accepted: &'a Accepted,
}

impl<'a> Known<'a> {
    /// The cells of the full matrix that can be compared, as far as anything is known of them. Those that may fail are not among them: what
    /// they show when they pass is chance.
    pub(super) fn cells(&self, forms: &Forms) -> Vec<Cell<'a>> {
        let mut cells = Vec::new();
        for case in self.project.cases.iter().filter(|case| is_compared(case)) {
            for (client, server) in
                self.peers.iter().flat_map(|client| self.peers.iter().map(move |server| (client, server)))
            {
                let cell = plaintext(case, client, server);
                let out = self.project.ledger.entries.iter().any(|entry| in_scope(entry, &cell))
                    || !missing(case, client, server, Transport::Plaintext).is_empty();
                if !out {
                    cells.extend(self.cell(case, cell, forms));
                }
            }
        }
        cells
    }

    fn cell(&self, case: &'a Case, cell: CellId, forms: &Forms) -> Option<Cell<'a>> {
        let id = &case.id;
        let canonical = self.canonical.get(id)?;
        let pair = Pair { client: cell.client.clone(), server: cell.server.clone() };
        let said = self.is_said(id, &pair).then(|| self.accepted.dialects.form(id, canonical, &pair));
        let Some(seen) = forms.get(&cell).filter(|forms| !forms.is_empty()) else {
            return said.map(|form| Cell { case: id, pair, form, seen: false, differ: BTreeSet::new() });
        };
        // Of rounds that differ one that is not as said is to be seen.
        let form = seen.iter().find(|form| said.as_ref() != Some(*form)).or(seen.first())?.clone();
        let differ = said.map(|said| differ(&said, &form, &pair)).unwrap_or_default();
        Some(Cell { case: id, pair, form, seen: true, differ })
    }

    /// Whether the accepted snapshots say what a cell looks like.
    fn is_said(&self, case: &CaseId, pair: &Pair) -> bool {
        let peers = [files::of_peer(&pair.client), files::of_peer(&pair.server)];
        self.accepted.has(&files::of_case(case)) && peers.iter().all(|peer| self.accepted.has(peer))
    }
}

fn plaintext(case: &Case, client: &PeerFolder, server: &PeerFolder) -> CellId {
    let (client, server) = (client.peer.name.clone(), server.peer.name.clone());
    CellId { case: case.id.clone(), client, server, transport: Transport::Plaintext }
}

fn differ(said: &Form, form: &Form, pair: &Pair) -> BTreeSet<PeerId> {
    let keys = said.facts.keys().chain(form.facts.keys());
    keys.filter(|key| said.get(key) != form.get(key)).map(|key| pair.peer(key.side).clone()).collect()
}

impl Cell<'_> {
    pub(super) fn observed<'b>(&'b self, canonical: &'b BTreeMap<&CaseId, Form>) -> Option<Observed<'b>> {
        let canonical = canonical.get(self.case)?;
        Some(Observed { case: self.case, canonical, pair: &self.pair, form: &self.form })
    }
}
