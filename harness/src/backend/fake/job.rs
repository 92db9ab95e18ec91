use crate::backend::{BackendError, Job, Pipe};
use futures::future::BoxFuture;
use tokio::io::DuplexStream;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};

/// What a pipe holds before its writer waits.
const PIPE: usize = 64 << 10;
/// The exit code of what was killed.
const KILLED: i64 = 137;

/// A process that is a task.
pub(super) struct FakeJob {
    stdout: Option<DuplexStream>,
    code: oneshot::Receiver<i64>,
    task: AbortHandle,
}

impl FakeJob {
    /// Starts a program that is given its standard output and returns its exit code.
    pub(super) fn start<F>(tasks: &mut JoinSet<()>, program: impl FnOnce(DuplexStream) -> F) -> FakeJob
    where
        F: Future<Output = i64> + Send + 'static,
    {
        let (stdout, inside) = tokio::io::duplex(PIPE);
        let (ends, code) = oneshot::channel();
        let program = program(inside);
        let task = tasks.spawn(async move {
            let _ = ends.send(program.await);
        });
        FakeJob { stdout: Some(stdout), code, task }
    }
}

impl Job for FakeJob {
    fn stdout(&mut self) -> Option<Pipe> {
        Some(Box::pin(self.stdout.take()?))
    }

    fn stderr(&mut self) -> Option<Pipe> {
        Some(Box::pin(tokio::io::empty()))
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Result<i64, BackendError>> {
        Box::pin(async { Ok((&mut self.code).await.unwrap_or(KILLED)) })
    }

    fn kill(&self) -> BoxFuture<'_, Result<(), BackendError>> {
        self.task.abort();
        Box::pin(async { Ok(()) })
    }
}
