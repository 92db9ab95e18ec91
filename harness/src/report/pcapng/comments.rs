use crate::judge::Recording;
use crate::model::{Place, Side};
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::Side as RecordSide;
use crate::report::ShowCell;
use std::collections::BTreeMap;

/// What was found, by the bytes that it is about: their connection, their sender and when the tap had them.
pub(super) struct Comments(BTreeMap<(usize, Side, u64), Vec<String>>);

impl Comments {
    pub(super) fn of(cell: &ShowCell<'_>) -> Comments {
        let mut comments: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for finding in cell.findings {
            let place = finding.place.and_then(|place| Some((place.connection, when(cell.recording, place)?)));
            let Some((connection, (side, at_us))) = place else { continue };
            let text = format!(
                "{} ({}) at fault: {}; expected {}; observed {}",
                finding.check, finding.level, finding.fault, finding.expected, finding.observed
            );
            comments.entry((connection, side, at_us)).or_default().push(text);
        }
        Comments(comments)
    }

    /// Those about the bytes of a record; each is told once.
    pub(super) fn of_bytes(&mut self, record: &CaptureRecord) -> Vec<String> {
        let side = match record.side() {
            RecordSide::Client => Side::Client,
            RecordSide::Server => Side::Server,
            RecordSide::Unspecified => return Vec::new(),
        };
        let connection = usize::try_from(record.connection).unwrap_or(usize::MAX);
        self.0.remove(&(connection, side, record.at_us)).unwrap_or_default()
    }
}

/// Who sent what a finding is about, and when it was complete.
fn when(recording: &Recording, Place { connection, frame }: Place) -> Option<(Side, u64)> {
    match recording {
        Recording::Frames(transcript) => {
            let frame = transcript.connections.get(connection)?.frames.get(frame)?;
            Some((frame.side, frame.at_us))
        }
        Recording::Tls(transcript) => {
            let connection = transcript.connections.get(connection)?;
            Side::BOTH.into_iter().find_map(|side| {
                let record = connection.half(side).records.iter().find(|record| record.index == frame)?;
                Some((side, record.at_us))
            })
        }
    }
}
