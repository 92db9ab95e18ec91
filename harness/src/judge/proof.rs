use super::{Judgement, limit};
use crate::model::{Fault, Lack, Level, Side, Verdict};

/// A cell that runs to prove a declared lack: a failure of the side that lacks it is the proof, a pass shows that the
/// declaration is wrong, and a failure of the other side alone, or a limit of the decoder, shows nothing.
pub(super) fn apply(lack: &Lack, role: Side, judgement: Judgement) -> Judgement {
    let musts = judgement.findings.iter().filter(|finding| finding.level == Level::Must);
    let others = musts.clone().count() > 0 && musts.clone().all(|finding| finding.fault == Fault::from(role.other()));
    let limited = judgement.findings.iter().any(limit::is_reached);
    let (verdict, reason) = match judgement.verdict {
        Verdict::Fail if limited => {
            (Verdict::Fail, format!("not proven, since a limit of the decoder was reached: {}", lack.reason))
        }
        Verdict::Fail if others => {
            (Verdict::Fail, format!("not proven, since the {} failed first: {}", role.other(), lack.reason))
        }
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
