use super::describe::describe;
use super::{EventLog, RunFolder};
use crate::backend::{Artifact, Backend, BackendError, Failure, Instance, Start, probe::ready};
use crate::input::PeerFolder;
use crate::model::{Event, PeerId, Side};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Where scripts are in a client.
pub(super) const SCRIPTS: &str = "/interop/scripts";
/// The port servers are given.
const PORT: u16 = 8080;
/// Time for a server to answer with its SETTINGS.
const READY: Duration = Duration::from_secs(20);

/// The running peers of a run: each role that the plan needs, or why it does not run.
pub(super) struct Peers {
    running: BTreeMap<(PeerId, Side), Result<Box<dyn Instance>, BackendError>>,
}

/// What starting peers needs.
pub(super) struct Starter<'a> {
    pub(super) backend: &'a dyn Backend,
    pub(super) log: &'a EventLog,
    /// Scripts by file name.
    pub(super) scripts: &'a [(PathBuf, Vec<u8>)],
}

impl Peers {
    /// Builds and starts what the plan needs, all at once.
    pub(super) async fn start(starter: &Starter<'_>, folders: &[(&PeerFolder, Vec<Side>)]) -> Peers {
        let started = join_all(folders.iter().map(|(folder, roles)| starter.start_peer(folder, roles))).await;
        Peers { running: started.into_iter().flatten().collect() }
    }

    /// A running role, or why it does not run.
    pub(super) fn get(&self, peer: &PeerId, role: Side) -> Result<&dyn Instance, BackendError> {
        match self.running.get(&(peer.clone(), role)) {
            Some(Ok(instance)) => Ok(instance.as_ref()),
            Some(Err(error)) => Err(error.clone()),
            None => Err(BackendError { failure: Failure::Infra, what: format!("{peer} {role} was not started") }),
        }
    }

    /// Where a peer's server is reached from the harness.
    pub(super) fn server_address(&self, peer: &PeerId) -> Result<SocketAddr, BackendError> {
        self.get(peer, Side::Server).map(|instance| instance.address(PORT))
    }

    /// Stops everything at once; logs go to the run folder.
    pub(super) async fn stop(self, folder: &RunFolder, log: &EventLog) -> Vec<BackendError> {
        let stopping = self.running.into_iter().filter_map(|((peer, role), instance)| {
            let instance = instance.ok()?;
            let name = RunFolder::log_name(&peer, role);
            let path = folder.path().join(&name);
            Some(async move {
                let result = instance.stop(path).await;
                log.emit(Event::PeerStopped { peer, role, log: name });
                result.err()
            })
        });
        join_all(stopping).await.into_iter().flatten().collect()
    }
}

type Started = ((PeerId, Side), Result<Box<dyn Instance>, BackendError>);

impl Starter<'_> {
    async fn start_peer(&self, folder: &PeerFolder, roles: &[Side]) -> Vec<Started> {
        let name = &folder.peer.name;
        let began = Instant::now();
        let progress = |line: &str| self.log.emit(Event::BuildOutput { peer: name.clone(), line: line.to_owned() });
        match self.backend.prepare(name, &folder.path, &progress).await {
            Ok(artifact) => {
                let (built, cached) = (artifact.name.clone(), artifact.cached);
                let duration_ms = millis(began);
                self.log.emit(Event::PeerBuilt { peer: name.clone(), artifact: built, cached, duration_ms });
                let starting = roles.iter().map(|role| self.start_role(folder, *role, &artifact));
                join_all(starting).await
            }
            Err(error) => {
                // One build serves both roles: its failure is told once.
                if let Some(role) = roles.first() {
                    self.failed(name, *role, &error);
                }
                roles.iter().map(|role| ((name.clone(), *role), Err(error.clone()))).collect()
            }
        }
    }

    async fn start_role(&self, folder: &PeerFolder, role: Side, artifact: &Artifact) -> Started {
        let name = &folder.peer.name;
        let result = self.start_and_describe(folder, role, artifact).await;
        let result = result.map_err(|error| self.failed(name, role, &error));
        ((name.clone(), role), result)
    }

    async fn start_and_describe(
        &self,
        folder: &PeerFolder,
        role: Side,
        artifact: &Artifact,
    ) -> Result<Box<dyn Instance>, BackendError> {
        let began = Instant::now();
        let peer = &folder.peer;
        let (argv, files) = match role {
            Side::Client => (Vec::new(), self.scripts.to_vec()),
            Side::Server => {
                let mut argv = peer.server.command.clone();
                argv.push(format!("--port={PORT}"));
                (argv, Vec::new())
            }
        };
        let instance = self.backend.start(Start { peer, role, artifact, argv, files }).await?;
        let description = describe(instance.as_ref(), peer, role).await?;
        if role == Side::Server {
            let not_ready = |what: String| BackendError { failure: Failure::Peer, what };
            ready(instance.address(PORT), READY).await.map_err(not_ready)?;
        }
        if description.version != peer.version {
            let (is, said) = (&description.version, &peer.version);
            let text = format!("drift: {} {role} is {} {is}, peer.yaml says {said}", peer.name, peer.library);
            self.log.emit(Event::Note { text });
        }
        let (peer, version) = (peer.name.clone(), description.version);
        self.log.emit(Event::PeerStarted { peer, role, version, duration_ms: millis(began) });
        Ok(instance)
    }

    fn failed(&self, peer: &PeerId, role: Side, error: &BackendError) -> BackendError {
        self.log.emit(Event::PeerFailed { peer: peer.clone(), role, reason: error.what.clone() });
        error.clone()
    }
}

/// Whole milliseconds since then.
pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
