use crate::input::Project;
use crate::model::{CellId, PeerId, Role};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Version of the run folder's format. It changes when a reader of the old form would misread the new one.
pub(super) const FORMAT: u32 = 1;
/// How many runs are kept.
const KEEP: usize = 10;

/// The folder of one run, `target/interop/<run>`.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    run: String,
    /// Held as long as the run lives, so that others can tell a live run from a dead one.
    _lock: Option<File>,
}

/// A run folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system refuses.
    #[error("{path}: {source}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Its log is none, or tells of nothing.
    #[error("{path}: {what}")]
    Log {
        /// The log.
        path: PathBuf,
        /// In words.
        what: String,
    },
    /// A newer harness wrote it.
    #[error("{path}: the run folder has format {found}; this harness reads up to {FORMAT}: read it with a newer one")]
    Format {
        /// The log.
        path: PathBuf,
        /// The folder's format.
        found: u64,
    },
    /// There is no such run.
    #[error("{path}: no run folder (expected one with an events.jsonl; `make interop` writes target/interop/latest)")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
}

pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Io { path, source }
}

impl RunFolder {
    /// Creates and locks the folder of a new run. The oldest runs beyond the last ten go.
    pub fn create(root: &Path, run: &str) -> Result<RunFolder, FolderError> {
        let runs = Self::all(root);
        let path = runs.join(run);
        fs::create_dir_all(&path).map_err(io(&path))?;
        let lock = File::create(path.join("lock")).map_err(io(&path))?;
        lock.lock().map_err(io(&path))?;
        prune(&runs, run);
        Ok(RunFolder { path, run: run.to_owned(), _lock: Some(lock) })
    }

    /// Lets `latest` point at this run. In one step, since others may begin at the same moment.
    pub fn make_latest(&self) -> Result<(), FolderError> {
        let latest = self.path.with_file_name("latest");
        let own = self.path.with_file_name(format!("latest.{}", self.run));
        std::os::unix::fs::symlink(&self.run, &own).map_err(io(&own))?;
        fs::rename(&own, &latest).map_err(io(&latest))
    }

    /// Removes the folder of a run that did not begin. What cannot be removed goes with the oldest runs.
    pub fn discard(self) {
        let _ = fs::remove_dir_all(&self.path);
    }

    /// Opens the folder of a run that has been.
    pub fn open(path: &Path) -> Result<RunFolder, FolderError> {
        let path = path.canonicalize().map_err(|_| FolderError::Missing { path: path.to_owned() })?;
        if !path.join("events.jsonl").is_file() {
            return Err(FolderError::Missing { path });
        }
        let run = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        Ok(RunFolder { path, run, _lock: None })
    }

    /// Where a checkout keeps its runs.
    pub fn all(root: &Path) -> PathBuf {
        root.join("target").join("interop")
    }

    /// Whether the run of this folder is alive: its lock is held.
    pub fn is_live(folder: &Path) -> bool {
        let lock = File::open(folder.join("lock"));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run's id.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The event log.
    pub fn events(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// The results, a function of the events.
    pub fn results(&self) -> PathBuf {
        self.path.join("results.json")
    }

    /// The cases, peers and ledger that the run was made from, laid out as in a checkout.
    pub fn inputs(&self) -> PathBuf {
        self.path.join("inputs")
    }

    /// Where a cell's evidence is; that of later rounds is in folders of their own in there.
    pub fn cell(&self, cell: &CellId, round: u32) -> PathBuf {
        let path = self.path.join("cells").join(cell.case.as_str()).join(cell.client.as_str());
        let path = path.join(cell.server.as_str()).join(cell.transport.name());
        if round == 0 { path } else { path.join(format!("round-{round}")) }
    }

    /// A cell's capture.
    pub fn capture(&self, cell: &CellId, round: u32) -> PathBuf {
        self.cell(cell, round).join("capture.zst")
    }

    /// A cell's observation.
    pub fn observation(&self, cell: &CellId, round: u32) -> PathBuf {
        self.cell(cell, round).join("observation.binpb")
    }

    /// The log of a peer's role, relative to the folder; `earlier` ones of it died.
    pub fn log_name(peer: &PeerId, role: Role, earlier: usize) -> String {
        match earlier {
            0 => format!("logs/{peer}.{role}.log"),
            earlier => format!("logs/{peer}.{role}.{}.log", earlier + 1),
        }
    }

    /// What a client wrote to standard error against one server.
    pub fn job_log(&self, cell: &CellId) -> PathBuf {
        self.path.join("logs").join(format!("{}.client.{}.{}.log", cell.client, cell.server, cell.transport))
    }

    /// Keeps a copy of what the run was made from, laid out as a checkout is.
    pub fn keep_inputs(&self, root: &Path, project: &Project) -> Result<(), FolderError> {
        copy_inputs(&root.join("cases"), &self.inputs().join("cases"))?;
        for folder in &project.peers {
            // A variant is in the file of its peer.
            copy_inputs(&folder.path, &self.inputs().join("images").join(folder.peer.name.base().as_str()))?;
        }
        Ok(())
    }
}

/// Copies the files of a folder that a harness reads: YAML, and the certificates that `peer.yaml` may name.
fn copy_inputs(from: &Path, to: &Path) -> Result<(), FolderError> {
    fs::create_dir_all(to).map_err(io(to))?;
    for entry in fs::read_dir(from).map_err(io(from))? {
        let path = entry.map_err(io(from))?.path();
        let is_input = path.extension().is_some_and(|extension| extension == "yaml" || extension == "pem");
        if is_input && let Some(name) = path.file_name() {
            let target = to.join(name);
            fs::copy(&path, &target).map_err(io(&target))?;
        }
    }
    Ok(())
}

/// Removes the oldest runs, never a live one. Run ids begin with their date, so that names sort by age.
fn prune(runs: &Path, current: &str) {
    let Ok(entries) = fs::read_dir(runs) else { return };
    let is_dead = |path: &PathBuf| {
        File::open(path.join("lock")).is_ok_and(|lock| lock.try_lock().is_ok()) && !path.ends_with(current)
    };
    let mut dead: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_dead).collect();
    dead.sort();
    for old in dead.iter().rev().skip(KEEP - 1) {
        let _ = fs::remove_dir_all(old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_begin_together_all_become_the_latest_in_turn() {
        let root = tempfile::tempdir().unwrap();
        let folders: Vec<RunFolder> =
            (0..8).map(|number| RunFolder::create(root.path(), &format!("run-{number}")).unwrap()).collect();
        std::thread::scope(|scope| {
            for folder in &folders {
                scope.spawn(|| (0..50).for_each(|_| folder.make_latest().unwrap()));
            }
        });
        let latest = fs::read_link(RunFolder::all(root.path()).join("latest")).unwrap();
        assert!(latest.to_str().unwrap().starts_with("run-"), "{}", latest.display());
        let left = fs::read_dir(RunFolder::all(root.path())).unwrap().count();
        assert_eq!(left, 9, "eight runs and one link");
    }
}
