use super::names::Names;
use crate::input::Project;
use crate::model::{CellId, PeerId};
use globset::{Glob, GlobMatcher};
use std::collections::BTreeSet;

/// How the reasons begin for which a filter leaves out a cell.
pub(super) const LEFT_OUT: &str = "left out by";

/// Which cells a run is about: globs on each part of a cell's id, any of which may match.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    client: Vec<GlobMatcher>,
    server: Vec<GlobMatcher>,
    case: Vec<GlobMatcher>,
    transport: Vec<GlobMatcher>,
    /// The only peers that can run, where not all can.
    able: Option<BTreeSet<PeerId>>,
    /// The only cells that are wanted, where they are named.
    cells: Option<BTreeSet<CellId>>,
}

/// A pattern that is no glob.
#[derive(Debug, thiserror::Error)]
#[error("--{flag} {pattern}: no glob: {}", source.kind())]
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
            cells: None,
        })
    }

    /// Leaves out the cells of peers that cannot run on this host.
    pub fn only_local(self, project: &Project) -> Filter {
        let able = project.peers.iter().map(|folder| &folder.peer).filter(|peer| peer.local.is_some());
        Filter { able: Some(able.map(|peer| peer.name.clone()).collect()), ..self }
    }

    /// Whether it is about a variant of this name: one is taken in where a glob with an `@` names it.
    pub fn names_variant(&self, name: &str) -> bool {
        self.client.iter().chain(&self.server).any(|glob| glob.glob().glob().contains('@') && glob.is_match(name))
    }

    /// Leaves out all but these cells.
    pub fn only_cells(self, cells: BTreeSet<CellId>) -> Filter {
        Filter { cells: Some(cells), ..self }
    }

    /// Why a cell is left out; nothing if it is in.
    pub fn leaves_out(&self, cell: &CellId) -> Option<&'static str> {
        let parts = [
            (&self.client, cell.client.as_str(), "left out by --client"),
            (&self.server, cell.server.as_str(), "left out by --server"),
            (&self.case, cell.case.as_str(), "left out by --case"),
            (&self.transport, cell.transport.name(), "left out by --transport"),
        ];
        let lets_through =
            |globs: &[GlobMatcher], name: &str| globs.is_empty() || globs.iter().any(|glob| glob.is_match(name));
        let out = parts.into_iter().find(|(globs, name, _)| !lets_through(globs, name)).map(|(_, _, reason)| reason);
        let unable =
            self.able.as_ref().is_some_and(|able| !able.contains(&cell.client) || !able.contains(&cell.server));
        let unnamed = self.cells.as_ref().is_some_and(|cells| !cells.contains(cell));
        out.or(unable.then_some("left out by --backend process, which needs a `local` section"))
            .or(unnamed.then_some("left out by name"))
    }

    /// What to say of each glob that matches nothing there is.
    pub fn unmatched(&self, project: &Project) -> Vec<String> {
        let (cases, peers, transports) = (Names::cases(project), Names::peers(project), Names::transports());
        let parts = [
            ("client", &self.client, &peers),
            ("server", &self.server, &peers),
            ("case", &self.case, &cases),
            ("transport", &self.transport, &transports),
        ];
        let told = parts.into_iter().flat_map(|(flag, globs, names)| {
            let told = globs.iter().filter_map(|glob| names.unmatched(glob.glob().glob(), |name| glob.is_match(name)));
            told.map(move |told| format!("--{flag}: {told}"))
        });
        told.collect()
    }
}

fn globs(flag: &'static str, patterns: &[String]) -> Result<Vec<GlobMatcher>, FilterError> {
    let matcher = |pattern: &String| match Glob::new(pattern) {
        Ok(glob) => Ok(glob.compile_matcher()),
        Err(source) => Err(FilterError { flag, pattern: pattern.clone(), source }),
    };
    patterns.iter().map(matcher).collect()
}
