use super::body::Protos;
use super::calls::calls;
use super::data::{End, FORMAT, Failing, Seen, Shown};
use super::frames::frames;
use super::tls::tls;
use crate::judge::Recording;
use crate::model::{Finding, Level, Place, Side};
use crate::wire::rules;
use crate::wire::rules::fixtures::{Fixture, Subject};
use crate::wire::tls::TlsTranscript;
use crate::wire::{Connection, Ending, Transcript};

/// What `show` shows of a cell.
pub struct ShowCell<'a> {
    /// `case/client/server/transport`.
    pub id: &'a str,
    /// The verdict and why, in a line.
    pub verdict: &'a str,
    /// What was on the wire.
    pub recording: &'a Recording,
    /// What was found, shown beside the frame it is about.
    pub findings: &'a [Finding],
}

/// How HTTP/2 is looked at. Of TLS there is one way only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// In gRPC terms, call by call.
    Calls,
    /// Every frame of a connection, in order.
    Frames,
}

/// A cell's traffic, with what was found beside the frame it is about.
pub fn shown(cell: &ShowCell<'_>, view: View) -> Shown {
    Shown {
        format: FORMAT,
        cell: cell.id.to_owned(),
        verdict: cell.verdict.trim_end().to_owned(),
        sealed: cell.recording.sealed(),
        failing: cell.findings.iter().filter(|finding| finding.level == Level::Must).filter_map(failing).collect(),
        seen: seen(cell.recording, cell.findings, view),
        findings: cell.findings.iter().filter(|finding| finding.place.is_none()).cloned().collect(),
    }
}

fn failing(finding: &Finding) -> Option<Failing> {
    Some(Failing { fingerprint: finding.fingerprint(), place: finding.place? })
}

fn seen(recording: &Recording, findings: &[Finding], view: View) -> Seen {
    let protos = Protos::ours();
    match (recording, view) {
        (Recording::Frames(transcript), View::Calls) => {
            Seen::Calls(transcript.connections.iter().map(|one| calls(one, findings, &protos)).collect())
        }
        (Recording::Frames(transcript), View::Frames) => {
            Seen::Frames(transcript.connections.iter().map(|one| frames(one, findings, &protos)).collect())
        }
        (Recording::Tls(transcript), _) => {
            Seen::Tls(transcript.connections.iter().map(|one| tls(one, findings)).collect())
        }
    }
}

/// A connection made up to keep or break a rule, with what is found in it.
pub(in crate::report) fn shown_subject(fixture: &Fixture) -> Seen {
    let (recording, findings) = match &fixture.subject {
        Subject::Http2(connection) => {
            let transcript = Transcript { connections: vec![connection.clone()], sealed: true };
            let findings = rules::evaluate(&transcript);
            (Recording::Frames(transcript), findings)
        }
        Subject::Tls(connection, context) => {
            let transcript = TlsTranscript { connections: vec![(**connection).clone()], sealed: true };
            let findings = rules::evaluate_tls(&transcript, context);
            (Recording::Tls(transcript), findings)
        }
    };
    seen(&recording, &findings, View::Frames)
}

/// The findings about some frames of a connection.
pub(super) fn about(findings: &[Finding], connection: usize, frames: &[usize]) -> Vec<Finding> {
    let here = |place: Place| place.connection == connection && frames.contains(&place.frame);
    findings.iter().filter(|finding| finding.place.is_some_and(here)).cloned().collect()
}

/// How the directions of a connection ended.
pub(super) fn ends(connection: &Connection) -> Vec<End> {
    let end = |side: Side| {
        let how = connection.ends.of(side).map(|ending| match ending {
            Ending::Closed => "closed",
            Ending::Broken => "broken",
        });
        End { side, how, first: connection.closed_by == Some(side) }
    };
    Side::BOTH.map(end).to_vec()
}
