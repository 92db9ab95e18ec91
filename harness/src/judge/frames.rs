use super::call::CallEvidence;
use super::cell::CellEvidence;
use super::chosen::chosen;
use super::expect::{ExpectedCall, expected_call};
use super::reported::ReportEvidence;
use crate::model::{Call, Case, Driver, Expires, Fault, Finding, Level, WireRule};
use crate::wire::{Connection, Stream, Transcript, rules};

/// The rules of every connection.
pub(super) fn rules(transcript: &Transcript) -> Vec<Finding> {
    rules::evaluate(transcript)
}

/// The rules of the case, and each call held against the steps and the report.
pub(super) fn calls(
    evidence: &CellEvidence<'_>,
    expected: &[ExpectedCall<'_>],
    transcript: &Transcript,
) -> Vec<Finding> {
    let observed = evidence.reported_calls();
    let streams = streams(transcript);
    let sent = |call: &(usize, &ExpectedCall<'_>)| has_stream(evidence.case, call.1.call, &streams);
    let numbered: Vec<_> = expected.iter().enumerate().collect();
    let (sent, unsent): (Vec<_>, Vec<_>) = numbered.into_iter().partition(sent);

    let mut findings: Vec<Finding> = count(evidence, sent.len(), streams.len()).into_iter().collect();
    for ((at, expected), (connection, stream)) in sent.into_iter().zip(streams) {
        let call = CallEvidence { expected, connection, stream, observed: observed.get(at), client: evidence.client };
        findings.extend(match evidence.client.driver {
            Driver::Script => by_script(evidence.case, &call),
            Driver::Official => by_official(evidence.case, &call),
        });
    }
    for (at, expected) in unsent {
        let reported = observed.get(at).map(|observed| ReportEvidence { expected, observed, client: evidence.client });
        findings.extend(reported.into_iter().flat_map(|report| report.findings()));
    }
    findings.extend(together(evidence, transcript));
    findings
}

/// The rules about all calls together, which say nothing before all of them were made.
fn together(evidence: &CellEvidence<'_>, transcript: &Transcript) -> Vec<Finding> {
    if !evidence.claims_all_calls() {
        return Vec::new();
    }
    evidence.case.wire.iter().filter_map(|rule| rules::case::check_together(rule, transcript)).collect()
}

/// A call whose client was told each step.
fn by_script(case: &Case, call: &CallEvidence<'_>) -> Vec<Finding> {
    let rules = case.wire.iter().chain(&call.expected.call.wire);
    let rules = rules.flat_map(|rule| rules::case::check(rule, call.connection, call.stream));
    call.asked().into_iter().chain(call.answered()).chain(call.reported()).chain(rules).collect()
}

/// A call whose client has its parameters built in. Where they are not those of the case, that is counted, and the server is held
/// to what it was asked; rules about the parameters' effect then say nothing.
fn by_official(case: &Case, call: &CallEvidence<'_>) -> Vec<Finding> {
    let Some(made) = chosen(call.expected.call, call.stream) else { return by_script(case, call) };
    let mut findings = call.asked();
    let parameters = |finding: &&mut Finding| matches!(&*finding.check, "request" | "metadata");
    let differs = findings.iter_mut().filter(parameters).map(|finding| finding.level = Level::Should).count() > 0;
    findings.extend(CallEvidence { expected: &expected_call(&made), ..*call }.answered());
    let follows = |rule: &&WireRule| matches!(rule, WireRule::Lengths(_) | WireRule::Status(_));
    let rules = case.wire.iter().chain(&made.wire).filter(|rule| !(differs && follows(rule)));
    findings.extend(rules.flat_map(|rule| rules::case::check(rule, call.connection, call.stream)));
    findings
}

/// Whether a stream is there for a call, or owed. None is where none is to be opened, nor where the deadline of the case's only call
/// passed before the client opened one.
fn has_stream(case: &Case, call: &Call, streams: &[(&Connection, &Stream)]) -> bool {
    let asks = |rule: WireRule| case.wire.iter().chain(&call.wire).any(|asked| *asked == rule);
    let expired = streams.is_empty() && asks(WireRule::Expires(Expires::Anywhere));
    !asks(WireRule::Unsent) && !expired
}

/// Each stream that carries a call, and the place in the case of the call that it is, a copy or a repeat.
pub(crate) fn streams_of_calls<'a>(
    case: &Case,
    transcript: &'a Transcript,
) -> Vec<(usize, &'a Connection, &'a Stream)> {
    let streams = streams(transcript);
    let places = case.calls.iter().enumerate().filter(|(_, call)| has_stream(case, call, &streams));
    let copies = |(at, call): (usize, &Call)| std::iter::repeat_n(at, call.repeat as usize * call.concurrent as usize);
    let places: Vec<usize> = places.flat_map(copies).collect();
    places.into_iter().zip(streams).map(|(at, (connection, stream))| (at, connection, stream)).collect()
}

/// One stream a call.
fn count(evidence: &CellEvidence<'_>, expected: usize, streams: usize) -> Option<Finding> {
    (streams > expected || evidence.claims_all_calls() && streams < expected).then(|| Finding {
        check: "calls".to_owned(),
        level: Level::Must,
        fault: Fault::Client,
        expected: format!("{expected} calls"),
        observed: format!("{streams} streams"),
        place: None,
    })
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
