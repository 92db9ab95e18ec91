use super::compare::Subject;
use crate::dialect::{Dialects, read_case, read_peer};
use std::collections::BTreeMap;

/// What the accepted snapshots say.
#[derive(Default)]
pub(super) struct Accepted {
    /// What differs from the canonical forms.
    pub(super) dialects: Dialects,
    /// The texts by name; in place of one that says nothing that can be understood, why.
    pub(super) texts: BTreeMap<String, Result<String, String>>,
}

impl Accepted {
    /// Reads the texts of what there are snapshots of.
    pub(super) fn read(
        subjects: &BTreeMap<String, Subject>,
        texts: &BTreeMap<String, Result<String, String>>,
    ) -> Accepted {
        let mut accepted = Accepted::default();
        for (name, subject) in subjects {
            if let Some(text) = texts.get(name) {
                let read = text.clone().and_then(|text| accepted.take(subject, &text).map(|()| text));
                accepted.texts.insert(name.clone(), read);
            }
        }
        accepted
    }

    fn take(&mut self, subject: &Subject, text: &str) -> Result<(), String> {
        let read = match subject {
            Subject::Case(case) => read_case(case, text, &mut self.dialects),
            Subject::Peer(peer) => read_peer(peer, text, &mut self.dialects),
            Subject::Nothing => Ok(()),
        };
        read.map_err(|error| error.to_string())
    }

    /// Whether there is a snapshot of a name that was understood.
    pub(super) fn has(&self, name: &str) -> bool {
        self.texts.get(name).is_some_and(Result::is_ok)
    }
}
