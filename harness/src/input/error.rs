use std::fmt;
use std::path::PathBuf;

/// Something wrong in a file the user wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// The file.
    pub path: PathBuf,
    /// Line and column, both from 1, where there is one.
    pub at: Option<(usize, usize)>,
    /// What is wrong and what was expected.
    pub what: String,
}

impl InputError {
    /// An error about a file as a whole.
    pub fn whole(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self { path: path.into(), at: None, what: what.into() }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl std::error::Error for InputError {}
