use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// How the folders begin that `images/base/bootstrap` works in.
const PREFIX: &str = "interop-bootstrap.";

/// Removes the folders that bootstraps which were killed left among temporary files, and tells which.
pub fn sweep_scratch(temporary: &Path) -> io::Result<Vec<PathBuf>> {
    let mounted = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mut removed = Vec::new();
    for entry in fs::read_dir(temporary)? {
        let path = entry?.path();
        let ours = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(PREFIX));
        if !ours || in_use(&path) {
            continue;
        }
        // A tree under construction has the host's devices in it, in a mount namespace that should have died with its processes.
        if mounted.contains(&format!(" {}/", path.display())) {
            return Err(io::Error::other(format!(
                "{} has something mounted in it: unmount that first",
                path.display()
            )));
        }
        fs::remove_dir_all(&path)?;
        removed.push(path);
    }
    Ok(removed)
}

/// Whether its lock is held, or cannot be asked for: it is somebody else's, or is being removed.
fn in_use(folder: &Path) -> bool {
    File::open(folder.join("lock")).map_or(true, |lock| lock.try_lock().is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_and_dead_goes() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = temporary.path().join(name);
            fs::create_dir_all(folder.join("tree/dev")).unwrap();
            File::create(folder.join("lock")).unwrap()
        };
        let (dead, live, other) =
            (folder("interop-bootstrap.a"), folder("interop-bootstrap.b"), folder("another.interop-bootstrap.c"));
        drop((dead, other));
        live.lock().unwrap();
        assert_eq!(sweep_scratch(temporary.path()).unwrap(), [temporary.path().join("interop-bootstrap.a")]);
        let mut left: Vec<_> =
            fs::read_dir(temporary.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["another.interop-bootstrap.c", "interop-bootstrap.b"]);
    }
}
