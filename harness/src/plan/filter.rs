use crate::input::Project;
use crate::model::{CellId, PeerId};
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::collections::BTreeSet;

/// Which cells a run is about: globs on each part of a cell's id, any of which may match.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    client: Option<GlobSet>,
    server: Option<GlobSet>,
    case: Option<GlobSet>,
    transport: Option<GlobSet>,
    /// The only peers that can run, where not all can.
    able: Option<BTreeSet<PeerId>>,
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
            able: None,
        })
    }

    /// Leaves out the cells of peers that cannot run on this host.
    pub fn only_local(self, project: &Project) -> Filter {
        let able = project.peers.iter().map(|folder| &folder.peer).filter(|peer| peer.local.is_some());
        Filter { able: Some(able.map(|peer| peer.name.clone()).collect()), ..self }
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
        let unable =
            self.able.as_ref().is_some_and(|able| !able.contains(&cell.client) || !able.contains(&cell.server));
        out.map(|(_, _, reason)| reason)
            .or(unable.then_some("left out by --backend process, which needs a `local` section"))
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
