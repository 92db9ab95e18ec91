use crate::model::CellId;
use globset::{Glob, GlobSet, GlobSetBuilder};

/// Which cells a run is about: globs on each part of a cell's id, any of which may match.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    client: Option<GlobSet>,
    server: Option<GlobSet>,
    case: Option<GlobSet>,
    transport: Option<GlobSet>,
}

/// A pattern that is no glob.
#[derive(Debug, thiserror::Error)]
#[error("--{flag} {pattern}: {source}")]
pub struct FilterError {
    flag: &'static str,
    pattern: String,
    source: globset::Error,
}

impl Filter {
    /// Globs by part of the id; no glob for a part lets all of it through.
    pub fn new(
        client: &[String],
        server: &[String],
        case: &[String],
        transport: &[String],
    ) -> Result<Self, FilterError> {
        Ok(Self {
            client: globs("client", client)?,
            server: globs("server", server)?,
            case: globs("case", case)?,
            transport: globs("transport", transport)?,
        })
    }

    /// Why a cell is left out; nothing if it is in.
    pub fn leaves_out(&self, cell: &CellId) -> Option<&'static str> {
        let parts = [
            (&self.client, cell.client.as_str(), "left out by --client"),
            (&self.server, cell.server.as_str(), "left out by --server"),
            (&self.case, cell.case.as_str(), "left out by --case"),
            (&self.transport, cell.transport.name(), "left out by --transport"),
        ];
        let out = parts.into_iter().find(|(globs, name, _)| globs.as_ref().is_some_and(|globs| !globs.is_match(name)));
        out.map(|(_, _, reason)| reason)
    }
}

fn globs(flag: &'static str, patterns: &[String]) -> Result<Option<GlobSet>, FilterError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|source| FilterError { flag, pattern: pattern.clone(), source })?);
    }
    set.build().map(Some).map_err(|source| FilterError { flag, pattern: patterns.join(" "), source })
}
