use super::observations::LIMIT;
use super::{Forms, RunFolder};
use crate::dialect::observed;
use crate::input::Project;
use crate::judge::{CellEvidence, Judgement, Recording, judge};
use crate::model::{Case, CellFailure, CellId, ClientExit, Driver, Event, PlannedCell, Transport, Verdict};
use crate::proto::v1::Observation;
use crate::tap::{self, read_capture};
use crate::wire::{CaptureError, decode, decode_tls};
use prost::Message;
use std::fs::File;
use std::io::Read;

/// Judges cells from a run folder. The live run and `replay` both end here, so that a verdict comes from the recorded bytes
/// and from nothing else.
pub(super) struct Judging<'a> {
    pub(super) folder: &'a RunFolder,
    pub(super) project: &'a Project,
    /// Where the forms of cells that passed are kept.
    pub(super) forms: &'a Forms,
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
                let speaks = case.server_config(cell.transport).transport();
                let recording = read_recording(self.folder, (cell, round), speaks);
                let limit = recording.as_ref().err().and_then(RecordingError::limit);
                let observation = self.observation(cell, round);
                let lost = match (failure, client.peer.driver, &recording, &observation) {
                    (None, _, Err(error), _) => Some(format!("the capture cannot be read: {}", error.why())),
                    (None, Driver::Script, _, Err(why)) => Some(format!("the observation cannot be read: {why}")),
                    (_, _, _, _) => None,
                };
                let evidence = CellEvidence {
                    planned,
                    case,
                    client: &client.peer,
                    server: &server.peer,
                    recording: recording.as_ref().ok(),
                    observation: observation.as_ref().ok(),
                    exit,
                    failure,
                };
                let judgement = match (limit, lost) {
                    (Some(limit), _) => Judgement::without_evidence(Verdict::Fail, limit),
                    (None, Some(lost)) => Judgement::without_evidence(Verdict::InfraError, lost),
                    (None, None) => judge(&evidence, &self.project.ledger.entries),
                };
                self.keep(record, case, &judgement, recording.as_ref().ok());
                judgement
            }
            (None, _, _) => missing(&format!("case {}", cell.case)),
            (_, None, _) => missing(&format!("peer {}", cell.client)),
            (_, _, None) => missing(&format!("peer {}", cell.server)),
        };
        let judgement = match again {
            Some(first) => judgement.at_second_attempt(first),
            None => judgement,
        };
        event((cell, round), judgement, duration_ms)
    }

    /// Keeps the form of a cell that passed and shows its frames. One that proves a lack does not show what its case asks for.
    fn keep(&self, record: &Record<'_>, case: &Case, judgement: &Judgement, recording: Option<&Recording>) {
        if let (Verdict::Pass, None, Some(Recording::Frames(transcript))) =
            (judgement.verdict, &record.planned.unsupported, recording)
        {
            self.forms.keep(&record.planned.cell, record.round, observed(case, transcript));
        }
    }

    /// What the client reported, or why that cannot be read.
    fn observation(&self, cell: &CellId, round: u32) -> Result<Observation, String> {
        let mut bytes = Vec::new();
        let file = File::open(self.folder.observation(cell, round)).map(|file| file.take(LIMIT as u64));
        file.and_then(|mut file| file.read_to_end(&mut bytes)).map_err(|error| error.to_string())?;
        match Observation::decode(bytes.as_slice()) {
            Ok(observation) if observation.case == cell.case.as_str() => Ok(observation),
            // Nothing at all reads as an observation of nothing.
            Ok(_) => Err("it is not of this case".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn missing(what: &str) -> Judgement {
    Judgement::without_evidence(Verdict::InfraError, format!("the {what} is not among the inputs"))
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
    /// In words, without the file's name: a reason is the same on every machine.
    pub fn why(&self) -> String {
        match self {
            RecordingError::File(error) => error.why(),
            RecordingError::Content(error) => error.to_string(),
        }
    }

    /// The limit that the peers' traffic reached, if that is why: a failure of their cell, and no damage.
    fn limit(&self) -> Option<String> {
        match self {
            RecordingError::File(error @ tap::CaptureError::TooLarge { .. }) => Some(error.why()),
            RecordingError::Content(error @ CaptureError::Connections) => Some(error.to_string()),
            RecordingError::File(_) | RecordingError::Content(_) => None,
        }
    }
}

/// What a cell's tap recorded in a round, read as HTTP/2 only where neither side speaks TLS: not the client, nor the server, which speaks
/// `server`.
pub fn read_recording(
    folder: &RunFolder,
    (cell, round): (&CellId, u32),
    server: Transport,
) -> Result<Recording, RecordingError> {
    let records = read_capture(&folder.capture(cell, round))?;
    Ok(match (cell.transport, server) {
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
