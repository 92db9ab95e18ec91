//! Which cells there are to compare, and the form that each has.

use crate::dialect::{Dialects, Form, Observed, Pair, is_compared};
use crate::input::{PeerFolder, Project};
use crate::model::{Case, CaseId, CellId, LedgerEntry, PeerId, Transport};
use crate::plan::missing;
use globset::{Glob, GlobMatcher};
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
pub(super) struct Accepted<'a> {
    pub(super) canonical: &'a BTreeMap<&'a CaseId, Form>,
    pub(super) dialects: &'a Dialects,
    /// The cases and the peers whose snapshot was read.
    pub(super) cases: &'a BTreeSet<&'a CaseId>,
    pub(super) peers: &'a BTreeSet<&'a PeerId>,
}

/// The cells of the full matrix that can be compared, as far as anything is known of them. Those that may fail are not among them: what they
/// show when they pass is chance.
pub(super) fn cells<'a>(
    project: &'a Project,
    peers: &[&'a PeerFolder],
    accepted: &Accepted<'a>,
    forms: &Forms,
) -> Vec<Cell<'a>> {
    let known: Vec<Known> = project.ledger.entries.iter().map(Known::new).collect();
    let mut cells = Vec::new();
    for case in project.cases.iter().filter(|case| is_compared(case)) {
        for client in peers {
            for server in peers {
                let cell = plaintext(case, client, server);
                let out = known.iter().any(|entry| entry.is_about(&cell))
                    || !missing(case, client, server, Transport::Plaintext).is_empty();
                if !out {
                    cells.extend(accepted.cell(case, cell, forms));
                }
            }
        }
    }
    cells
}

fn plaintext(case: &Case, client: &PeerFolder, server: &PeerFolder) -> CellId {
    let (client, server) = (client.peer.name.clone(), server.peer.name.clone());
    CellId { case: case.id.clone(), client, server, transport: Transport::Plaintext }
}

impl<'a> Accepted<'a> {
    fn cell(&self, case: &'a Case, cell: CellId, forms: &Forms) -> Option<Cell<'a>> {
        let id = &case.id;
        let canonical = self.canonical.get(id)?;
        let pair = Pair { client: cell.client.clone(), server: cell.server.clone() };
        let is_said =
            self.cases.contains(id) && [&pair.client, &pair.server].iter().all(|peer| self.peers.contains(*peer));
        let said = is_said.then(|| self.dialects.form(id, canonical, &pair));
        let Some(seen) = forms.get(&cell).filter(|forms| !forms.is_empty()) else {
            return said.map(|form| Cell { case: id, pair, form, seen: false, differ: BTreeSet::new() });
        };
        // Of rounds that differ one that is not as said is to be seen.
        let form = seen.iter().find(|form| said.as_ref() != Some(*form)).or(seen.first())?.clone();
        let differ = said.map(|said| differ(&said, &form, &pair)).unwrap_or_default();
        Some(Cell { case: id, pair, form, seen: true, differ })
    }
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

/// A ledger entry, its globs made ready.
struct Known([Option<GlobMatcher>; 4]);

impl Known {
    fn new(entry: &LedgerEntry) -> Known {
        let cells = &entry.cells;
        let matcher = |glob: &String| Glob::new(glob).ok().map(|glob| glob.compile_matcher());
        Known([&cells.case, &cells.client, &cells.server, &cells.transport].map(matcher))
    }

    fn is_about(&self, cell: &CellId) -> bool {
        let Known(globs) = self;
        let parts = [cell.case.as_str(), cell.client.as_str(), cell.server.as_str(), cell.transport.name()];
        globs.iter().zip(parts).all(|(glob, part)| glob.as_ref().is_some_and(|glob| glob.is_match(part)))
    }
}
