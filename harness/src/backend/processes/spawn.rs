use crate::backend::error::infra;
use crate::backend::guard::{Guarded, Leash};
use crate::backend::proxy::PROXY_VARIABLES;
use crate::backend::{BackendError, Guard};
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::watch;

/// How long a process that was killed may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);

/// A process under guard that is watched.
#[derive(Debug)]
pub(super) struct Process {
    leash: Mutex<Option<Leash>>,
    /// Its exit code, once it has ended.
    code: watch::Receiver<Option<i64>>,
}

/// Where a process writes to.
pub(super) struct Outputs {
    pub(super) stdout: Stdio,
    pub(super) stderr: Stdio,
}

/// What can be read of it, of what was asked to be piped.
pub(super) type Pipes = (Option<ChildStdout>, Option<ChildStderr>);

impl Process {
    /// Starts a peer's program in a folder, with no proxy to ask.
    pub(super) fn start(
        guard: &Guard,
        folder: &Path,
        argv: &[String],
        outputs: Outputs,
    ) -> Result<(Process, Pipes), BackendError> {
        let mut argv = argv.iter().map(OsString::from);
        let program = argv.next().ok_or_else(|| infra("a process without a command"))?;
        let mut command = guard.command(&program, &argv.collect::<Vec<_>>(), 0);
        command.current_dir(folder).stdout(outputs.stdout).stderr(outputs.stderr);
        for variable in PROXY_VARIABLES {
            command.env_remove(variable);
        }
        let started = Guard::start(command);
        let Guarded { mut child, leash } =
            started.map_err(|error| infra(format!("{} does not start: {error}", program.display())))?;
        let pipes = (child.stdout.take(), child.stderr.take());
        let (ended, code) = watch::channel(None);
        tokio::spawn(async move {
            let status = child.wait().await;
            // The guard itself is killed by nobody: it always has a code.
            ended.send_replace(Some(status.ok().and_then(|status| status.code()).map_or(-1, i64::from)));
        });
        Ok((Process { leash: Mutex::new(Some(leash)), code }, pipes))
    }

    /// Waits for its end: its exit code, or 128 and the number of the signal that ended it.
    pub(super) async fn ended(&self) -> i64 {
        let mut code = self.code.clone();
        let ended = code.wait_for(Option::is_some).await;
        ended.ok().and_then(|code| *code).unwrap_or(-1)
    }

    /// Kills it and its children.
    pub(super) async fn kill(&self) -> Result<(), BackendError> {
        drop(self.leash.lock().unwrap_or_else(PoisonError::into_inner).take());
        let gone = tokio::time::timeout(GONE_WITHIN, self.ended()).await;
        gone.map(drop).map_err(|_| infra("a process was killed and is not gone"))
    }
}
