//! What of a call is another each time, and is left out of its normal form.

use crate::judge::ExpectedCall;
use crate::model::{Case, Expires, WireRule};

/// What of a call is the same each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// All that was sent.
    Everything,
    /// What the client sent, and the responses it waited for. What was on its way when it cancelled may or may not be there.
    UntilCancelled,
    /// What the client sent before its deadline. Which side ends the call, and what the server still says, is a race of two clocks.
    Request,
    /// The call need not be on the wire at all.
    Nothing,
}

impl Kept {
    pub(super) fn of(case: &Case, expected: &ExpectedCall<'_>) -> Kept {
        let asks = |rule: &WireRule| case.wire.contains(rule) || expected.call.wire.contains(rule);
        if asks(&WireRule::Unsent) || asks(&WireRule::Expires(Expires::Anywhere)) {
            Kept::Nothing
        } else if expected.expires() {
            Kept::Request
        } else if expected.cancelled {
            Kept::UntilCancelled
        } else {
            Kept::Everything
        }
    }

    /// How the client ends its direction. A server that fails a call may do so before that, and some clients then leave it.
    pub(super) fn end(self, expected: &ExpectedCall<'_>) -> bool {
        self == Kept::Everything && expected.status.is_ok()
    }

    /// What the client's RST_STREAM says.
    pub(super) fn clients_reset(self) -> bool {
        matches!(self, Kept::Everything | Kept::UntilCancelled)
    }

    /// How many responses; nothing where the server's direction is left out.
    pub(super) fn responses(self, expected: &ExpectedCall<'_>) -> Option<usize> {
        match self {
            Kept::Everything => Some(usize::MAX),
            Kept::UntilCancelled => Some(expected.at_least).filter(|count| *count > 0),
            Kept::Request | Kept::Nothing => None,
        }
    }
}
