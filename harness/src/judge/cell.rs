use super::call::CallEvidence;
use super::expect::{ExpectedCall, expected_calls};
use super::ledger;
use crate::model::{Case, CellFailure, CellId, Evidence, Fault, Finding, LedgerEntry, Level, Peer, Verdict};
use crate::proto::v1::{self, observation};
use crate::wire::{Connection, Stream, Transcript, rules};

/// Everything known of a cell that ran.
pub struct CellEvidence<'a> {
    /// Which cell.
    pub cell: &'a CellId,
    /// Its case.
    pub case: &'a Case,
    /// Whose client.
    pub client: &'a Peer,
    /// What the tap recorded; nothing where the capture cannot be read.
    pub transcript: Option<&'a Transcript>,
    /// What the client reported.
    pub observation: Option<&'a v1::Observation>,
    /// Why there is no observation.
    pub failure: Option<&'a CellFailure>,
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
}

/// The verdict on a cell.
pub fn judge(evidence: &CellEvidence<'_>, entries: &[LedgerEntry]) -> Judgement {
    match evidence.failure {
        Some(CellFailure::Infra { detail }) => return Judgement::without_evidence(Verdict::InfraError, detail),
        Some(CellFailure::Skipped) => {
            return Judgement::without_evidence(Verdict::Skipped, "the run ended before this cell's turn");
        }
        Some(CellFailure::ServerBroke { detail }) => {
            return Judgement::without_evidence(Verdict::Fail, format!("the server did not start: {detail}"));
        }
        Some(CellFailure::ClientBroke { detail }) if evidence.transcript.is_none() => {
            return Judgement::without_evidence(Verdict::Fail, format!("the client did not start: {detail}"));
        }
        Some(CellFailure::NoAnswer { .. } | CellFailure::ClientBroke { .. }) | None => {}
    }
    let Some(transcript) = evidence.transcript else {
        return Judgement::without_evidence(Verdict::InfraError, "the capture cannot be read");
    };
    if !transcript.sealed {
        return Judgement::without_evidence(Verdict::InfraError, "the capture is not complete: it has no seal");
    }
    let findings = findings(evidence, transcript);
    let (verdict, reason) = by_findings(evidence, &findings);
    let judgement = Judgement { verdict, evidence: Evidence::Frames, reason, link: None, findings };
    ledger::apply(entries, evidence.cell, judgement)
}

fn by_findings(evidence: &CellEvidence<'_>, findings: &[Finding]) -> (Verdict, String) {
    let timed_out = evidence.observation.is_some_and(|seen| seen.result() == observation::Result::TimedOut);
    if timed_out {
        return (Verdict::Timeout, format!("the client's job was not done in {} ms", evidence.case.timeout_ms));
    }
    if let Some(CellFailure::NoAnswer { waited_ms }) = evidence.failure {
        return (Verdict::Timeout, format!("no observation from the client in {waited_ms} ms"));
    }
    match findings.iter().find(|finding| finding.level == Level::Must) {
        Some(first) => (
            Verdict::Fail,
            format!("{}: expected {}, observed {}", first.fingerprint(), first.expected, first.observed),
        ),
        None => (Verdict::Pass, String::new()),
    }
}

/// Rules of every connection, rules of the case, and each call held against the steps and the report.
fn findings(evidence: &CellEvidence<'_>, transcript: &Transcript) -> Vec<Finding> {
    let context = rules::Context { scheme: evidence.cell.transport.scheme(), authority: None };
    let mut findings = rules::evaluate(transcript, &context);
    findings.extend(answer(evidence, transcript));

    let expected = expected_calls(evidence.case);
    let streams = streams(transcript);
    let observed = evidence.observation.map_or(&[][..], |observation| &observation.calls);
    findings.extend(calls(&expected, streams.len(), evidence.observation));
    for (at, (expected, (connection, stream))) in expected.iter().zip(streams).enumerate() {
        let call = CallEvidence { expected, connection, stream, observed: observed.get(at), client: evidence.client };
        findings.extend(call.findings());
        for rule in evidence.case.wire.iter().chain(&expected.call.wire) {
            findings.extend(rules::case::check(rule, connection, stream));
        }
    }
    findings
}

/// The client gave an answer, and one that it had reason to give.
fn answer(evidence: &CellEvidence<'_>, transcript: &Transcript) -> Option<Finding> {
    let (fault, observed) = match (evidence.failure, evidence.observation) {
        (Some(CellFailure::ClientBroke { detail }), _) => (Fault::Client, detail.clone()),
        (_, Some(observation)) => match observation.result() {
            observation::Result::Done | observation::Result::TimedOut => return None,
            observation::Result::Unsupported => (
                Fault::Client,
                format!("refused for lack of {:?}, which its peer.yaml does not declare", observation.detail),
            ),
            observation::Result::ConnectFailed => {
                (who_did_not_connect(transcript), format!("CONNECT_FAILED {}", observation.detail))
            }
            observation::Result::BadScript => (Fault::Client, format!("BAD_SCRIPT {}", observation.detail)),
            observation::Result::Unspecified => (Fault::Client, "an observation without a result".to_owned()),
        },
        (_, None) => return None,
    };
    Some(Finding {
        check: "answer".to_owned(),
        level: Level::Must,
        fault,
        expected: "the client's observation, DONE".to_owned(),
        observed,
        place: None,
    })
}

/// A client that sent its preface and got nothing was let down by the server.
fn who_did_not_connect(transcript: &Transcript) -> Fault {
    let silent = |connection: &Connection| {
        connection.preface && !connection.frames.iter().any(|frame| frame.side == crate::model::Side::Server)
    };
    match transcript.connections.as_slice() {
        [] => Fault::Unknown,
        connections if connections.iter().any(silent) => Fault::Server,
        _ => Fault::Client,
    }
}

/// One stream a call, and one report a call.
fn calls(expected: &[ExpectedCall<'_>], streams: usize, observation: Option<&v1::Observation>) -> Option<Finding> {
    let reported = observation.filter(|seen| seen.result() == observation::Result::Done).map(|seen| seen.calls.len());
    let finding = |observed: String| Finding {
        check: "calls".to_owned(),
        level: Level::Must,
        fault: Fault::Client,
        expected: format!("{} calls", expected.len()),
        observed,
        place: None,
    };
    match reported {
        _ if streams > expected.len() => Some(finding(format!("{streams} streams"))),
        Some(_) if streams < expected.len() => Some(finding(format!("{streams} streams"))),
        Some(reported) if reported != expected.len() => Some(finding(format!("{reported} calls reported"))),
        Some(_) | None => None,
    }
}

/// All streams that carried a request, in the order in which they opened.
fn streams(transcript: &Transcript) -> Vec<(&Connection, &Stream)> {
    let mut streams: Vec<_> = transcript
        .connections
        .iter()
        .flat_map(|connection| connection.streams.values().map(move |stream| (connection, stream)))
        .filter_map(|(connection, stream)| {
            let opened = stream.client.headers.first()?.first_frame;
            let at_us = connection.frames.get(opened)?.at_us;
            Some((at_us, connection.index, opened, connection, stream))
        })
        .collect();
    streams.sort_by_key(|(at_us, index, opened, ..)| (*at_us, *index, *opened));
    streams.into_iter().map(|(.., connection, stream)| (connection, stream)).collect()
}

#[cfg(test)]
mod tests;
