use super::canary::script_client_refuses;
use super::certificates::Certificates;
use super::describe::describe;
use super::scripts::Files;
use super::slot::{KNOWN_WITHIN, Slot, Started};
use super::spent::{Spent, Work};
use super::template::fill;
use super::{EventLog, Interrupt, RunFolder};
use crate::backend::{Artifact, Backend, BackendError, Failure, Instance, Start, probe::ready};
use crate::input::PeerFolder;
use crate::model::{Driver, Event, Peer, PeerId, Role, ServerConfig};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// The peers of a run: a slot for each role that the plan needs.
pub(super) struct Peers<'a> {
    slots: BTreeMap<(PeerId, Role), Slot<'a>>,
}

/// What starting peers needs.
pub(super) struct Starter<'a> {
    pub(super) backend: &'a dyn Backend,
    pub(super) folder: &'a RunFolder,
    pub(super) log: &'a EventLog,
    pub(super) certificates: &'a Certificates,
    /// What clients are to find.
    pub(super) files: &'a Files,
    /// What each peer was built into. One build serves all its roles.
    pub(super) built: BTreeMap<&'a PeerId, OnceCell<Result<Artifact, BackendError>>>,
    /// Time for a server to be ready.
    pub(super) ready: Duration,
    /// How often each cell is run.
    pub(super) rounds: u32,
    pub(super) spent: &'a Spent,
    pub(super) interrupt: Interrupt,
}

