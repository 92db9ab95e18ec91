use super::RunFolder;
use crate::input::Project;
use crate::judge::{CellEvidence, Judgement, Recording, judge};
use crate::model::{Case, CellFailure, CellId, ClientExit, Event, PlannedCell, Transport, Verdict};
use crate::proto::v1::Observation;
use crate::tap::read_capture;
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
    pub(super) round: u32,
    pub(super) failure: Option<&'a CellFailure>,
    pub(super) exit: Option<&'a ClientExit>,
    pub(super) again: Option<&'a str>,
    pub(super) duration_ms: u64,
}

impl Judging<'_> {
    /// The verdict on a recorded cell, as an event.
    pub(super) fn judge(&self, record: &Record<'_>) -> Event {
        let Record { planned, round, failure, exit, again, duration_ms } = *record;
        let cell = &planned.cell;
        let known = (self.project.case(&cell.case), self.project.peer(&cell.client), self.project.peer(&cell.server));
        let judgement = match known {
            (Some(case), Some(client), Some(server)) => {
                // Why it cannot be read is of no use to a verdict; `show` tells it.
                let recording = read_recording(self.folder, cell, round, case).ok();
                let observation = self.observation(cell, round);
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
                judge(&evidence, &self.project.ledger.entries)
            }
            (_, _, _) => {
                Judgement::without_evidence(Verdict::InfraError, "its case or its peer is not among the inputs")
            }
        };
        let judgement = match again {
            Some(first) => judgement.at_second_attempt(first),
            None => judgement,
        };
        event((cell, round), judgement, duration_ms)
    }

    fn observation(&self, cell: &CellId, round: u32) -> Option<Observation> {
        let bytes = std::fs::read(self.folder.observation(cell, round)).ok()?;
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

/// What a cell's tap recorded in a round, read as HTTP/2 only where neither side speaks TLS.
pub fn read_recording(folder: &RunFolder, cell: &CellId, round: u32, case: &Case) -> Result<Recording, RecordingError> {
    let records = read_capture(&folder.capture(cell, round))?;
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
    Some(event((&planned.cell, 0), judgement, 0))
}

fn event((cell, round): (&CellId, u32), judgement: Judgement, duration_ms: u64) -> Event {
    Event::CellJudged {
        cell: cell.clone(),
        round,
        verdict: judgement.verdict,
        evidence: judgement.evidence,
        reason: judgement.reason,
        link: judgement.link,
        findings: judgement.findings,
        duration_ms,
    }
}
