use super::canary::script_client_refuses;
use super::certificates::Certificates;
use super::describe::describe;
use super::scripts::Files;
use super::template::fill;
use super::{EventLog, RunFolder};
use crate::backend::{Artifact, Backend, BackendError, Failure, Instance, Start, probe::ready};
use crate::input::PeerFolder;
use crate::model::{Driver, Event, Peer, PeerId, Role, ServerConfig};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The port servers are given.
const PORT: u16 = 8080;
/// Time for a server to answer with its SETTINGS.
const READY: Duration = Duration::from_secs(20);
/// Where a server finds its certificate and its key.
const CERTIFICATE: &str = "/interop/tls/cert.pem";
const KEY: &str = "/interop/tls/key.pem";

/// The running peers of a run: each role that the plan needs, or why it does not run.
pub(super) struct Peers {
    running: BTreeMap<(PeerId, Role), Result<Box<dyn Instance>, BackendError>>,
}

/// What starting peers needs.
pub(super) struct Starter<'a> {
    pub(super) backend: &'a dyn Backend,
    pub(super) folder: &'a RunFolder,
    pub(super) log: &'a EventLog,
    pub(super) certificates: &'a Certificates,
    /// What clients are to find.
    pub(super) files: &'a Files,
}

impl Peers {
    /// Builds and starts what the plan needs, all at once.
    pub(super) async fn start(starter: &Starter<'_>, folders: &[(&PeerFolder, Vec<Role>)]) -> Peers {
        let started = join_all(folders.iter().map(|(folder, roles)| starter.start_peer(folder, roles))).await;
        Peers { running: started.into_iter().flatten().collect() }
    }

    /// A running role, or why it does not run.
    pub(super) fn get(&self, peer: &PeerId, role: Role) -> Result<&dyn Instance, BackendError> {
        match self.running.get(&(peer.clone(), role)) {
            Some(Ok(instance)) => Ok(instance.as_ref()),
            Some(Err(error)) => Err(error.clone()),
            None => Err(BackendError { failure: Failure::Infra, what: format!("{peer} {role} was not started") }),
        }
    }

    /// Where a peer's server is reached from the harness.
    pub(super) fn server_address(&self, peer: &PeerId, config: ServerConfig) -> Result<SocketAddr, BackendError> {
        self.get(peer, Role::Server(config)).map(|instance| instance.address(PORT))
    }

    /// Stops one that turned out to be no good.
    pub(super) async fn give_up(&mut self, peer: &PeerId, role: Role, error: BackendError, starter: &Starter<'_>) {
        starter.failed(peer, role, &error);
        if let Some(Ok(instance)) = self.running.insert((peer.clone(), role), Err(error)) {
            stop(peer.clone(), role, instance, starter.folder, starter.log).await;
        }
    }

    /// Stops everything at once; logs go to the run folder.
    pub(super) async fn stop(self, folder: &RunFolder, log: &EventLog) -> Vec<BackendError> {
        let running = self.running.into_iter();
        let stopping =
            running.filter_map(|((peer, role), instance)| Some(stop(peer, role, instance.ok()?, folder, log)));
        join_all(stopping).await.into_iter().flatten().collect()
    }
}

async fn stop(
    peer: PeerId,
    role: Role,
    instance: Box<dyn Instance>,
    folder: &RunFolder,
    log: &EventLog,
) -> Option<BackendError> {
    let name = RunFolder::log_name(&peer, role);
    let result = instance.stop(folder.path().join(&name)).await;
    log.emit(Event::PeerStopped { peer, role, log: name });
    result.err()
}

/// One role of a peer on its way up.
struct Starting<'a> {
    peer: &'a Peer,
    role: Role,
    artifact: &'a Artifact,
    /// Whether it is asked what it is.
    describes: bool,
}

type Started = ((PeerId, Role), Result<Box<dyn Instance>, BackendError>);

