use super::form::{Key, Name, Text};
use crate::model::{CaseId, PeerId, Side};
use std::collections::BTreeMap;

/// Facts that are others than said before: their values, or nothing where they are absent.
pub type Delta = BTreeMap<Key, Option<Text>>;

/// What all cells differ in from the canonical forms of their cases, each thing said once, where it belongs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dialects {
    /// What a peer does in a role in most cases.
    pub habits: BTreeMap<(PeerId, Side), BTreeMap<Trait, Option<Text>>>,
    /// What is so in one case only.
    pub deltas: BTreeMap<CaseId, BTreeMap<Who, Delta>>,
}

/// What a habit is about: wherever such a fact is due and has this value in the canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trait {
    /// In which answers.
    pub scope: Scope,
    /// Which fact.
    pub name: Name,
    /// Its canonical value; nothing where the protocol does not ask for it.
    pub canonical: Option<Text>,
}

/// Where a habit shows: header blocks of an answer with trailers only are made elsewhere in most libraries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All but those of the other one.
    Usual,
    /// Answers with trailers only.
    TrailersOnly,
}

/// Who does something in a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A peer in a role, with most of those on the other side. What its partners do because of it counts as its own.
    Role(Side, PeerId),
    /// Only these two together.
    Pair(Pair),
}

/// A client and a server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Whose client.
    pub client: PeerId,
    /// Whose server.
    pub server: PeerId,
}

impl Pair {
    /// The peer on a side.
    pub fn peer(&self, side: Side) -> &PeerId {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    /// That peer in its role.
    pub(super) fn role(&self, side: Side) -> Who {
        Who::Role(side, self.peer(side).clone())
    }
}
