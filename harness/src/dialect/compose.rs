use super::form::{Form, Key, Name, Text};
use super::layers::{Delta, Dialects, Pair, Scope, Trait, Who};
use super::said;
use crate::model::{CaseId, Side};
use std::collections::BTreeSet;

impl Dialects {
    /// The form that a pair's cell is to have: canonical, then habits, then what either role does in the case, then the pair.
    pub fn form(&self, case: &CaseId, canonical: &Form, pair: &Pair) -> Form {
        let mut form = canonical.clone();
        // How a server answers decides which of its habits show.
        self.apply(&mut form, (case, pair), |key| key.name == Name::Answer);
        for side in Side::BOTH {
            let habits = self.habits.get(&(pair.peer(side).clone(), side));
            habits.into_iter().flatten().for_each(|habit| apply_habit(&mut form, canonical, side, habit));
        }
        self.apply(&mut form, (case, pair), |_| true);
        form
    }

    /// States what the deltas of a case say; each side's own first, then what its partner has it do, then what the two do.
    fn apply(&self, form: &mut Form, (case, pair): (&CaseId, &Pair), wanted: impl Fn(&Key) -> bool) {
        let Some(deltas) = self.deltas.get(case) else { return };
        let roles = Side::BOTH.map(|side| (side, deltas.get(&pair.role(side))));
        for own in [true, false] {
            for (side, delta) in roles {
                delta.into_iter().for_each(|delta| state(form, delta, |key| (key.side == side) == own && wanted(key)));
            }
        }
        let delta = deltas.get(&Who::Pair(pair.clone()));
        delta.into_iter().for_each(|delta| state(form, delta, &wanted));
    }
}

fn state(form: &mut Form, delta: &Delta, wanted: impl Fn(&Key) -> bool) {
    for (key, value) in delta.iter().filter(|(key, _)| wanted(key)) {
        state_one(form, key.clone(), value.as_ref());
    }
}

fn state_one(form: &mut Form, key: Key, value: Option<&Text>) {
    match value {
        Some(value) => drop(form.facts.insert(key, Text::clone(value))),
        None => drop(form.facts.remove(&key)),
    }
}

fn apply_habit(form: &mut Form, canonical: &Form, side: Side, (habit, value): (&Trait, &Option<Text>)) {
    for call in calls(canonical, side) {
        let key = Key::new(call, side, habit.name.clone());
        let applies = scope(form, canonical, &key) == Some(habit.scope);
        if applies && canonical.get(&key) == habit.canonical.as_ref() {
            state_one(form, key, value.as_ref());
        }
    }
}

/// The calls in which a side's direction is compared, and the connection, if there is any.
pub(super) fn calls(canonical: &Form, side: Side) -> BTreeSet<u32> {
    let calls = canonical.facts.keys().filter(|key| key.side == side).map(|key| key.call);
    let connection = (!canonical.facts.is_empty()).then_some(0);
    connection.into_iter().chain(calls).collect()
}

/// Where a habit about a fact shows, if there can be one: in all calls in which facts of its kind are due.
pub(super) fn scope(form: &Form, canonical: &Form, key: &Key) -> Option<Scope> {
    let due = match (&key.name, key.side) {
        (Name::Settings, _) => key.call == 0,
        (Name::Header(_), _) | (Name::End, Side::Client) => key.call > 0,
        (Name::Trailer(_), Side::Server) => has_trailers(canonical, key.call),
        (Name::Trailer(_), Side::Client) | (Name::End, Side::Server) => false,
        (Name::Answer | Name::Binary | Name::Messages | Name::Reset, _) => false,
    };
    let answer = || form.get(&Key::new(key.call, Side::Server, Name::Answer));
    let only = key.side == Side::Server && answer().is_some_and(|answer| &**answer == said::TRAILERS_ONLY);
    due.then_some(if only { Scope::TrailersOnly } else { Scope::Usual })
}

fn has_trailers(canonical: &Form, call: u32) -> bool {
    canonical.get(&Key::new(call, Side::Server, Name::trailer("grpc-status"))).is_some()
}
