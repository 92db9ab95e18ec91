use super::RunFolder;
use crate::input::Project;
use crate::judge::{CellEvidence, Judgement, judge};
use crate::model::{Case, CellFailure, CellId, Event, Peer, PlannedCell, Verdict};
use crate::proto::v1::Observation;
use crate::tap::read_capture;
use crate::wire::{Transcript, decode};
use prost::Message;

/// Judges cells from a run folder. The live run and `replay` both end here, so that a verdict comes from the recorded bytes
/// and from nothing else.
pub(super) struct Judging<'a> {
    pub(super) folder: &'a RunFolder,
    pub(super) project: &'a Project,
}

impl Judging<'_> {
    /// The verdict on a recorded cell, as an event.
    pub(super) fn judge(&self, cell: &CellId, failure: Option<&CellFailure>, duration_ms: u64) -> Event {
        let judgement = match (self.case(cell), self.client(cell)) {
            (Some(case), Some(client)) => {
                let transcript = self.transcript(cell);
                let observation = self.observation(cell);
                let (transcript, observation) = (transcript.as_ref(), observation.as_ref());
                let evidence = CellEvidence { cell, case, client, transcript, observation, failure };
                judge(&evidence, &self.project.ledger.entries)
            }
            (_, _) => Judgement::without_evidence(Verdict::InfraError, "its case or its peer is not among the inputs"),
        };
        event(cell, judgement, duration_ms)
    }

    fn case(&self, cell: &CellId) -> Option<&Case> {
        self.project.cases.iter().find(|case| case.id == cell.case)
    }

    fn client(&self, cell: &CellId) -> Option<&Peer> {
        self.project.peers.iter().map(|folder| &folder.peer).find(|peer| peer.name == cell.client)
    }

    fn transcript(&self, cell: &CellId) -> Option<Transcript> {
        let records = read_capture(&self.folder.capture(cell)).ok()?;
        decode(records).ok()
    }

    fn observation(&self, cell: &CellId) -> Option<Observation> {
        let bytes = std::fs::read(self.folder.observation(cell)).ok()?;
        Observation::decode(bytes.as_slice()).ok()
    }
}

/// The verdict on a cell that its peers' declarations keep from running.
pub(super) fn unsupported(planned: &PlannedCell) -> Option<Event> {
    let lack = planned.unsupported.as_ref()?;
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
