use super::compare::{Comparison, Outcome, Snapshot, Subject};
use super::files;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why nothing is written for review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The environment says that nobody is there to review.
    #[error("--write-pending: CI is set, and there nothing is accepted: write and review on a machine of your own")]
    Ci,
    /// A part of the matrix cannot say whose a difference is.
    #[error("--write-pending: only a run of the whole matrix, to its end and in containers, may write snapshots")]
    Part,
}

/// Whether a value of the variable CI forbids to accept anything. What does not say no says yes.
pub fn blessing_is_forbidden(ci: Option<&str>) -> Result<(), Refused> {
    match ci {
        None | Some("" | "0" | "false") => Ok(()),
        Some(_) => Err(Refused::Ci),
    }
}

/// Writes what `cargo insta review` reviews: a `.snap.new` beside each snapshot that is not as accepted. Those of an earlier run that now
/// are go. The files written are returned.
pub fn write_pending(folder: &Path, comparison: &Comparison) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut written = Vec::new();
    for Snapshot { name, subject, outcome, .. } in &comparison.snapshots {
        let path = files::path(folder, name).with_extension("snap.new");
        match outcome {
            Outcome::Changed { now, .. } | Outcome::New { now } => {
                if let Some(parent) = path.parent() {
                    std::fs::create_dir_all(parent)?;
                }
                std::fs::write(&path, file(subject, now))?;
                written.push(path);
            }
            Outcome::Same => match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            },
            Outcome::Unreadable { .. } | Outcome::Orphan => {}
        }
    }
    Ok(written)
}

/// A snapshot file (<https://insta.rs/docs/snapshot-files/>).
fn file(subject: &Subject, text: &str) -> String {
    let source = match subject {
        Subject::Case(case) => format!("cases/{case}.yaml"),
        Subject::Peer(peer) => format!("images/{peer}/peer.yaml"),
        Subject::Nothing => "cases".to_owned(),
    };
    format!("---\nsource: {source}\n---\n{}\n", files::normal(text))
}
