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
    stderr: Option<DuplexStream>,
    code: oneshot::Receiver<i64>,
    task: AbortHandle,
    /// Why it cannot be ended, if it cannot.
    unkillable: Option<BackendError>,
}

/// Standard output and standard error, for the one who writes.
pub(super) struct Pipes {
    pub(super) stdout: DuplexStream,
    pub(super) stderr: DuplexStream,
}

impl FakeJob {
    /// Starts a program that is given its pipes and returns its exit code.
    pub(super) fn start<F>(
        tasks: &mut JoinSet<()>,
        unkillable: Option<BackendError>,
        program: impl FnOnce(Pipes) -> F,
    ) -> FakeJob
    where
        F: Future<Output = i64> + Send + 'static,
    {
        let ((stdout, out), (stderr, err)) = (tokio::io::duplex(PIPE), tokio::io::duplex(PIPE));
        let (ends, code) = oneshot::channel();
        let program = program(Pipes { stdout: out, stderr: err });
        let task = tasks.spawn(async move {
            let _ = ends.send(program.await);
        });
        FakeJob { stdout: Some(stdout), stderr: Some(stderr), code, task, unkillable }
    }
}

impl Job for FakeJob {
    fn stdout(&mut self) -> Option<Pipe> {
        Some(Box::pin(self.stdout.take()?))
    }

    fn stderr(&mut self) -> Option<Pipe> {
        Some(Box::pin(self.stderr.take()?))
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Result<i64, BackendError>> {
        Box::pin(async { Ok((&mut self.code).await.unwrap_or(KILLED)) })
    }

    fn kill(&self) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(async {
            match &self.unkillable {
                Some(error) => Err(error.clone()),
                None => {
                    self.task.abort();
                    Ok(())
                }
            }
        })
    }
}
