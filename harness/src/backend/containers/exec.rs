use super::error::engine_failed;
use super::pump::{Output, Reader, pipe, pump};
use crate::backend::error::infra;
use crate::backend::{BackendError, Job, Pipe};
use bollard::Docker;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures::future::BoxFuture;
use futures::stream::StreamExt;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval};

/// The engine cannot kill an exec (<https://github.com/moby/moby/issues/35703>), and the pid it tells is its host's, not the
/// container's (<https://github.com/moby/moby/issues/43208>). So the process writes down its own pid before it
/// becomes the program. A program that is missing ends it with 127 and a line on standard error.
const RUN: &str = r#"echo $$ >"$0" && exec "$@""#;
/// The engine starts each exec as the leader of its own process group: the group is this process and its children, which would
/// otherwise keep its pipes open. (No `--`: Debian's shell takes it for a number.)
const KILL: &str = r#"pid=$(cat "$0") && kill -KILL "-$pid""#;

/// The engine tells an exit code a moment after the pipes have closed.
const CODE_WITHIN: Duration = Duration::from_secs(5);
/// A kill may come before the process has written down its pid.
const KILLED_WITHIN: Duration = Duration::from_secs(5);

/// A process beside a container's own.
#[derive(Debug)]
pub(super) struct Exec {
    docker: Docker,
    container: String,
    id: String,
    pid_file: String,
    stdout: Option<Reader>,
    stderr: Option<Reader>,
    pump: Option<JoinHandle<()>>,
}

/// Where and what to exec.
pub(super) struct ExecSpec {
    pub(super) docker: Docker,
    pub(super) container: String,
    /// Unique among the execs of the container.
    pub(super) number: usize,
    pub(super) argv: Vec<String>,
}

impl Exec {
    pub(super) async fn start(spec: ExecSpec) -> Result<Self, BackendError> {
        let ExecSpec { docker, container, number, argv } = spec;
        let pid_file = format!("/tmp/interop-{number}.pid");
        let argv = shell(RUN, &pid_file).into_iter().chain(argv).collect();
        let (id, output) = attach(&docker, &container, argv).await?;
        let ((stdout, from_stdout), (stderr, from_stderr)) = (pipe(), pipe());
        let pump = Some(tokio::spawn(pump(output, stdout, stderr)));
        Ok(Self { docker, container, id, pid_file, stdout: Some(from_stdout), stderr: Some(from_stderr), pump })
    }

    async fn runs(&self) -> Result<bool, BackendError> {
        let state = self.docker.inspect_exec(&self.id).await;
        let state =
            state.map_err(|error| engine_failed(format!("an exec in {} cannot be read", self.container), error))?;
        Ok(state.running == Some(true))
    }
}

impl Job for Exec {
    fn stdout(&mut self) -> Option<Pipe> {
        self.stdout.take().map(Reader::pipe)
    }

    fn stderr(&mut self) -> Option<Pipe> {
        self.stderr.take().map(Reader::pipe)
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Result<i64, BackendError>> {
        Box::pin(async move {
            if let Some(pump) = &mut self.pump {
                pump.await.map_err(|error| infra(format!("reading an exec in {} failed: {error}", self.container)))?;
                self.pump = None;
            }
            exit_code(&self.docker, &self.id).await
        })
    }

    fn kill(&self) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(async move {
            let deadline = Instant::now() + KILLED_WITHIN;
            let mut again = interval(Duration::from_millis(20));
            loop {
                again.tick().await;
                // Also so that the pid is still its own.
                if !self.runs().await? {
                    return Ok(());
                }
                let (id, mut output) = attach(&self.docker, &self.container, shell(KILL, &self.pid_file)).await?;
                while output.next().await.is_some() {}
                if exit_code(&self.docker, &id).await? == 0 {
                    return Ok(());
                }
                if Instant::now() >= deadline {
                    return Err(infra(format!("an exec in {} was not killed", self.container)));
                }
            }
        })
    }
}

/// The constant script with its parameter as `$0`.
fn shell(script: &str, parameter: &str) -> Vec<String> {
    ["/bin/sh", "-c", script, parameter].map(str::to_owned).to_vec()
}

async fn attach(docker: &Docker, container: &str, argv: Vec<String>) -> Result<(String, Output), BackendError> {
    let failed = |error| engine_failed(format!("an exec in {container} did not start"), error);
    let options = CreateExecOptions {
        cmd: Some(argv),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..CreateExecOptions::default()
    };
    let id = docker.create_exec(container, options).await.map_err(failed)?.id;
    match docker.start_exec(&id, None::<StartExecOptions>).await.map_err(failed)? {
        StartExecResults::Attached { output, .. } => Ok((id, output)),
        StartExecResults::Detached => Err(infra(format!("an exec in {container} runs detached"))),
    }
}

async fn exit_code(docker: &Docker, exec: &str) -> Result<i64, BackendError> {
    let deadline = Instant::now() + CODE_WITHIN;
    let mut again = interval(Duration::from_millis(5));
    loop {
        again.tick().await;
        let state = docker.inspect_exec(exec).await;
        let state = state.map_err(|error| engine_failed("the exit code of an exec cannot be read", error))?;
        match state.exit_code {
            Some(code) if state.running != Some(true) => return Ok(code),
            _ if Instant::now() >= deadline => return Err(infra("an exec closed its pipes and runs on")),
            _ => {}
        }
    }
}
