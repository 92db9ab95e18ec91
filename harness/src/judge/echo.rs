use super::call::CallEvidence;
use super::metadata;
use crate::model::{Finding, Side};

/// How the keys begin whose values a server sends back.
const ECHO: &str = "x-grpc-test-echo-";

impl CallEvidence<'_> {
    /// The request's metadata on the wire are those of the case, and no others.
    pub(super) fn request_metadata(&self) -> Option<Finding> {
        let headers = self.stream.client.headers.first()?;
        let (expected, sent) = (metadata::of_the_case(self.expected.call), metadata::on_the_wire(headers));
        (sent != expected).then(|| {
            let (expected, sent) = (metadata::text(&expected), metadata::text(&sent));
            self.finding("metadata", Side::Client, expected, sent, Some(headers.first_frame))
        })
    }

    /// The server sends back what the metadata ask for, each entry in its own header block and nowhere else. Of a call that
    /// has no end on the wire other checks tell.
    pub(super) fn echo(&self) -> Vec<Finding> {
        let (Some(echo), Some(trailers)) = (&self.expected.echo, self.trailers()) else { return Vec::new() };
        let blocks = [
            ("echo.initial_metadata", &echo.initial, self.response_headers()),
            ("echo.trailing_metadata", &echo.trailing, Some(trailers)),
        ];
        let missed = blocks.into_iter().filter_map(|(check, expected, block)| {
            let mut sent = block.map(metadata::on_the_wire).unwrap_or_default();
            sent.retain(|(key, _)| key.starts_with(ECHO));
            (sent != *expected).then(|| {
                let frame = block.unwrap_or(trailers).first_frame;
                self.finding(check, Side::Server, metadata::text(expected), metadata::text(&sent), Some(frame))
            })
        });
        missed.collect()
    }
}

#[cfg(test)]
mod tests;
