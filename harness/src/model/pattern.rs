use globset::{Glob, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A glob over names, compiled as it is read: it is held against every cell.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Pattern {
    /// `*`: every name.
    Everything,
    /// Any other.
    Glob(GlobMatcher),
}

impl Pattern {
    /// What a part of a scope means that is not written.
    pub(super) fn everything() -> Pattern {
        Pattern::Everything
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        match self {
            Pattern::Everything => "*",
            Pattern::Glob(glob) => glob.glob().glob(),
        }
    }

    /// Whether all of a name matches.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Pattern::Everything => true,
            Pattern::Glob(glob) => glob.is_match(name),
        }
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Pattern, String> {
        if text == Pattern::Everything.as_str() {
            return Ok(Pattern::Everything);
        }
        let glob = Glob::new(text).map_err(|error| format!("`{text}` is no glob: {}", error.kind()))?;
        Ok(Pattern::Glob(glob.compile_matcher()))
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Pattern, String> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        pattern.as_str().to_owned()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
