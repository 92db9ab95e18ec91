use crate::model::{CellId, PeerId, PlannedCell, Transport, Verdict};
use std::collections::BTreeMap;

/// How far a run has got: in all, and in each pair.
#[derive(Default)]
pub(super) struct Tally {
    planned: usize,
    judged: usize,
    pairs: BTreeMap<(PeerId, PeerId, Transport), Pair>,
}

#[derive(Default)]
struct Pair {
    left: usize,
    verdicts: BTreeMap<Verdict, usize>,
}

impl Tally {
    /// The cells of a plan, none of them judged; those that run are judged so often.
    pub(super) fn of(cells: &[PlannedCell], repeat: u32) -> Tally {
        let mut tally = Tally::default();
        for planned in cells {
            let times = if planned.runs() { repeat as usize } else { 1 };
            tally.planned += times;
            tally.pair(&planned.cell).left += times;
        }
        tally
    }

    /// Counts a cell. Tells what its pair came to, if that was the last of it.
    pub(super) fn judged(&mut self, cell: &CellId, verdict: Verdict) -> Option<String> {
        self.judged += 1;
        let pair = self.pair(cell);
        pair.left = pair.left.saturating_sub(1);
        *pair.verdicts.entry(verdict).or_default() += 1;
        let verdicts: Vec<String> = pair.verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        (pair.left == 0)
            .then(|| format!("{} -> {} {}: {}", cell.client, cell.server, cell.transport, verdicts.join(", ")))
    }

    /// Cells judged, of cells planned.
    pub(super) fn count(&self) -> String {
        format!("{}/{}", self.judged, self.planned)
    }

    fn pair(&mut self, cell: &CellId) -> &mut Pair {
        self.pairs.entry((cell.client.clone(), cell.server.clone(), cell.transport)).or_default()
    }
}
