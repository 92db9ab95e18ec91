use super::compose::{calls, scope};
use super::form::{Form, Key, Name, Text};
use super::layers::{Dialects, Pair, Scope, Trait, Who};
use super::write::INSTEAD;
use crate::model::{CaseId, PeerId, Side};
use std::collections::{BTreeMap, BTreeSet};

/// A cell and the form its traffic has.
#[derive(Debug, Clone)]
pub struct Observed<'a> {
    /// Of which case.
    pub case: &'a CaseId,
    /// The case's canonical form.
    pub canonical: &'a Form,
    /// Of whom.
    pub pair: &'a Pair,
    /// Its form.
    pub form: &'a Form,
}

/// Says what cells differ in from their canonical forms, each thing where it belongs: what nearly all cells of a role do in several cases is a
/// habit; what most of its cells of one case do is that role's; the rest is the pair's. The result gives each cell its form again
/// ([`Dialects::form`]), and cells that are as it says change nothing in it.
pub fn factor(cells: &[Observed<'_>]) -> Dialects {
    let mut dialects = Dialects { habits: habits(cells), deltas: BTreeMap::new() };
    let own = |cell: &Observed<'_>, key: &Key| cell.pair.role(key.side);
    let partner = |cell: &Observed<'_>, key: &Key| cell.pair.role(key.side.other());
    let both = |cell: &Observed<'_>, _: &Key| Who::Pair(cell.pair.clone());
    // How a server answers decides which of its habits show.
    let answer: fn(&Key) -> bool = |key| key.name == Name::Answer;
    let mut cells = cells.to_vec();
    for wanted in [answer, |_| true] {
        explain(&mut dialects, &mut cells, own, wanted);
        explain(&mut dialects, &mut cells, partner, wanted);
        explain(&mut dialects, &mut cells, both, wanted);
    }
    dialects
}

/// In so many cases a peer has to do something before that is a habit; and in three of four places where it could.
const HABIT: usize = 4;

/// How often facts had which value.
type Votes<'a> = BTreeMap<Option<&'a Text>, usize>;

/// Whether so many are most of all.
fn is_most(count: usize, all: usize) -> bool {
    count * 2 > all
}

/// Takes down what is not explained yet, and is so in most cells of `who`. Cells of cases in which all is explained go: nothing more will be
/// said of them.
fn explain(
    dialects: &mut Dialects,
    cells: &mut Vec<Observed<'_>>,
    who: impl Fn(&Observed<'_>, &Key) -> Who,
    wanted: fn(&Key) -> bool,
) {
    let mut votes: BTreeMap<(&CaseId, Who), BTreeMap<Key, Votes<'_>>> = BTreeMap::new();
    let mut all: BTreeMap<(&CaseId, Who), usize> = BTreeMap::new();
    let mut open: BTreeSet<&CaseId> = BTreeSet::new();
    for cell in &*cells {
        let said = dialects.form(cell.case, cell.canonical, cell.pair);
        let voters: BTreeSet<Who> =
            Side::BOTH.iter().map(|side| who(cell, &Key::new(0, *side, Name::Settings))).collect();
        voters.into_iter().for_each(|who| *all.entry((cell.case, who)).or_default() += 1);
        if said == *cell.form {
            continue;
        }
        open.insert(cell.case);
        let keys: BTreeSet<&Key> = said.facts.keys().chain(cell.form.facts.keys()).collect();
        for key in keys.into_iter().filter(|key| wanted(key) && said.get(key) != cell.form.get(key)) {
            let of = votes.entry((cell.case, who(cell, key))).or_default().entry(key.clone()).or_default();
            *of.entry(cell.form.get(key)).or_default() += 1;
        }
    }
    for ((case, who), keys) in votes {
        let all = all.get(&(case, who.clone())).copied().unwrap_or_default();
        for (key, votes) in keys {
            if let Some((value, _)) = votes.into_iter().find(|(_, count)| is_most(*count, all)) {
                let delta = dialects.deltas.entry(case.clone()).or_default().entry(who.clone()).or_default();
                delta.insert(key, value.cloned());
            }
        }
    }
    cells.retain(|cell| open.contains(cell.case));
}

/// How often a fact had which value, and in which cases.
type Values<'a> = BTreeMap<Option<&'a Text>, (usize, BTreeSet<&'a CaseId>)>;

/// What is counted of one role.
#[derive(Default)]
struct Counted<'a> {
    /// The values of each fact that is canonical or was seen, and the cases with it.
    seen: BTreeMap<Trait, Values<'a>>,
    /// How often facts of a kind were due.
    due: BTreeMap<Scope, BTreeMap<Kind, usize>>,
    /// How often the canonical form has a fact.
    canonical: BTreeMap<(Scope, Name), usize>,
}

/// Facts that are due together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Settings,
    Header,
    Trailer,
    End,
}

impl Kind {
    fn of(name: &Name) -> Option<Kind> {
        match name {
            Name::Settings => Some(Kind::Settings),
            Name::Header(_) => Some(Kind::Header),
            Name::Trailer(_) => Some(Kind::Trailer),
            Name::End => Some(Kind::End),
            Name::Answer | Name::Binary | Name::Messages | Name::Reset => None,
        }
    }

    /// A name of this kind, to ask whether it is due.
    fn example(self) -> Name {
        match self {
            Kind::Settings => Name::Settings,
            Kind::Header => Name::header(""),
            Kind::Trailer => Name::trailer(""),
            Kind::End => Name::End,
        }
    }
}

fn habits(cells: &[Observed<'_>]) -> BTreeMap<(PeerId, Side), BTreeMap<Trait, Option<Text>>> {
    let mut roles: BTreeMap<(PeerId, Side), Counted<'_>> = BTreeMap::new();
    for cell in cells {
        for side in Side::BOTH {
            roles.entry((cell.pair.peer(side).clone(), side)).or_default().add(cell, side);
        }
    }
    roles.into_iter().map(|(role, counted)| (role, counted.habits())).filter(|(_, habits)| !habits.is_empty()).collect()
}

impl<'a> Counted<'a> {
    fn add(&mut self, cell: &Observed<'a>, side: Side) {
        for call in calls(cell.canonical, side) {
            for kind in [Kind::Settings, Kind::Header, Kind::Trailer, Kind::End] {
                if let Some(scope) = scope(cell.form, cell.canonical, &Key::new(call, side, kind.example())) {
                    *self.due.entry(scope).or_default().entry(kind).or_default() += 1;
                }
            }
        }
        let keys = cell.form.facts.keys().chain(cell.canonical.facts.keys()).filter(|key| key.side == side);
        for key in keys.collect::<BTreeSet<_>>() {
            let Some(scope) = scope(cell.form, cell.canonical, key) else { continue };
            let canonical = cell.canonical.get(key);
            if canonical.is_some() {
                *self.canonical.entry((scope, key.name.clone())).or_default() += 1;
            }
            let seen = self.seen.entry(Trait { scope, name: key.name.clone(), canonical: canonical.cloned() });
            let (count, cases) = seen.or_default().entry(cell.form.get(key)).or_default();
            *count += 1;
            cases.insert(cell.case);
        }
    }

    fn habits(&self) -> BTreeMap<Trait, Option<Text>> {
        let most = |(habit, values): (&Trait, &Values<'a>)| {
            let all = self.all(habit, values.values().map(|(count, _)| count).sum());
            let is_habit = |count: usize, cases: usize| count * 4 >= all * 3 && cases >= HABIT;
            let (value, _) = values.iter().find(|(_, (count, cases))| is_habit(*count, cases.len()))?;
            // What could not be read again is said in each case.
            let clear = [*value, habit.canonical.as_ref()].into_iter().flatten().all(|text| !text.contains(INSTEAD));
            (clear && *value != habit.canonical.as_ref()).then(|| (habit.clone(), value.cloned()))
        };
        self.seen.iter().filter_map(most).collect()
    }

    /// In how many places the fact could have stood: `seen` where the canonical form has it, else all that are due without.
    fn all(&self, habit: &Trait, seen: usize) -> usize {
        if habit.canonical.is_some() {
            return seen;
        }
        let due = Kind::of(&habit.name).and_then(|kind| self.due.get(&habit.scope)?.get(&kind)).copied();
        let canonical = self.canonical.get(&(habit.scope, habit.name.clone())).copied();
        due.unwrap_or_default().saturating_sub(canonical.unwrap_or_default())
    }
}
