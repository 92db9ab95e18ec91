use super::spawn::Process;
use crate::backend::{BackendError, Job, Pipe};
use futures::future::BoxFuture;
use tokio::process::{ChildStderr, ChildStdout};

/// A process of a client, or one that asks a peer something.
pub(super) struct ProcessJob {
    pub(super) process: Process,
    pub(super) stdout: Option<ChildStdout>,
    pub(super) stderr: Option<ChildStderr>,
}

impl Job for ProcessJob {
    fn stdout(&mut self) -> Option<Pipe> {
        self.stdout.take().map(|pipe| Box::pin(pipe) as Pipe)
    }

    fn stderr(&mut self) -> Option<Pipe> {
        self.stderr.take().map(|pipe| Box::pin(pipe) as Pipe)
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Result<i64, BackendError>> {
        // What nobody reads must not hold it up.
        self.stdout = None;
        self.stderr = None;
        Box::pin(async { Ok(self.process.ended().await) })
    }

    fn kill(&self) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(self.process.kill())
    }
}
