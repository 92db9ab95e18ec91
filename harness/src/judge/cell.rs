use super::answer::{answer, exit_code, reports, server_died};
use super::expect::expected_calls;
use super::reached::reached;
use super::{frames, ledger, limit, proof, tls};
use crate::model::{
    Case, CellFailure, CellId, ClientExit, Driver, Evidence, Finding, LedgerEntry, Level, Peer, PlannedCell, Side,
    Verdict,
};
use crate::proto::v1::{self, observation};
use crate::wire::Transcript;
use crate::wire::tls::TlsTranscript;

/// What a tap recorded of a cell, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recording {
    /// HTTP/2 in the clear.
    Frames(Transcript),
    /// TLS on at least one side.
    Tls(TlsTranscript),
}

impl From<Transcript> for Recording {
    fn from(transcript: Transcript) -> Recording {
        Recording::Frames(transcript)
    }
}

impl From<TlsTranscript> for Recording {
    fn from(transcript: TlsTranscript) -> Recording {
        Recording::Tls(transcript)
    }
}

impl Recording {
    /// Whether the capture is complete.
    pub fn sealed(&self) -> bool {
        match self {
            Recording::Frames(transcript) => transcript.sealed,
            Recording::Tls(transcript) => transcript.sealed,
        }
    }

    fn evidence(&self) -> Evidence {
        match self {
            Recording::Frames(_) => Evidence::Frames,
            Recording::Tls(_) => Evidence::Tls,
        }
    }
}

/// Everything known of a cell that ran.
pub struct CellEvidence<'a> {
    /// Which cell, and whether it is to prove a lack.
    pub planned: &'a PlannedCell,
    /// Its case.
    pub case: &'a Case,
    /// Whose client.
    pub client: &'a Peer,
    /// Whose server.
    pub server: &'a Peer,
    /// What the tap recorded; nothing where the capture cannot be read.
    pub recording: Option<&'a Recording>,
    /// What the client reported.
    pub observation: Option<&'a v1::Observation>,
    /// How an official client's process ended.
    pub exit: Option<&'a ClientExit>,
    /// Why there is no observation.
    pub failure: Option<&'a CellFailure>,
}

impl CellEvidence<'_> {
    pub(super) fn cell(&self) -> &CellId {
        &self.planned.cell
    }

    /// What the client reported of its calls. Where its time was up that is what it had by then, which is no claim about a call.
    pub(super) fn reported_calls(&self) -> &[v1::CallObservation] {
        let complete = self.observation.filter(|seen| seen.result() != observation::Result::TimedOut);
        complete.map_or(&[], |observation| &observation.calls)
    }

    /// Whether the client says, by its observation or by its exit code, that it made all calls.
    pub(super) fn claims_all_calls(&self) -> bool {
        let done = self.observation.is_some_and(|seen| seen.result() == observation::Result::Done);
        done || self.exit.is_some_and(|exit| exit.code == 0)
    }
}

/// A verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What it stands on.
    pub evidence: Evidence,
    /// Why, in a line; empty for a pass.
    pub reason: String,
    /// The link of the ledger entry that explains it.
    pub link: Option<String>,
    /// All findings, of every level.
    pub findings: Vec<Finding>,
}

impl Judgement {
    /// A cell of which nothing was recorded.
    pub fn without_evidence(verdict: Verdict, reason: impl Into<String>) -> Judgement {
        let reason = reason.into();
        Judgement { verdict, evidence: Evidence::None, reason, link: None, findings: Vec::new() }
    }

    /// The judgement on a cell that was run again, since the first attempt failed for a reason that was no peer's: a pass is then
    /// worth less.
    pub fn at_second_attempt(self, first: &str) -> Judgement {
        match self.verdict {
            Verdict::Pass => {
                let reason = format!("passed when run again; at first {first}");
                Judgement { verdict: Verdict::Flaky, reason, ..self }
            }
            Verdict::Fail
            | Verdict::Xfail
            | Verdict::Xpass
            | Verdict::Unsupported
            | Verdict::Flaky
            | Verdict::Timeout
            | Verdict::InfraError
            | Verdict::Skipped => self,
        }
    }
}

