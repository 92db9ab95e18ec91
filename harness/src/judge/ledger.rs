use super::Judgement;
use crate::model::{CellId, Fails, LedgerEntry, Level, Verdict};
use crate::plan::in_scope;
use std::collections::BTreeSet;

/// Holds a judgement against the ledger: a failure that the entries about its cell describe exactly is expected, a pass where one of
/// them says `always` is not.
pub(super) fn apply(entries: &[LedgerEntry], cell: &CellId, judgement: Judgement) -> Judgement {
    let entries: Vec<&LedgerEntry> = entries.iter().filter(|entry| in_scope(entry, cell)).collect();
    let Some(first) = entries.first() else { return judgement };
    match judgement.verdict {
        Verdict::Fail | Verdict::Timeout => match explain(&entries, &fingerprints(&judgement), &BTreeSet::new()) {
            Some(by) => {
                let reasons: Vec<&str> = by.iter().map(|entry| entry.reason.as_str()).collect();
                let link = by.first().map(|entry| entry.link.clone());
                Judgement { verdict: Verdict::Xfail, reason: reasons.join("; "), link, ..judgement }
            }
            None => {
                let sets: Vec<_> = entries.iter().flat_map(|entry| &entry.fingerprints).collect();
                let reason = format!("{}; the ledger expects another failure: {sets:?}", judgement.reason);
                Judgement { reason, link: Some(first.link.clone()), ..judgement }
            }
        },
        Verdict::Pass => match entries.iter().find(|entry| entry.fails == Fails::Always) {
            Some(entry) => {
                let reason = format!("passed, but the ledger says it always fails: {}", entry.reason);
                Judgement { verdict: Verdict::Xpass, reason, link: Some(entry.link.clone()), ..judgement }
            }
            None => judgement,
        },
        Verdict::Xfail
        | Verdict::Xpass
        | Verdict::Unsupported
        | Verdict::Flaky
        | Verdict::InfraError
        | Verdict::Skipped => judgement,
    }
}

/// The entries that account for all that is shown, beyond what is explained already: each by one of its sets, but that one that
/// fails only sometimes may have nothing to do with it. Nothing where they do not.
fn explain<'a>(
    entries: &[&'a LedgerEntry],
    shown: &BTreeSet<String>,
    explained: &BTreeSet<String>,
) -> Option<Vec<&'a LedgerEntry>> {
    let Some((entry, others)) = entries.split_first() else { return (explained == shown).then(Vec::new) };
    let part = |set: &&Vec<String>| set.iter().all(|print| shown.contains(print));
    let by_set = entry.fingerprints.iter().filter(part).find_map(|set| {
        let explained = explained.iter().chain(set).cloned().collect();
        let by = explain(others, shown, &explained)?;
        Some([&[*entry], by.as_slice()].concat())
    });
    let unused = || (entry.fails == Fails::Sometimes).then(|| explain(others, shown, explained)).flatten();
    by_set.or_else(unused)
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
