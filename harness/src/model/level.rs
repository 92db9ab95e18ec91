use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How binding a rule or a case is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Breaking it makes a cell red.
    #[default]
    Must,
    /// Breaking it is counted.
    Should,
    /// Breaking it is shown.
    Info,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::Info => "info",
        })
    }
}
