use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A tree of files, to be packed the same way wherever and whenever that happens.
#[derive(Debug, Default)]
pub(super) struct Archive {
    /// Sorted by path, relative, with `/` between parts.
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug)]
enum Entry {
    Folder,
    File { content: Vec<u8>, run: Run },
    Link(PathBuf),
}

/// Whether a file is a program. Other mode bits are the checkout's accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    Program,
    Data,
}

impl Archive {
    /// Adds a file, in place of one with that path.
    pub(super) fn file(&mut self, path: &str, content: Vec<u8>, run: Run) {
        let path = self.with_folders(path);
        self.entries.insert(path, Entry::File { content, run });
    }

    pub(super) fn link(&mut self, path: &str, target: PathBuf) {
        let path = self.with_folders(path);
        self.entries.insert(path, Entry::Link(target));
    }

    pub(super) fn folder(&mut self, path: &str) {
        let path = self.with_folders(path);
        self.entries.insert(path, Entry::Folder);
    }

    /// Whether anything has this path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.entries.contains_key(path)
    }

    /// A tar of it: sorted, owned by root, without times.
    pub(super) fn tar(&self) -> io::Result<Vec<u8>> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, entry) in &self.entries {
            let mut header = tar::Header::new_gnu();
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(0);
            header.set_size(0);
            match entry {
                Entry::Folder => {
                    header.set_entry_type(tar::EntryType::Directory);
                    header.set_mode(0o755);
                    tar.append_data(&mut header, format!("{path}/"), io::empty())?;
                }
                Entry::File { content, run } => {
                    header.set_entry_type(tar::EntryType::Regular);
                    header.set_mode(match run {
                        Run::Program => 0o755,
                        Run::Data => 0o644,
                    });
                    header.set_size(content.len() as u64);
                    tar.append_data(&mut header, path, content.as_slice())?;
                }
                Entry::Link(target) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_mode(0o777);
                    tar.append_link(&mut header, path, target)?;
                }
            }
        }
        tar.into_inner()
    }

    /// The path made relative, the folders above it added.
    fn with_folders(&mut self, path: &str) -> String {
        let path = path.trim_matches('/');
        for (end, _) in path.match_indices('/') {
            self.entries.entry(path[..end].to_owned()).or_insert(Entry::Folder);
        }
        path.to_owned()
    }
}

/// The path as an archive has it.
pub(super) fn archive_path(path: &Path) -> io::Result<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/")).ok_or_else(|| io::Error::other(format!("{} is not UTF-8", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(archive: &Archive) -> Vec<(String, u32)> {
        let tar = archive.tar().unwrap();
        let mut tar = tar::Archive::new(tar.as_slice());
        let entry = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
            let entry = entry.unwrap();
            (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap())
        };
        tar.entries().unwrap().map(entry).collect()
    }

    #[test]
    fn entries_are_sorted_and_folders_come_before_what_is_in_them() {
        let mut archive = Archive::default();
        archive.file("/b/run", Vec::new(), Run::Program);
        archive.file("a/x/1", vec![1], Run::Data);
        let expected = [("a/", 0o755), ("a/x/", 0o755), ("a/x/1", 0o644), ("b/", 0o755), ("b/run", 0o755)];
        assert_eq!(listing(&archive), expected.map(|(path, mode)| (path.to_owned(), mode)));
    }

    #[test]
    fn the_order_of_adding_does_not_show() {
        let names = ["z", "a/b", "a/c", "m"];
        let pack = |names: &mut dyn Iterator<Item = &str>| {
            let mut archive = Archive::default();
            names.for_each(|name| archive.file(name, name.into(), Run::Data));
            archive.tar().unwrap()
        };
        assert_eq!(pack(&mut names.into_iter()), pack(&mut names.into_iter().rev()));
    }

    #[test]
    fn a_long_path_is_kept() {
        let long = "d/".repeat(80) + "file";
        let mut archive = Archive::default();
        archive.file(&long, Vec::new(), Run::Data);
        assert!(listing(&archive).iter().any(|(path, _)| *path == long));
    }
}
