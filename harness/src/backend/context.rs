use super::archive::{Archive, Run, archive_path};
use super::error::infra;
use super::{BackendError, Failure};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Build output and history: never part of what is built.
const NEVER: [&str; 2] = ["target", ".git"];

/// Adds a folder's content under a prefix (none: at the top). Simple lines of its `.dockerignore` hold; the engine applies all of
/// them itself, these are only those that spare packing and hashing.
pub(super) fn add_folder(archive: &mut Archive, prefix: &str, folder: &Path) -> io::Result<()> {
    let ignored = match fs::read_to_string(folder.join(".dockerignore")) {
        Ok(text) => simple_lines(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
        Err(error) => return Err(error),
    };
    Walk { archive, prefix, top: folder, ignored }.walk(folder).map_err(|error| {
        // The plain error does not say which.
        io::Error::new(error.kind(), format!("{}: {error}", folder.display()))
    })
}

struct Walk<'a> {
    archive: &'a mut Archive,
    prefix: &'a str,
    top: &'a Path,
    ignored: BTreeSet<String>,
}

impl Walk<'_> {
    fn walk(&mut self, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let relative = archive_path(path.strip_prefix(self.top).unwrap_or(&path))?;
            if self.ignored.contains(&relative) || NEVER.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let target = if self.prefix.is_empty() { relative } else { format!("{}/{relative}", self.prefix) };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.archive.folder(&target);
                self.walk(&path)?;
            } else if kind.is_symlink() {
                self.archive.link(&target, fs::read_link(&path)?);
            } else if kind.is_file() {
                self.archive.file(&target, fs::read(&path)?, run_of(&entry.metadata()?));
            } else {
                return Err(io::Error::other(format!("{} is neither file, folder nor link", path.display())));
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn run_of(metadata: &fs::Metadata) -> Run {
    use std::os::unix::fs::PermissionsExt;
    if metadata.permissions().mode() & 0o111 == 0 { Run::Data } else { Run::Program }
}

#[cfg(not(unix))]
fn run_of(_: &fs::Metadata) -> Run {
    Run::Data
}

/// Lines without patterns. If any line takes something back (`!`), none is simple.
fn simple_lines(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    if lines.iter().any(|line| line.starts_with('!')) {
        return BTreeSet::new();
    }
    let simple = |line: &&str| !line.contains(['*', '?', '[', '\\']) && !line.split('/').any(|part| part == "..");
    lines.into_iter().filter(simple).map(|line| line.trim_start_matches("./").trim_matches('/').to_owned()).collect()
}

/// The first 12 hexadecimal digits of the SHA-256 of these parts, each with its length, so that no two lists are the same bytes.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Packs a context off the runtime's threads.
pub(super) async fn pack(
    make: fn(&Path, &Path) -> Result<Vec<u8>, BackendError>,
    folder: PathBuf,
    other: PathBuf,
) -> Result<Vec<u8>, BackendError> {
    let packed = tokio::task::spawn_blocking(move || make(&folder, &other)).await;
    packed.map_err(|error| infra(format!("packing a build context failed: {error}")))?
}

/// What a peer is built from: its folder and, beside its files, `proto`.
pub(super) fn peer_context(folder: &Path, proto: &Path) -> Result<Vec<u8>, BackendError> {
    let refused = |what: String| BackendError { failure: Failure::Build, what };
    let mut archive = Archive::default();
    add_folder(&mut archive, "", folder).map_err(|error| refused(error.to_string()))?;
    if archive.has("proto") {
        return Err(refused(format!("{} has a proto of its own, where the checkout's is put", folder.display())));
    }
    add_folder(&mut archive, "proto", proto).map_err(|error| infra(error.to_string()))?;
    archive.tar().map_err(|error| infra(format!("{}: {error}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    fn packed(folder: &TempDir) -> Archive {
        let mut archive = Archive::default();
        add_folder(&mut archive, "", folder.path()).unwrap();
        archive
    }

    fn hash(files: &[(&str, &str)]) -> String {
        digest(&[&packed(&folder(files)).tar().unwrap()])
    }

    #[test]
    fn the_same_content_elsewhere_has_the_same_hash() {
        let files = [("Dockerfile", "FROM x"), ("src/main.go", "package main")];
        assert_eq!(hash(&files), hash(&files));
        assert_eq!(hash(&files).len(), 12);
    }

    #[test]
    fn a_changed_file_a_new_file_and_a_new_name_change_the_hash() {
        let before = hash(&[("Dockerfile", "FROM x"), ("a", "1")]);
        assert_ne!(before, hash(&[("Dockerfile", "FROM x"), ("a", "2")]));
        assert_ne!(before, hash(&[("Dockerfile", "FROM x"), ("a", "1"), ("b", "")]));
        assert_ne!(before, hash(&[("Dockerfile", "FROM x"), ("b", "1")]));
    }

    #[test]
    fn the_mode_counts_as_far_as_it_makes_a_program() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder(&[("run", "")]);
        let with = |mode| {
            fs::set_permissions(folder.path().join("run"), fs::Permissions::from_mode(mode)).unwrap();
            packed(&folder).tar().unwrap()
        };
        assert_eq!(with(0o644), with(0o600));
        assert_ne!(with(0o644), with(0o755));
    }

    #[test]
    fn build_output_and_what_dockerignore_names_stay_out() {
        let archive = packed(&folder(&[
            (".dockerignore", "# comment\nnotes/\n./deep/one\n*.log\n"),
            ("target/x", ""),
            ("sub/target/x", ""),
            (".git/x", ""),
            ("notes/x", ""),
            ("deep/one", ""),
            ("deep/two", ""),
            ("a.log", ""),
        ]));
        for out in ["target", "sub/target", ".git", "notes", "deep/one"] {
            assert!(!archive.has(out), "{out}");
        }
        // A pattern is left to the engine.
        for kept in [".dockerignore", "sub", "deep/two", "a.log"] {
            assert!(archive.has(kept), "{kept}");
        }
    }

    #[test]
    fn a_line_that_takes_back_leaves_all_to_the_engine() {
        assert!(simple_lines("notes\n!notes/keep").is_empty());
        assert!(simple_lines("../x\n").is_empty());
    }

    #[test]
    fn links_are_kept_and_a_prefix_is_put_before() {
        let folder = folder(&[("a", "1")]);
        std::os::unix::fs::symlink("a", folder.path().join("b")).unwrap();
        let mut archive = Archive::default();
        add_folder(&mut archive, "proto", folder.path()).unwrap();
        assert!(archive.has("proto/a") && archive.has("proto/b"));
        assert!(archive.tar().is_ok());
    }

    #[test]
    fn the_cut_between_parts_counts() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
