use super::RunFolder;
use crate::input::Project;
use crate::judge::{CellEvidence, Judgement, Recording, judge};
use crate::model::{Case, CellFailure, CellId, ClientExit, Event, PlannedCell, Transport, Verdict};
use crate::proto::v1::Observation;
use crate::tap::{self, read_capture};
use crate::wire::{CaptureError, decode, decode_tls};
use prost::Message;

/// Judges cells from a run folder. The live run and `replay` both end here, so that a verdict comes from the recorded bytes
/// and from nothing else.
pub(super) struct Judging<'a> {
    pub(super) folder: &'a RunFolder,
    pub(super) project: &'a Project,
}

/// What is on record of a cell, besides its files.
pub(super) struct Record<'a> {
    pub(super) planned: &'a PlannedCell,
    pub(super) failure: Option<&'a CellFailure>,
    pub(super) exit: Option<&'a ClientExit>,
    pub(super) again: Option<&'a str>,
    pub(super) duration_ms: u64,
}

impl Judging<'_> {
    /// The verdict on a recorded cell, as an event.
    pub(super) fn judge(&self, record: &Record<'_>) -> Event {
        let Record { planned, failure, exit, again, duration_ms } = *record;
        let cell = &planned.cell;
        let known = (self.project.case(&cell.case), self.project.peer(&cell.client), self.project.peer(&cell.server));
        let judgement = match known {
            (Some(case), Some(client), Some(server)) => {
                let recording = read_recording(self.folder, cell, case);
                let limit = recording.as_ref().err().and_then(RecordingError::limit);
                // Why else it cannot be read is of no use to a verdict; `show` tells it.
                let recording = recording.ok();
                let observation = self.observation(cell);
                let evidence = CellEvidence {
                    planned,
                    case,
                    client: &client.peer,
                    server: &server.peer,
                    recording: recording.as_ref(),
                    observation: observation.as_ref(),
                    exit,
                    failure,
                };
                match limit {
                    Some(limit) => Judgement::without_evidence(Verdict::Fail, limit),
                    None => judge(&evidence, &self.project.ledger.entries),
                }
            }
            (_, _, _) => {
                Judgement::without_evidence(Verdict::InfraError, "its case or its peer is not among the inputs")
            }
        };
        let judgement = match again {
            Some(first) => judgement.at_second_attempt(first),
            None => judgement,
        };
        event(cell, judgement, duration_ms)
    }

    fn observation(&self, cell: &CellId) -> Option<Observation> {
        let bytes = std::fs::read(self.folder.observation(cell)).ok()?;
        Observation::decode(bytes.as_slice()).ok()
    }
}

/// A recording that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Its file.
    #[error(transparent)]
    File(#[from] crate::tap::CaptureError),
    /// What is in it.
    #[error(transparent)]
    Content(#[from] CaptureError),
}

impl RecordingError {
    /// The limit that the peers' traffic reached, if that is why: a failure of their cell, and no damage.
    fn limit(&self) -> Option<String> {
        match self {
            RecordingError::File(tap::CaptureError::TooLarge { most, .. }) => {
                Some(format!("the capture has more than the {most} bytes that are read of one"))
            }
            RecordingError::Content(error @ CaptureError::Connections) => Some(error.to_string()),
            RecordingError::File(_) | RecordingError::Content(_) => None,
        }
    }
}

/// What a cell's tap recorded, read as HTTP/2 only where neither side speaks TLS.
pub fn read_recording(folder: &RunFolder, cell: &CellId, case: &Case) -> Result<Recording, RecordingError> {
    let records = read_capture(&folder.capture(cell))?;
    Ok(match (cell.transport, case.server_config(cell.transport).transport()) {
        (Transport::Plaintext, Transport::Plaintext) => Recording::Frames(decode(records)?),
        (_, _) => Recording::Tls(decode_tls(records)?),
    })
}

/// The verdict on a cell that its peers' declarations keep from running.
pub(super) fn unsupported(planned: &PlannedCell) -> Option<Event> {
    let lack = planned.unsupported.as_ref().filter(|_| planned.proof.is_none())?;
    let mut judgement = Judgement::without_evidence(Verdict::Unsupported, &lack.reason);
    judgement.link = Some(lack.link.clone());
    Some(event(&planned.cell, judgement, 0))
}

fn event(cell: &CellId, judgement: Judgement, duration_ms: u64) -> Event {
    Event::CellJudged {
        cell: cell.clone(),
        verdict: judgement.verdict,
        evidence: judgement.evidence,
        reason: judgement.reason,
        link: judgement.link,
        findings: judgement.findings,
        duration_ms,
    }
}