/// The verdict on a cell.
pub fn judge(evidence: &CellEvidence<'_>, entries: &[LedgerEntry]) -> Judgement {
    match evidence.failure {
        Some(CellFailure::Infra { detail }) => return Judgement::without_evidence(Verdict::InfraError, detail),
        Some(CellFailure::Skipped) => {
            return Judgement::without_evidence(Verdict::Skipped, "the run ended before this cell's turn");
        }
        Some(CellFailure::ServerBroke { detail }) if evidence.recording.is_none() => {
            return Judgement::without_evidence(Verdict::Fail, format!("the server is not up: {detail}"));
        }
        Some(CellFailure::ClientBroke { detail }) if evidence.recording.is_none() => {
            return Judgement::without_evidence(Verdict::Fail, format!("the client is not up: {detail}"));
        }
        Some(CellFailure::NoAnswer { .. } | CellFailure::ClientBroke { .. } | CellFailure::ServerBroke { .. })
        | None => {}
    }
    let Some(recording) = evidence.recording else {
        return Judgement::without_evidence(Verdict::InfraError, "the capture cannot be read");
    };
    if !recording.sealed() {
        return Judgement::without_evidence(Verdict::InfraError, "the capture is not complete: it has no seal");
    }
    let findings = findings(evidence, recording);
    let (verdict, reason) = by_findings(evidence, &findings);
    let judgement = Judgement { verdict, evidence: recording.evidence(), reason, link: None, findings };
    match &evidence.planned.unsupported {
        Some(_) if died(evidence) => judgement,
        Some(lack) => proof::apply(lack, evidence.planned.proof.unwrap_or(Side::Client), judgement),
        None => ledger::apply(entries, evidence.cell(), judgement),
    }
}

/// A peer that dies shows that it is broken, not that it lacks something.
fn died(evidence: &CellEvidence<'_>) -> bool {
    matches!(evidence.failure, Some(CellFailure::ClientBroke { .. } | CellFailure::ServerBroke { .. }))
}

fn by_findings(evidence: &CellEvidence<'_>, findings: &[Finding]) -> (Verdict, String) {
    let server_died = matches!(evidence.failure, Some(CellFailure::ServerBroke { .. }));
    let timed_out =
        !server_died && evidence.observation.is_some_and(|seen| seen.result() == observation::Result::TimedOut);
    let first = findings.iter().find(|finding| finding.level == Level::Must).map(in_words);
    if timed_out {
        let what = format!("the client's job was not done in {} ms", evidence.case.timeout_ms);
        return (Verdict::Timeout, first.map_or(what.clone(), |first| format!("{what}; {first}")));
    }
    if let Some(CellFailure::NoAnswer { waited_ms }) = evidence.failure {
        let what = match evidence.client.driver {
            Driver::Script => "no observation from the client",
            Driver::Official => "the client did not end",
        };
        return (Verdict::Timeout, format!("{what} in {waited_ms} ms"));
    }
    first.map_or((Verdict::Pass, String::new()), |first| (Verdict::Fail, first))
}

fn in_words(finding: &Finding) -> String {
    format!("{}: expected {}, observed {}", finding.fingerprint(), finding.expected, finding.observed)
}

fn findings(evidence: &CellEvidence<'_>, recording: &Recording) -> Vec<Finding> {
    let mut findings: Vec<Finding> = server_died(evidence).into_iter().chain(reached(recording)).collect();
    findings.extend(match recording {
        Recording::Frames(transcript) => frames::rules(transcript),
        Recording::Tls(transcript) => tls::rules(evidence, transcript),
    });
    let expected = expected_calls(evidence.case);
    let mut of_the_case: Vec<Finding> = answer(evidence, recording).into_iter().collect();
    of_the_case.extend(reports(expected.len(), evidence.observation));
    // Where the decoder reached a limit of ours, nobody is to blame for what it does not know of a call.
    if !findings.iter().any(limit::is_reached) {
        of_the_case.extend(match recording {
            Recording::Frames(transcript) => frames::calls(evidence, &expected, transcript),
            Recording::Tls(transcript) => tls::calls(evidence, &expected, transcript),
        });
    }
    of_the_case.extend(exit_code(evidence, findings.iter().chain(&of_the_case)));
    // What a case asks for binds as much as the case does; the rules of every connection have levels of their own. A lack that is
    // to be proven is one whatever the case's level.
    let level = if evidence.planned.proof.is_some() { Level::Must } else { evidence.case.level };
    findings.extend(of_the_case.into_iter().map(|finding| Finding { level: finding.level.max(level), ..finding }));
    findings
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
