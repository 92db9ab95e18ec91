use super::InputError;
use std::fs::{File, metadata, symlink_metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Largest file there may be, in bytes; the largest of ours has a few thousand.
const LARGEST: u64 = 1 << 20;

/// The text of a file that the user wrote.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl Source {
    /// Reads a file, if it is one, of a size that can be meant.
    pub(super) fn read(path: &Path) -> Result<Source, InputError> {
        let refused = |what: String| InputError::whole(path, what);
        let unreadable = |error: std::io::Error| refused(unreadable(path, &error));
        let kind = metadata(path).map_err(unreadable)?;
        if kind.is_dir() {
            return Err(refused("a folder, expected a file".to_owned()));
        }
        if !kind.is_file() {
            // Opening a pipe may wait for ever, and a device may never end.
            return Err(refused("a pipe, a socket or a device, expected a file".to_owned()));
        }
        let mut bytes = Vec::new();
        File::open(path).map_err(unreadable)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LARGEST {
            return Err(refused(format!("larger than {LARGEST} bytes, the most that is read of such a file")));
        }
        let path = path.to_owned();
        String::from_utf8(bytes).map(|text| Source { path: path.clone(), text }).map_err(|error| not_utf8(path, &error))
    }

    /// An error about what stands under a key of the document, which is at the beginning of a line.
    pub(super) fn at_key(&self, key: &str, what: String) -> InputError {
        let is_key = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'));
        let at = self.text.lines().position(is_key).map(|line| (line + 1, 1));
        InputError { path: self.path.clone(), at, what }
    }
}

/// Why a file cannot be read, in words.
fn unreadable(path: &Path, error: &std::io::Error) -> String {
    let is_link = symlink_metadata(path).is_ok();
    match error.kind() == ErrorKind::NotFound {
        true if is_link => "a link to a file that does not exist".to_owned(),
        true => "does not exist".to_owned(),
        false => format!("cannot be read: {error}"),
    }
}

fn not_utf8(path: PathBuf, error: &std::string::FromUtf8Error) -> InputError {
    let (before, rest) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
    let before = String::from_utf8_lossy(before);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let byte = rest.first().copied().unwrap_or_default();
    InputError { path, at: Some((line, column)), what: format!("not UTF-8: the byte 0x{byte:02x}; save it as UTF-8") }
}
