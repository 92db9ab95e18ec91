use super::{Level, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where on the wire a finding was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Connections of a cell count from 0.
    pub connection: usize,
    /// Frames of a connection count from 0, over both directions, in the order the tap saw them end. Where only TLS can
    /// be read, these are its records.
    pub frame: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connection {} frame {}", self.connection, self.frame)
    }
}

/// Who broke a rule or missed an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The client.
    Client,
    /// The server.
    Server,
    /// The evidence does not tell which of the two.
    Unknown,
}

impl From<Side> for Fault {
    fn from(side: Side) -> Fault {
        match side {
            Side::Client => Fault::Client,
            Side::Server => Fault::Server,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Fault::Client => "client",
            Fault::Server => "server",
            Fault::Unknown => "unknown",
        })
    }
}

/// One rule broken or one expectation missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's id (`W8`) or the check's name (`status`).
    pub check: String,
    /// How binding the rule is; an expectation is `must`.
    pub level: Level,
    /// Who is to blame.
    pub fault: Fault,
    /// What should have been, in words.
    pub expected: String,
    /// What was there instead, in words.
    pub observed: String,
    /// Where, when there is a frame to point at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

impl Finding {
    /// The identity of this kind of failure in the ledger: check and side, as in `W8@server`.
    pub fn fingerprint(&self) -> String {
        format!("{}@{}", self.check, self.fault)
    }
}
