use super::Judgement;
use crate::model::{Lack, Verdict};

/// A cell that runs to prove a declared lack: its failure is the proof, its pass shows that the declaration is wrong.
pub(super) fn apply(lack: &Lack, judgement: Judgement) -> Judgement {
    let (verdict, reason) = match judgement.verdict {
        Verdict::Pass => (Verdict::Xpass, format!("passed, but peer.yaml says: {}", lack.reason)),
        Verdict::Fail | Verdict::Timeout => (Verdict::Unsupported, lack.reason.clone()),
        Verdict::Xfail
        | Verdict::Xpass
        | Verdict::Unsupported
        | Verdict::Flaky
        | Verdict::InfraError
        | Verdict::Skipped => return judgement,
    };
    Judgement { verdict, reason, link: Some(lack.link.clone()), ..judgement }
}
