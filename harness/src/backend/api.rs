use crate::model::{BackendKind, Peer, Side};
use futures::future::BoxFuture;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::AsyncRead;

/// Runs peers. Everything it creates carries the run's id, so that it can be found and removed by others.
pub trait Backend: Send + Sync {
    /// Which it is.
    fn kind(&self) -> BackendKind;

    /// What it is, for the run's record: kind, engine and version.
    fn describe(&self) -> String;

    /// Builds what a peer runs from, or finds it built. `folder` holds its `peer.yaml` and sources; lines of build
    /// output go to `progress`.
    fn prepare<'a>(
        &'a self,
        peer: &'a Peer,
        folder: &'a Path,
        progress: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Artifact, BackendError>>;

    /// Starts one role of a peer. A server runs its command; a client idles until it is given jobs.
    fn start<'a>(&'a self, start: Start<'a>) -> BoxFuture<'a, Result<Arc<dyn Instance>, BackendError>>;

    /// The address on which taps listen: one that clients can dial.
    fn tap_address(&self) -> IpAddr;

    /// The folder under which instances find the files they are given: the same for all of them.
    fn files(&self) -> &Path;

    /// A port for one more server to listen on.
    fn port(&self) -> Result<u16, BackendError>;

    /// What dead runs left where this one is to run, in words; nothing if they left nothing.
    fn leftovers(&self) -> BoxFuture<'_, Option<String>>;

    /// Removes what is left. Instances are to be stopped before.
    fn finish(&self) -> BoxFuture<'_, Result<(), BackendError>>;
}

/// What a peer was built into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The name to start it by.
    pub name: String,
    /// Whether it was there already.
    pub cached: bool,
}

/// One role of a peer, to be started.
pub struct Start<'a> {
    /// The peer.
    pub peer: &'a Peer,
    /// Which role.
    pub role: Side,
    /// What it was built into.
    pub artifact: &'a Artifact,
    /// The server's whole command line; of a client nothing, it idles.
    pub argv: Vec<String>,
    /// The port that a server was told; 0 of a client.
    pub port: u16,
    /// Files to put in before it starts, by their path under [`Backend::files`].
    pub files: Vec<(PathBuf, Vec<u8>)>,
}

/// A running client or server.
pub trait Instance: Send + Sync {
    /// Where a server is reached from the harness.
    fn address(&self) -> SocketAddr;

    /// Starts a process beside what runs already.
    fn exec(&self, argv: Vec<String>) -> BoxFuture<'_, Result<Box<dyn Job>, BackendError>>;

    /// Waits until its own process has ended by itself, and says how: its exit code and the last it wrote. Of a client, that is
    /// what its jobs run in.
    fn ended(&self) -> BoxFuture<'_, String>;

    /// Ends it and removes it, its output so far saved to `log`.
    fn stop(&self, log: PathBuf) -> BoxFuture<'_, Result<(), BackendError>>;
}

/// Bytes a process writes.
pub type Pipe = Pin<Box<dyn AsyncRead + Send>>;

/// A process started by [`Instance::exec`].
pub trait Job: Send + Sync {
    /// Its standard output; given once.
    fn stdout(&mut self) -> Option<Pipe>;

    /// Its standard error; given once.
    fn stderr(&mut self) -> Option<Pipe>;

    /// Waits for its end; both pipes are to be read to theirs first.
    fn exit_code(&mut self) -> BoxFuture<'_, Result<i64, BackendError>>;

    /// Ends this process and no other.
    fn kill(&self) -> BoxFuture<'_, Result<(), BackendError>>;
}

/// What a backend could not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct BackendError {
    /// Which kind, for the exit code and for whom to blame.
    pub failure: Failure,
    /// In words, with the next step where there is one.
    pub what: String,
}

/// Kinds of backend error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No engine answers, or not one we can use.
    NoEngine,
    /// A peer's own files do not build.
    Build,
    /// A peer's program does not start or ended by itself.
    Peer,
    /// Anything else.
    Infra,
}