impl Starter<'_> {
    async fn start_peer(&self, folder: &PeerFolder, roles: &[Role]) -> Vec<Started> {
        let name = &folder.peer.name;
        let began = Instant::now();
        let progress = |line: &str| self.log.emit(Event::BuildOutput { peer: name.clone(), line: line.to_owned() });
        match self.backend.prepare(&folder.peer, &folder.path, &progress).await {
            Ok(artifact) => {
                let (built, cached) = (artifact.name.clone(), artifact.cached);
                let duration_ms = millis(began);
                self.log.emit(Event::PeerBuilt { peer: name.clone(), artifact: built, cached, duration_ms });
                // A peer's servers are one program: one of them is asked what it is.
                let asked = roles.iter().find(|role| **role != Role::Client);
                let starting = roles.iter().map(|role| {
                    let describes = *role == Role::Client || Some(role) == asked;
                    self.start_role(Starting { peer: &folder.peer, role: *role, artifact: &artifact, describes })
                });
                join_all(starting).await
            }
            Err(error) => {
                // One build serves all roles: its failure is told once.
                if let Some(role) = roles.first() {
                    self.failed(name, *role, &error);
                }
                roles.iter().map(|role| ((name.clone(), *role), Err(error.clone()))).collect()
            }
        }
    }

    async fn start_role(&self, starting: Starting<'_>) -> Started {
        let Starting { peer, role, .. } = starting;
        let began = Instant::now();
        let result = match self.up(&starting).await {
            Ok((instance, version)) => {
                let (peer, duration_ms) = (peer.name.clone(), millis(began));
                self.log.emit(Event::PeerStarted { peer, role, version, duration_ms });
                Ok(instance)
            }
            Err(error) => {
                self.failed(&peer.name, role, &error);
                Err(error)
            }
        };
        ((peer.name.clone(), role), result)
    }

    /// An instance that has passed every check there is before its first cell, and its version.
    async fn up(&self, starting: &Starting<'_>) -> Result<(Box<dyn Instance>, Option<String>), BackendError> {
        let Starting { peer, role, artifact, .. } = *starting;
        let (argv, files) = match role {
            Role::Client => (Vec::new(), self.files.clone()),
            Role::Server(config) => server(peer, config, self.certificates)?,
        };
        let start = Start { peer, role: role.side(), artifact, argv, files };
        let instance = self.backend.start(start).await?;
        match self.checked(starting, instance.as_ref()).await {
            Ok(version) => Ok((instance, version)),
            Err(error) => {
                let _ = instance.stop(self.folder.path().join(RunFolder::log_name(&peer.name, role))).await;
                Err(error)
            }
        }
    }

    async fn checked(&self, starting: &Starting<'_>, instance: &dyn Instance) -> Result<Option<String>, BackendError> {
        let Starting { peer, role, .. } = *starting;
        if let Role::Server(config) = role {
            let not_ready = |what: String| {
                let what = format!("{} {role}: {what}", peer.name);
                BackendError { failure: Failure::Peer, what }
            };
            ready(instance.address(PORT), config.transport(), READY).await.map_err(not_ready)?;
        }
        if peer.driver == Driver::Official || !starting.describes {
            return Ok(None);
        }
        let version = describe(instance, peer, role.side()).await?.version;
        if role == Role::Client {
            script_client_refuses(instance, peer).await?;
        }
        if version != peer.version {
            let (name, library, said) = (&peer.name, &peer.library, &peer.version);
            let text = format!("drift: {name} {role} is {library} {version}, peer.yaml says {said}");
            self.log.emit(Event::Note { text });
        }
        Ok(Some(version))
    }

    fn failed(&self, peer: &PeerId, role: Role, error: &BackendError) {
        self.log.emit(Event::PeerFailed { peer: peer.clone(), role, reason: error.what.clone() });
    }
}

/// A server's command line and the files it finds.
fn server(
    peer: &Peer,
    config: ServerConfig,
    certificates: &Certificates,
) -> Result<(Vec<String>, Files), BackendError> {
    let port = PORT.to_string();
    let tls = config != ServerConfig::Plaintext;
    let argv = match peer.driver {
        Driver::Official => {
            let tls = if tls { "true" } else { "false" };
            fill(&peer.server.command, &[("port", &port), ("tls", tls), ("cert", CERTIFICATE), ("key", KEY)])
        }
        Driver::Script => {
            let flags =
                [format!("--use_tls={tls}"), format!("--tls_cert_file={CERTIFICATE}"), format!("--tls_key_file={KEY}")];
            let flags = flags.into_iter().take(if tls { 3 } else { 0 });
            peer.server.command.iter().cloned().chain([format!("--port={port}")]).chain(flags).collect()
        }
    };
    if !tls || peer.tls.is_some() {
        return Ok((argv, Files::new()));
    }
    let minted = certificates.leaf(&format!("{}-server", peer.name), config);
    let leaf = minted.map_err(|error| BackendError {
        failure: Failure::Infra,
        what: format!("no certificate for {}: {error}", peer.name),
    })?;
    let files = vec![(CERTIFICATE.into(), leaf.certificate.into_bytes()), (KEY.into(), leaf.key.into_bytes())];
    Ok((argv, files))
}

/// Whole milliseconds since then.
pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
