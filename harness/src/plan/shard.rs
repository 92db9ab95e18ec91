use super::Plan;
use crate::model::{CaseId, CellId, PeerId, PlannedCell, Transport};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// What a pair takes beside its cells, in milliseconds: a process of its client begins and ends.
const PAIR: u64 = 500;

/// Why the cells of other shards are absent.
pub(crate) const ELSEWHERE: &str = "left out by --shard";

/// One of several parts of a plan, written `2/3`: the second of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    number: usize,
    /// Of how many.
    of: usize,
}

impl Shard {
    /// All parts of a whole.
    pub fn all(of: usize) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |number| Shard { number, of })
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if 1 <= number && number <= of => Ok(Shard { number, of }),
            Some(_) | None => Err("expected a number and of how many, as in 2/3".to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.number, self.of))
    }
}

/// A pair over a transport: one process of a client runs its cells, so they stay together.
type Pair<'a> = (&'a PeerId, &'a PeerId, Transport);

impl Plan {
    /// One part of the plan. The parts have each cell once, and take about the same time where `durations`, in milliseconds, are those
    /// of the cases; a case that is not in there takes as long as the others do on average.
    pub fn part(mut self, shard: Shard, durations: &BTreeMap<CaseId, u32>) -> Plan {
        let own: BTreeSet<CellId> = match deal(&self.cells, durations, shard.of).into_iter().nth(shard.number - 1) {
            Some(pairs) => {
                self.cells.iter().filter(|planned| pairs.contains(&pair(planned))).map(|p| p.cell.clone()).collect()
            }
            None => BTreeSet::new(),
        };
        let (cells, elsewhere): (Vec<_>, Vec<_>) =
            self.cells.into_iter().partition(|planned| own.contains(&planned.cell));
        self.cells = cells;
        self.elsewhere = elsewhere.into_iter().map(|planned| planned.cell).collect();
        if !self.elsewhere.is_empty() {
            self.absent.insert(ELSEWHERE.to_owned(), self.elsewhere.len());
        }
        self
    }

    /// About how long its cells take, one after another, in milliseconds.
    pub fn weight(&self, durations: &BTreeMap<CaseId, u32>) -> u64 {
        weights(&self.cells, durations).into_values().sum()
    }
}

fn pair(planned: &PlannedCell) -> Pair<'_> {
    (&planned.cell.client, &planned.cell.server, planned.cell.transport)
}

/// The longest pair that is left goes to the part that has least to do.
fn deal<'a>(cells: &'a [PlannedCell], durations: &BTreeMap<CaseId, u32>, parts: usize) -> Vec<BTreeSet<Pair<'a>>> {
    let mut pairs: Vec<(Pair<'a>, u64)> = weights(cells, durations).into_iter().collect();
    // Stable, so that pairs of one weight keep the order of their names.
    pairs.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    let mut dealt = vec![(0, BTreeSet::new()); parts];
    for (pair, weight) in pairs {
        if let Some((load, part)) = dealt.iter_mut().min_by_key(|(load, _)| *load) {
            *load += weight;
            part.insert(pair);
        }
    }
    dealt.into_iter().map(|(_, part)| part).collect()
}

fn weights<'a>(cells: &'a [PlannedCell], durations: &BTreeMap<CaseId, u32>) -> BTreeMap<Pair<'a>, u64> {
    let known = durations.len() as u64;
    let average = durations.values().map(|duration| u64::from(*duration)).sum::<u64>().checked_div(known).unwrap_or(1);
    let mut weights = BTreeMap::new();
    for planned in cells {
        let weight = durations.get(&planned.cell.case).map_or(average, |duration| u64::from(*duration));
        *weights.entry(pair(planned)).or_insert(PAIR) += if planned.runs() { weight } else { 0 };
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan(cells: &BTreeSet<(u8, u8, u8, bool)>) -> Plan {
        let transport = |tls: bool| if tls { Transport::Tls } else { Transport::Plaintext };
        let cell = |(case, client, server, tls): &(u8, u8, u8, bool)| CellId {
            case: CaseId::new(format!("case_{case}")),
            client: PeerId::new(format!("peer-{client}")),
            server: PeerId::new(format!("peer-{server}")),
            transport: transport(*tls),
        };
        let planned = |cell: CellId| PlannedCell { cell, unsupported: None, proof: None };
        Plan { cells: cells.iter().map(cell).map(planned).collect(), ..Plan::default() }
    }

    fn durations() -> impl Strategy<Value = BTreeMap<CaseId, u32>> {
        proptest::collection::btree_map((0..6_u8).prop_map(|n| CaseId::new(format!("case_{n}"))), 0..5_000_u32, 0..6)
    }

    proptest! {
        #[test]
        fn parts_have_each_cell_once_and_tell_of_all_others(
            cells in proptest::collection::btree_set((0..6_u8, 0..4_u8, 0..4_u8, any::<bool>()), 0..80),
            durations in durations(),
            of in 1..9_usize,
        ) {
            let whole = plan(&cells);
            let parts: Vec<Plan> = Shard::all(of).map(|shard| whole.clone().part(shard, &durations)).collect();
            let mut all: Vec<CellId> =
                parts.iter().flat_map(|part| &part.cells).map(|planned| planned.cell.clone()).collect();
            all.sort();
            let mut expected: Vec<CellId> = whole.cells.iter().map(|planned| planned.cell.clone()).collect();
            expected.sort();
            prop_assert_eq!(&all, &expected);
            for part in &parts {
                prop_assert_eq!(part.full(), whole.full());
                let mut told: Vec<CellId> = part.cells.iter().map(|planned| planned.cell.clone()).collect();
                told.extend(part.elsewhere.clone());
                told.sort();
                prop_assert_eq!(&told, &expected);
            }
            // No part has more than the least loaded and one pair: else that pair would have gone there.
            let loads = || parts.iter().map(|part| part.weight(&durations));
            let heaviest = weights(&whole.cells, &durations).into_values().max().unwrap_or(0);
            prop_assert!(loads().max().unwrap_or(0) <= loads().min().unwrap_or(0) + heaviest);
        }
    }

    #[test]
    fn a_shard_is_written_as_a_fraction() {
        assert_eq!("2/3".parse(), Ok(Shard { number: 2, of: 3 }));
        assert_eq!(Shard { number: 2, of: 3 }.to_string(), "2/3");
        for wrong in ["0/3", "4/3", "1", "1/0", "a/b", "-1/2", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
