use crate::backend::error::infra;
use crate::backend::{BackendError, LogFile};
use std::io::PipeReader;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How much of its end is told when it dies, in bytes.
const TAIL: usize = 2 << 10;

/// What a server writes, kept in a file while it runs.
#[derive(Debug)]
pub(super) struct Log {
    file: PathBuf,
    copying: JoinHandle<std::io::Result<()>>,
}

/// The end of what a server writes.
#[derive(Debug, Clone)]
pub(super) struct Tail(watch::Receiver<Vec<u8>>);

impl Tail {
    /// All of it that is told, once the server is gone.
    pub(super) async fn text(&self) -> String {
        let mut tail = self.0.clone();
        // Until the copy has ended.
        while tail.changed().await.is_ok() {}
        let said = tail.borrow();
        String::from_utf8_lossy(&said).trim().to_owned()
    }
}

impl Log {
    pub(super) fn start(pipe: PipeReader, file: PathBuf) -> Result<(Log, Tail), BackendError> {
        let failed = |error: std::io::Error| infra(format!("{}: {error}", file.display()));
        let pipe = Receiver::from_owned_fd(OwnedFd::from(pipe)).map_err(failed)?;
        let (last, tail) = watch::channel(Vec::new());
        let copying = tokio::spawn(copy(pipe, file.clone(), last));
        Ok((Log { file, copying }, Tail(tail)))
    }

    /// Moves the file, once the server is gone.
    pub(super) async fn save(self, to: &Path) -> Result<(), BackendError> {
        let copied = self.copying.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let moved = match copied {
            Ok(()) => tokio::fs::rename(&self.file, to).await,
            Err(error) => Err(error),
        };
        moved.map_err(|error| infra(format!("{} cannot be written: {error}", to.display())))
    }
}

/// Reads on whatever becomes of the file: a server is not to be held up by our disk.
async fn copy(mut pipe: Receiver, file: PathBuf, last: watch::Sender<Vec<u8>>) -> std::io::Result<()> {
    let mut kept = LogFile::open(&file).await;
    let mut chunk = vec![0; 64 << 10];
    loop {
        let length = pipe.read(&mut chunk).await?;
        if length == 0 {
            return kept?.close().await;
        }
        let chunk = &chunk[..length];
        last.send_modify(|tail| {
            tail.extend_from_slice(chunk);
            tail.drain(..tail.len().saturating_sub(TAIL));
        });
        if let Ok(log) = &mut kept
            && let Err(error) = log.write(chunk).await
        {
            kept = Err(error);
        }
    }
}