impl<'a> Peers<'a> {
    /// Slots for these, none of them started.
    pub(super) fn new(needed: &[(&'a PeerFolder, Vec<Role>)]) -> Peers<'a> {
        let slots = needed.iter().flat_map(|(folder, roles)| {
            // A peer's servers are one program: one of them is asked what it is.
            let asked = roles.iter().find(|role| **role != Role::Client);
            roles.iter().map(move |role| {
                let describes = *role == Role::Client || Some(role) == asked;
                ((folder.peer.name.clone(), *role), Slot::new(folder, *role, describes))
            })
        });
        Peers { slots: slots.collect() }
    }

    /// Starts all of them at once and stays with them.
    pub(super) async fn keep_up(&self, starter: &Starter<'_>) {
        join_all(self.slots.values().map(|slot| slot.keep_up(starter))).await;
    }

    /// Waits until each of them is up or known not to come up.
    pub(super) async fn all_up(&self) {
        join_all(self.slots.values().map(Slot::up)).await;
    }

    /// The slot of a role.
    pub(super) fn slot(&self, peer: &PeerId, role: Role) -> Result<&Slot<'a>, BackendError> {
        let unplanned =
            || BackendError { failure: Failure::Infra, what: format!("{peer} {role} is not part of the run") };
        self.slots.get(&(peer.clone(), role)).ok_or_else(unplanned)
    }

    /// Stops everything at once.
    pub(super) async fn stop(&self, starter: &Starter<'_>) -> Vec<BackendError> {
        let started = self.slots.values().filter_map(|slot| Some((slot, slot.started()?)));
        let stopping = started.map(|(slot, started)| async move { starter.stop(slot, &started).await });
        join_all(stopping).await.into_iter().flatten().collect()
    }
}

impl Starter<'_> {
    /// Builds where need be, and starts one of a slot, `earlier` ones of which died.
    pub(super) async fn start(&self, slot: &Slot<'_>, earlier: usize) -> Result<Started, BackendError> {
        let (peer, role) = (&slot.folder.peer, slot.role);
        let artifact = self.built(slot).await?;
        let _busy = self.spent.on(Work::PeerStart);
        let began = Instant::now();
        match self.up(slot, earlier, &artifact).await {
            Ok((started, version)) => {
                let (peer, duration_ms) = (peer.name.clone(), millis(began));
                self.log.emit(Event::PeerStarted { peer, role, version, duration_ms });
                Ok(started)
            }
            Err(error) => {
                self.failed(&peer.name, role, &error);
                Err(error)
            }
        }
    }

    /// What a peer was built into. A build that fails is told once, of the role that came first.
    async fn built(&self, slot: &Slot<'_>) -> Result<Artifact, BackendError> {
        let (peer, folder) = (&slot.folder.peer, &slot.folder.path);
        let name = &peer.name;
        let build = || async {
            let began = Instant::now();
            let progress = |line: &str| self.log.emit(Event::BuildOutput { peer: name.clone(), line: line.to_owned() });
            let built = self.backend.prepare(peer, folder, &progress).await;
            match &built {
                Ok(Artifact { name: artifact, cached }) => {
                    let (peer, artifact, cached) = (name.clone(), artifact.clone(), *cached);
                    self.log.emit(Event::PeerBuilt { peer, artifact, cached, duration_ms: millis(began) });
                }
                Err(error) => self.failed(name, slot.role, error),
            }
            built
        };
        match self.built.get(name) {
            Some(built) => built.get_or_init(build).await.clone(),
            None => build().await,
        }
    }

    /// An instance that has passed every check there is before its first cell, and its version.
    async fn up(
        &self,
        slot: &Slot<'_>,
        earlier: usize,
        artifact: &Artifact,
    ) -> Result<(Started, Option<String>), BackendError> {
        let (peer, role) = (&slot.folder.peer, slot.role);
        let start = match role {
            Role::Client => {
                let (argv, files) = (Vec::new(), self.files.clone());
                Start { peer, role: role.side(), artifact, argv, port: 0, files }
            }
            Role::Server(config) => {
                let port = self.backend.port()?;
                let (argv, files) = self.server(peer, config, port)?;
                Start { peer, role: role.side(), artifact, argv, port, files }
            }
        };
        let instance = self.backend.start(start).await?;
        let started = Started { instance, earlier };
        slot.starting(Some(started.clone()));
        match self.checked_while_it_runs(slot, started.instance.as_ref()).await {
            Ok(version) => Ok((started, version)),
            Err(error) => {
                self.stop(slot, &started).await;
                slot.starting(None);
                Err(error)
            }
        }
    }

    /// One that ends by itself meanwhile would only be found out when the time is up, or be taken for an engine that refuses.
    async fn checked_while_it_runs(
        &self,
        slot: &Slot<'_>,
        instance: &dyn Instance,
    ) -> Result<Option<String>, BackendError> {
        let mut ended = pin!(async {
            let how = instance.ended().await;
            let what = format!("{} {} ended by itself: {how}", slot.folder.peer.name, slot.role);
            BackendError { failure: Failure::Peer, what }
        });
        let checked = tokio::select! {
            biased;
            ended = &mut ended => Err(ended),
            checked = self.checked(slot, instance) => checked,
        };
        match checked {
            Err(error) if error.failure == Failure::Infra => {
                Err(tokio::time::timeout(KNOWN_WITHIN, ended).await.unwrap_or(error))
            }
            checked => checked,
        }
    }

    async fn checked(&self, slot: &Slot<'_>, instance: &dyn Instance) -> Result<Option<String>, BackendError> {
        let (peer, role) = (&slot.folder.peer, slot.role);
        if let Role::Server(config) = role {
            let not_ready = |what: String| {
                let what = format!("{} {role}: {what}", peer.name);
                BackendError { failure: Failure::Peer, what }
            };
            ready(instance.address(), config.transport(), self.ready).await.map_err(not_ready)?;
        }
        if peer.driver == Driver::Official || !slot.describes {
            return Ok(None);
        }
        let version = describe(instance, peer, role.side()).await?.version;
        if role == Role::Client {
            script_client_refuses(instance, peer, self.backend.files()).await?;
        }
        if version != peer.version {
            let (name, library, said) = (&peer.name, &peer.library, &peer.version);
            let text = format!("drift: {name} {role} is {library} {version}, peer.yaml says {said}");
            self.log.emit(Event::Note { text });
        }
        Ok(Some(version))
    }

    /// A server's command line and the files it finds.
    fn server(&self, peer: &Peer, config: ServerConfig, port: u16) -> Result<(Vec<String>, Files), BackendError> {
        let port = port.to_string();
        let tls = config != ServerConfig::Plaintext;
        // Its own: where instances share one folder, each server has its file there.
        let [cert, key] = ["cert", "key"].map(|what| PathBuf::from(format!("tls/{}.{config}.{what}.pem", peer.name)));
        let path = |file: &Path| self.backend.files().join(file).display().to_string();
        let (cert_path, key_path) = (path(&cert), path(&key));
        let argv = match peer.driver {
            Driver::Official => {
                let tls = if tls { "true" } else { "false" };
                let values = [("port", &*port), ("tls", tls), ("cert", &cert_path), ("key", &key_path)];
                fill(&peer.server.command, &values)
            }
            Driver::Script => {
                let flags = [
                    format!("--use_tls={tls}"),
                    format!("--tls_cert_file={cert_path}"),
                    format!("--tls_key_file={key_path}"),
                ];
                let flags = flags.into_iter().take(if tls { 3 } else { 0 });
                peer.server.command.iter().cloned().chain([format!("--port={port}")]).chain(flags).collect()
            }
        };
        if !tls || peer.tls.is_some() {
            return Ok((argv, Files::new()));
        }
        let minted = self.certificates.leaf(&format!("{}-server", peer.name), config);
        let leaf = minted.map_err(|error| BackendError {
            failure: Failure::Infra,
            what: format!("no certificate for {}: {error}", peer.name),
        })?;
        Ok((argv, vec![(cert, leaf.certificate.into_bytes()), (key, leaf.key.into_bytes())]))
    }

    pub(super) fn failed(&self, peer: &PeerId, role: Role, error: &BackendError) {
        self.log.emit(Event::PeerFailed { peer: peer.clone(), role, reason: error.what.clone() });
    }
}

/// Whole milliseconds since then.
pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
