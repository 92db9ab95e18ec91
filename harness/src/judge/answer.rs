use super::cell::{CellEvidence, Recording};
use super::reached::refused;
use crate::model::{CellFailure, ClientExit, Fault, Finding, Level, Side};
use crate::proto::v1::{Observation, observation};
use crate::wire::Connection;

/// The client gave an answer, and one that it had reason to give.
pub(super) fn answer(evidence: &CellEvidence<'_>, recording: &Recording) -> Option<Finding> {
    let (fault, observed) = match (evidence.failure, evidence.observation) {
        (Some(CellFailure::ClientBroke { detail }), _) => (Fault::Client, detail.clone()),
        (_, Some(observation)) => not_done(observation, recording)?,
        (_, None) => return None,
    };
    Some(finding("answer", fault, "the client's observation, DONE".to_owned(), observed))
}

/// A server that dies explains whatever else is wrong with its cell.
pub(super) fn server_died(evidence: &CellEvidence<'_>) -> Option<Finding> {
    let Some(CellFailure::ServerBroke { detail }) = evidence.failure else { return None };
    Some(finding("alive", Fault::Server, "a server that stays up".to_owned(), detail.clone()))
}

fn not_done(observation: &Observation, recording: &Recording) -> Option<(Fault, String)> {
    let detail = &observation.detail;
    match observation.result() {
        observation::Result::Done | observation::Result::TimedOut => None,
        observation::Result::Unsupported => {
            Some((Fault::Client, format!("refused for lack of {detail:?}, which its peer.yaml does not declare")))
        }
        observation::Result::ConnectFailed => {
            Some((who_did_not_connect(recording), format!("CONNECT_FAILED {detail}")))
        }
        observation::Result::BadScript => Some((Fault::Client, format!("BAD_SCRIPT {detail}"))),
        observation::Result::Unspecified => Some((Fault::Client, "an observation without a result".to_owned())),
    }
}

/// An official client says by its exit code that all was well. What `found` blames on the server explains why it did not.
pub(super) fn exit_code<'a>(
    evidence: &CellEvidence<'_>,
    mut found: impl Iterator<Item = &'a Finding>,
) -> Option<Finding> {
    let exit = evidence.exit.filter(|exit| exit.code != 0)?;
    let servers = found.any(|finding| finding.level == Level::Must && finding.fault == Fault::Server);
    let fault = if servers { Fault::Server } else { Fault::Client };
    Some(finding("exit_code", fault, "exit code 0".to_owned(), observed(exit)))
}

fn observed(exit: &ClientExit) -> String {
    let ClientExit { code, last_line } = exit;
    if last_line.is_empty() { format!("exit code {code}") } else { format!("exit code {code}: {last_line}") }
}

/// A client that was refused, or began to speak and got nothing, was let down by the server.
fn who_did_not_connect(recording: &Recording) -> Fault {
    let silent = |connection: &Connection| {
        connection.preface && !connection.frames.iter().any(|frame| frame.side == Side::Server)
    };
    match recording {
        _ if refused(recording).is_some() => Fault::Server,
        Recording::Frames(transcript) if transcript.connections.iter().any(silent) => Fault::Server,
        Recording::Frames(transcript) if !transcript.connections.is_empty() => Fault::Client,
        Recording::Frames(_) | Recording::Tls(_) => Fault::Unknown,
    }
}

/// One report a call.
pub(super) fn reports(expected: usize, observation: Option<&Observation>) -> Option<Finding> {
    let done = observation.filter(|seen| seen.result() == observation::Result::Done)?;
    let reported = done.calls.len();
    (reported != expected)
        .then(|| finding("calls", Fault::Client, format!("{expected} calls"), format!("{reported} calls reported")))
}

fn finding(check: &str, fault: Fault, expected: String, observed: String) -> Finding {
    Finding { check: check.to_owned(), level: Level::Must, fault, expected, observed, place: None }
}
