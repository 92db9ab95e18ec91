use super::results::Results;
use crate::model::{CaseId, Evidence};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How long each case took, in milliseconds: the median of its cells. In the form of `cases/durations.yaml`.
pub fn durations(results: &Results) -> String {
    let mut took: BTreeMap<&CaseId, Vec<u64>> = BTreeMap::new();
    for cell in results.cells.iter().filter(|cell| cell.evidence != Evidence::None) {
        took.entry(&cell.cell.case).or_default().push(cell.duration_ms);
    }
    let mut text = "# How long cases take, in milliseconds; shards are made equal by it. `interop report --format durations` prints it anew.\n".to_owned();
    for (case, mut took) in took {
        took.sort_unstable();
        let _ = writeln!(text, "{case}: {}", took.get(took.len() / 2).copied().unwrap_or_default());
    }
    text
}
