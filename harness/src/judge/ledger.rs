use super::Judgement;
use crate::model::{CellId, Fails, LedgerEntry, Level, Verdict};
use crate::plan::in_scope;
use std::collections::BTreeSet;

/// Holds a judgement against the ledger: a failure that an entry describes exactly is expected, a pass where an entry says
/// `always` is not.
pub(super) fn apply(entries: &[LedgerEntry], cell: &CellId, judgement: Judgement) -> Judgement {
    let Some(entry) = entries.iter().find(|entry| in_scope(entry, cell)) else { return judgement };
    let shown = fingerprints(&judgement);
    let described = entry.fingerprints.iter().any(|set| set.iter().cloned().collect::<BTreeSet<_>>() == shown);
    match judgement.verdict {
        Verdict::Fail | Verdict::Timeout if described => {
            let reason = entry.reason.clone();
            Judgement { verdict: Verdict::Xfail, reason, link: Some(entry.link.clone()), ..judgement }
        }
        Verdict::Fail | Verdict::Timeout => {
            let reason = format!("{}; the ledger expects another failure: {:?}", judgement.reason, entry.fingerprints);
            Judgement { reason, link: Some(entry.link.clone()), ..judgement }
        }
        Verdict::Pass if entry.fails == Fails::Always => {
            let reason = format!("passed, but the ledger says it always fails: {}", entry.reason);
            Judgement { verdict: Verdict::Xpass, reason, link: Some(entry.link.clone()), ..judgement }
        }
        Verdict::Pass
        | Verdict::Xfail
        | Verdict::Xpass
        | Verdict::Unsupported
        | Verdict::Flaky
        | Verdict::InfraError
        | Verdict::Skipped => judgement,
    }
}

/// What a failing cell shows; a timeout is a fingerprint of its own.
fn fingerprints(judgement: &Judgement) -> BTreeSet<String> {
    let musts = judgement.findings.iter().filter(|finding| finding.level == Level::Must);
    let mut shown: BTreeSet<String> = musts.map(|finding| finding.fingerprint()).collect();
    if judgement.verdict == Verdict::Timeout {
        shown.insert("timeout".to_owned());
    }
    shown
}
