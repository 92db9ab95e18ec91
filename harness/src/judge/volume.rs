use super::expect::ExpectedCall;
use crate::model::{Compressor, Fault, Finding, Level, Side};
use crate::wire::tls::{RecordKind, TlsTranscript};

/// What the bodies of a cell weigh in one direction, in octets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Weight {
    /// Of those that must be there as they are.
    plain: u64,
    /// Of all there can be.
    all: u64,
    /// Whether some are to be compressed. They are zeros, so nearly nothing is left of them.
    compressed: bool,
}

/// Whether a body travels compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// It is to be compressed.
    Compressed,
    /// It is not.
    Plain,
    /// The sender may choose: a server may answer compressed what came compressed, unless it is told otherwise.
    Open,
}

/// TLS hides what was said, not how much: uncompressed bodies cannot weigh less than they are, and where bodies of zeros were to be
/// compressed the whole weighs less than them all.
pub(super) fn findings(expected: &[ExpectedCall<'_>], transcript: &TlsTranscript) -> Vec<Finding> {
    let requests =
        expected.iter().fold(Weight::default(), |weight, call| weight.with(requests(call), call.status.is_ok()));
    let responses =
        expected.iter().fold(Weight::default(), |weight, call| weight.with(responses(call), call.status.is_ok()));
    let sides = [(Side::Client, requests), (Side::Server, responses)];
    sides.into_iter().filter_map(|(side, weight)| weight.finding(side, sent(transcript, side))).collect()
}

impl Weight {
    /// Adds the bodies of a call. Those of a call that fails need not all be sent.
    fn with(mut self, bodies: impl Iterator<Item = (u32, Form)>, owed: bool) -> Weight {
        for (size, form) in bodies {
            let size = u64::from(size);
            self.all += size;
            self.compressed |= form == Form::Compressed;
            self.plain += if owed && form == Form::Plain { size } else { 0 };
        }
        self
    }

    fn finding(self, side: Side, sent: u64) -> Option<Finding> {
        let expected = if sent < self.plain {
            format!("at least {} octets of uncompressed bodies through TLS", self.plain)
        } else if self.compressed && sent >= self.all {
            format!("fewer than the {} octets of all bodies through TLS, since some are compressed", self.all)
        } else {
            return None;
        };
        let (check, fault, observed) =
            ("volume".to_owned(), Fault::from(side), format!("{sent} octets from the {side}"));
        Some(Finding { check, level: Level::Must, fault, expected, observed, place: None })
    }
}

fn requests<'a>(expected: &'a ExpectedCall<'_>) -> impl Iterator<Item = (u32, Form)> + 'a {
    let gzip = expected.call.compressor == Compressor::Gzip;
    expected.requests.iter().map(move |send| {
        let form = if gzip && send.compress != Some(false) { Form::Compressed } else { Form::Plain };
        (send.body_size.unwrap_or_default(), form)
    })
}

fn responses<'a>(expected: &'a ExpectedCall<'_>) -> impl Iterator<Item = (u32, Form)> + 'a {
    let unasked = if expected.call.compressor == Compressor::Gzip { Form::Open } else { Form::Plain };
    let form = move |asked: Option<bool>| match asked {
        Some(true) => Form::Compressed,
        Some(false) => Form::Plain,
        None => unasked,
    };
    expected.requests.iter().flat_map(move |send| {
        let single = (send.response_size.unwrap_or_default(), form(send.response_compressed));
        let streamed = send.responses.iter().map(move |response| (response.size, form(response.compressed)));
        streamed.chain([single])
    })
}

/// Everything protected that a side sent.
fn sent(transcript: &TlsTranscript, side: Side) -> u64 {
    let records = transcript.connections.iter().flat_map(|connection| &connection.half(side).records);
    records.filter(|record| record.kind == RecordKind::ApplicationData).map(|record| u64::from(record.length)).sum()
}
