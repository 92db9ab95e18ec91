use super::expect::ExpectedStatus;
use crate::model::StatusCode;
use crate::proto::v1;

/// The n-th of something, counted from 1.
pub(super) fn numbered(what: &str, at: usize, text: &str) -> String {
    format!("{what} {}: {text}", at + 1)
}

/// So many of something.
pub(super) fn count(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A status in words.
pub(super) fn status_text(code: StatusCode, message: &str) -> String {
    if message.is_empty() { format!("status {code}") } else { format!("status {code} {message:?}") }
}

/// An expected status in words.
pub(super) fn expected_status_text(status: ExpectedStatus, message: Option<&str>) -> String {
    match status {
        ExpectedStatus::Code(code) => status_text(code, message.unwrap_or_default()),
        ExpectedStatus::AnyError => "a status other than OK".to_owned(),
    }
}

/// A status as a client reported it, in words.
pub(super) fn reported_status_text(status: &v1::Status) -> String {
    match StatusCode::from_number(status.code) {
        Some(code) => status_text(code, &status.message),
        None => format!("code {}, which is none", status.code),
    }
}
