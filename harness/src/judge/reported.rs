use super::blind::is_blind;
use super::expect::{ExpectedCall, ExpectedStatus};
use super::text::{count, expected_status_text, numbered, reported_status_text};
use super::{message, metadata};
use crate::model::{BlindField, Fault, Finding, Level, Peer, StatusCode};
use crate::proto::v1;

/// A call of which the wire shows nothing: what the client reported is held against what the steps must bring. Where the two
/// differ nothing tells which of the two peers is to blame.
pub(super) struct ReportEvidence<'a> {
    pub(super) expected: &'a ExpectedCall<'a>,
    pub(super) observed: &'a v1::CallObservation,
    pub(super) client: &'a Peer,
}

impl ReportEvidence<'_> {
    /// Everything that is not as it should be, and what could not be checked.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let metadata = [BlindField::InitialMetadata, BlindField::TrailingMetadata];
        let metadata = metadata.into_iter().filter_map(|field| self.metadata(field));
        self.messages().into_iter().chain(self.status()).chain(metadata).chain(self.echo()).collect()
    }

    fn messages(&self) -> Option<Finding> {
        let wanted = &self.expected.responses;
        for (at, received) in self.observed.messages.iter().enumerate() {
            let expected = wanted.get(at);
            if !expected.is_some_and(|expected| message::is_expected(received, expected)) {
                let expected = expected.map_or("no more responses".to_owned(), message::expected_text);
                let (expected, observed) = (numbered("response", at, &expected), message::received_text(received));
                return Some(differs("observed.messages", expected, numbered("response", at, &observed)));
            }
        }
        let seen = self.observed.messages.len();
        let owed = self.expected.at_least;
        (seen < owed).then(|| {
            differs("observed.messages", count(owed, "response"), format!("{} reported", count(seen, "response")))
        })
    }

    fn status(&self) -> Option<Finding> {
        let expected = expected_status_text(self.expected.status, self.expected.message);
        let Some(status) = &self.observed.status else { return self.absent(BlindField::Status, expected) };
        let code = StatusCode::from_number(status.code);
        let right = code.is_some_and(|code| self.expected.status.allows(code))
            && self.expected.message.is_none_or(|message| message == status.message);
        let observed = format!("{} reported", reported_status_text(status));
        match (right, self.expected.status) {
            (false, _) => Some(differs("observed.status", expected, observed)),
            // Which one it is was left open, so it goes on record.
            (true, ExpectedStatus::AnyError) => Some(note("observed.status", expected, observed)),
            (true, ExpectedStatus::Code(_)) => None,
        }
    }

    /// What was to come back is among the metadata reported, where they are reported.
    fn echo(&self) -> Vec<Finding> {
        let Some(echo) = &self.expected.echo else { return Vec::new() };
        let sides = [
            ("echo.initial_metadata", &echo.initial, &self.observed.initial_metadata),
            ("echo.trailing_metadata", &echo.trailing, &self.observed.trailing_metadata),
        ];
        let missing = sides.into_iter().filter_map(|(check, owed, list)| {
            let seen = metadata::reported(list.as_ref()?);
            let found = seen.iter().filter(|entry| owed.iter().any(|(key, _)| *key == entry.0));
            let found: Vec<_> = found.cloned().collect();
            (found != *owed)
                .then(|| differs(check, metadata::text(owed), format!("{} reported", metadata::text(&found))))
        });
        missing.collect()
    }

    /// A call that succeeds has had headers if it had messages, and trailers in any case.
    fn metadata(&self, field: BlindField) -> Option<Finding> {
        let (list, owed, what) = match field {
            BlindField::InitialMetadata => {
                (&self.observed.initial_metadata, !self.expected.responses.is_empty(), "initial metadata")
            }
            BlindField::TrailingMetadata => (&self.observed.trailing_metadata, true, "trailing metadata"),
            BlindField::Status => return None,
        };
        let absent = list.is_none() && owed && self.expected.status.is_ok();
        absent.then(|| self.absent(field, what.to_owned())).flatten()
    }

    /// What a client does not report must be declared, and is then known not to be checked.
    fn absent(&self, field: BlindField, expected: String) -> Option<Finding> {
        let check = match field {
            BlindField::InitialMetadata => "observed.initial_metadata",
            BlindField::TrailingMetadata => "observed.trailing_metadata",
            BlindField::Status => "observed.status",
        };
        Some(match is_blind(self.client, self.expected, field, self.observed) {
            true => note(check, expected, "unchecked: the library does not show it, and TLS hides it".to_owned()),
            false => Finding {
                fault: Fault::Client,
                ..differs(check, expected, "none reported, and not declared blind".to_owned())
            },
        })
    }
}

fn differs(check: &str, expected: String, observed: String) -> Finding {
    Finding { check: check.to_owned(), level: Level::Must, fault: Fault::Unknown, expected, observed, place: None }
}

fn note(check: &str, expected: String, observed: String) -> Finding {
    Finding { level: Level::Info, ..differs(check, expected, observed) }
}
