use crate::model::{CaseId, Evidence};
use crate::report::CellResult;
use std::collections::BTreeMap;

/// One cell of each case, of those that have evidence: in the clear where there is one. Which peers are in it goes round, so that a
/// sample of many cases has all of them in both roles.
pub fn sample<'a>(cells: impl IntoIterator<Item = &'a CellResult>) -> Vec<&'a CellResult> {
    let mut cases: BTreeMap<&CaseId, [Vec<&CellResult>; 2]> = BTreeMap::new();
    for cell in cells {
        let [clear, tls] = cases.entry(&cell.cell.case).or_default();
        match cell.evidence {
            Evidence::Frames => clear.push(cell),
            Evidence::Tls => tls.push(cell),
            Evidence::None => {}
        }
    }
    let one = |(turn, [clear, tls]): (usize, [Vec<&'a CellResult>; 2])| {
        let from = if clear.is_empty() { tls } else { clear };
        from.get(turn.checked_rem(from.len())?).copied()
    };
    cases.into_values().enumerate().filter_map(one).collect()
}
