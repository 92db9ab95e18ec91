use super::{InputError, case_file, durations_file, ledger_file, nearest, peer_file};
use crate::model::{Case, CaseId, Ledger, Peer, PeerId};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Everything a run is made from.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// By id.
    pub cases: Vec<Case>,
    /// By name.
    pub peers: Vec<PeerFolder>,
    /// The expected failures.
    pub ledger: Ledger,
    /// How long cases take, in milliseconds, as far as that is on record.
    pub durations: BTreeMap<CaseId, u32>,
}

/// A peer and the folder it was read from.
#[derive(Debug, Clone)]
pub struct PeerFolder {
    /// Where its `peer.yaml` and sources are.
    pub path: PathBuf,
    /// What the file says.
    pub peer: Peer,
}

/// What stands for the folder of a build's outputs in a `local` section.
pub(super) const OUT: &str = "{out}";

/// The ledger's file name, beside the cases.
const LEDGER: &str = "known-differences.yaml";
/// The file with the durations of cases, beside them.
const DURATIONS: &str = "durations.yaml";

impl Project {
    /// Reads a project folder: `cases/` and `images/`. All errors of all files are reported together.
    pub fn load(root: &Path) -> Result<Project, Vec<InputError>> {
        let mut errors = Vec::new();
        let mut keep = |result: Result<Vec<PathBuf>, InputError>| {
            result.unwrap_or_else(|error| {
                errors.push(error);
                Vec::new()
            })
        };
        let case_paths = keep(case_files(&root.join("cases")));
        let peer_paths = keep(peer_files(&root.join("images")));
        let ledger_path = root.join("cases").join(LEDGER);

        let mut project = Project::default();
        for path in case_paths {
            case_file::read(&path).map_or_else(|error| errors.push(error), |case| project.cases.push(case));
        }
        for path in peer_paths {
            let folder = path.parent().unwrap_or(root).to_owned();
            match peer_file::read(&path) {
                Ok(peer) => project.peers.push(PeerFolder { path: folder, peer }),
                Err(error) => errors.push(error),
            }
        }
        if ledger_path.symlink_metadata().is_ok() {
            ledger_file::read(&ledger_path).map_or_else(|error| errors.push(error), |ledger| project.ledger = ledger);
        }
        let durations_path = root.join("cases").join(DURATIONS);
        if durations_path.symlink_metadata().is_ok() {
            let read = durations_file::read(&durations_path, &project.cases);
            read.map_or_else(|error| errors.push(error), |durations| project.durations = durations);
        }
        if errors.is_empty() { Ok(project) } else { Err(errors) }
    }

    /// Lets peers run by the commands of their `local` section, where they have one. `out` is what stands for `{out}`.
    pub fn on_this_host(&mut self, out: impl Fn(&PeerId) -> PathBuf) {
        for PeerFolder { peer, .. } in &mut self.peers {
            let Some(local) = &mut peer.local else { continue };
            let out = out(&peer.name).display().to_string();
            for command in [&mut local.build, &mut local.client, &mut local.server] {
                command.iter_mut().for_each(|arg| *arg = arg.replace(OUT, &out));
            }
            peer.client.command.clone_from(&local.client);
            peer.server.command.clone_from(&local.server);
        }
    }

    /// Takes in a peer from a folder anywhere.
    pub fn add_peer(&mut self, folder: &Path) -> Result<PeerId, InputError> {
        let path = folder.join("peer.yaml");
        // The name is to be the folder's, also where that was given as `.`.
        let Ok(folder) = folder.canonicalize() else { return Err(InputError::whole(folder, self.no_folder(folder))) };
        let peer = peer_file::read(&folder.join("peer.yaml"))?;
        let name = peer.name.clone();
        match self.peers.binary_search_by(|there| there.peer.name.cmp(&name)) {
            Ok(at) => {
                let there = self.peers.get(at).map(|there| there.path.display().to_string()).unwrap_or_default();
                Err(InputError::whole(path, format!("there is a peer of the name `{name}` already, in {there}")))
            }
            Err(at) => {
                self.peers.insert(at, PeerFolder { path: folder, peer });
                Ok(name)
            }
        }
    }

    /// Takes in the variants of peers whose names are wanted, as in `python@1.67.1`.
    pub fn add_variants(&mut self, wanted: impl Fn(&str) -> bool) {
        let variants = |folder: &PeerFolder| {
            let path = folder.path.clone();
            folder.peer.all_variants().map(move |peer| PeerFolder { path: path.clone(), peer }).collect::<Vec<_>>()
        };
        let named: Vec<PeerFolder> = self.peers.iter().flat_map(variants).collect();
        self.peers.extend(named.into_iter().filter(|folder| wanted(folder.peer.name.as_str())));
        self.peers.sort_by(|one, other| one.peer.name.cmp(&other.peer.name));
    }

    fn no_folder(&self, folder: &Path) -> String {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let known: Vec<&str> = self.peers.iter().map(|there| there.peer.name.as_str()).collect();
        let nearest = nearest(name, &known).map_or(String::new(), |name| format!("; did you mean images/{name}?"));
        format!("does not exist, expected a folder with a peer.yaml{nearest}")
    }

    /// The peer of a name.
    pub fn peer(&self, name: &PeerId) -> Option<&PeerFolder> {
        self.peers.iter().find(|folder| folder.peer.name == *name)
    }

    /// One case of a checkout, if it is there and can be read; the others are left alone.
    pub fn load_case(root: &Path, id: &CaseId) -> Option<Case> {
        let case = case_file::read(&root.join("cases").join(format!("{id}.yaml"))).ok()?;
        (case.id == *id).then_some(case)
    }

    /// The case of an id.
    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == *id)
    }
}

fn case_files(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let files = entries(folder)?;
    let is_other = |path: &Path| path.ends_with(LEDGER) || path.ends_with(DURATIONS);
    let is_case = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml") && !is_other(path);
    Ok(files.into_iter().filter(is_case).collect())
}

fn peer_files(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let folders = entries(folder)?;
    // A link to nowhere is there too, and is to be told.
    let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
    Ok(folders.into_iter().map(|path| path.join("peer.yaml")).filter(is_there).collect())
}

/// What a folder holds, sorted by name, so that every list and every run has one order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let unreadable = |error: std::io::Error| match folder.exists() {
        true => InputError::whole(folder, format!("cannot be read: {error}")),
        false => InputError::whole(folder, "does not exist, expected a folder"),
    };
    let listing = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut paths =
        listing.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

/// The nearest folder at or above `start` that holds a `cases` folder.
pub fn find_root(start: &Path) -> Result<PathBuf, InputError> {
    let found = start.ancestors().find(|folder| folder.join("cases").is_dir());
    found.map(Path::to_owned).ok_or_else(|| {
        InputError::whole(start, "no `cases` folder here or above: run this inside a checkout of interop")
    })
}
