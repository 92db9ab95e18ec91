use crate::model::{Fault, Finding, Level};
use crate::wire::limits;
use crate::wire::rules::LIMIT_RULE;
use crate::wire::tls::TlsTranscript;

/// The check about TLS records that are counted only.
const RECORDS: &str = "records";

/// Whether a finding says that the decoder reached one of its limits: what is beyond is not known, so that nobody is to blame for it.
pub(super) fn is_reached(finding: &Finding) -> bool {
    matches!(&*finding.check, LIMIT_RULE | RECORDS)
}

/// That there are more TLS records than the decoder holds.
pub(super) fn tls(transcript: &TlsTranscript) -> Option<Finding> {
    let connections = transcript.connections.iter();
    let left_out: u64 = connections.map(|connection| connection.client.left_out + connection.server.left_out).sum();
    (left_out > 0).then(|| Finding {
        check: RECORDS.to_owned(),
        level: Level::Must,
        fault: Fault::Unknown,
        expected: format!("no more than the {} TLS records that the decoder holds", limits::TLS_RECORDS),
        observed: format!("{left_out} more"),
        place: None,
    })
}
