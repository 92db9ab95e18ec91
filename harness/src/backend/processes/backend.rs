use super::build::Builds;
use super::instance::{Client, Place, Server};
use super::ports::Ports;
use crate::backend::error::infra;
use crate::backend::{Artifact, Backend, BackendError, Guard, Instance, Start};
use crate::model::{BackendKind, Peer, Side};
use futures::future::BoxFuture;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What [`Processes::new`] needs.
#[derive(Debug, Clone)]
pub struct ProcessesConfig {
    /// The checkout: it has `proto`, and builds are kept under its `target`.
    pub root: PathBuf,
    /// The run's folder.
    pub folder: PathBuf,
    /// Ends every process where the harness dies.
    pub guard: Guard,
}

/// Runs peers as processes of this host.
#[derive(Debug)]
pub struct Processes {
    builds: Builds,
    guard: Guard,
    /// What peers find, and what they write while they run.
    files: PathBuf,
    ports: Ports,
    servers: AtomicUsize,
}

impl Processes {
    /// Makes room for files in the run's folder.
    pub fn new(config: ProcessesConfig) -> Result<Processes, BackendError> {
        let ProcessesConfig { root, folder, guard } = config;
        let files = folder.join("files");
        fs::create_dir_all(&files).map_err(|error| infra(format!("{}: {error}", files.display())))?;
        let builds = Builds { root, guard: guard.clone() };
        Ok(Processes { builds, guard, files, ports: Ports::default(), servers: AtomicUsize::new(0) })
    }

    fn put(&self, files: Vec<(PathBuf, Vec<u8>)>) -> Result<(), BackendError> {
        for (path, content) in files {
            let path = self.files.join(path);
            let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, content));
            written.map_err(|error| infra(format!("{}: {error}", path.display())))?;
        }
        Ok(())
    }
}

impl Backend for Processes {
    fn kind(&self) -> BackendKind {
        BackendKind::Process
    }

    fn describe(&self) -> String {
        "processes of this host".to_owned()
    }

    fn prepare<'a>(
        &'a self,
        peer: &'a Peer,
        folder: &'a Path,
        progress: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Artifact, BackendError>> {
        Box::pin(self.builds.prepare(peer, folder, progress))
    }

    fn start<'a>(&'a self, start: Start<'a>) -> BoxFuture<'a, Result<Arc<dyn Instance>, BackendError>> {
        Box::pin(async move {
            let Start { peer, role, argv, port, files, .. } = start;
            self.put(files)?;
            let place = Place { guard: self.guard.clone(), folder: self.files.clone() };
            Ok(match role {
                Side::Client => Arc::new(Client { place }) as Arc<dyn Instance>,
                Side::Server => {
                    let number = self.servers.fetch_add(1, Ordering::Relaxed);
                    let log = self.files.join(format!("{}.{number}.log", peer.name));
                    Arc::new(Server::start(place, &argv, port, log)?) as Arc<dyn Instance>
                }
            })
        })
    }

    fn tap_address(&self) -> IpAddr {
        Ipv4Addr::LOCALHOST.into()
    }

    fn files(&self) -> &Path {
        &self.files
    }

    fn port(&self) -> Result<u16, BackendError> {
        self.ports.next()
    }

    /// Nothing outlives its harness.
    fn leftovers(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async { None })
    }

    fn finish(&self) -> BoxFuture<'_, Result<(), BackendError>> {
        // Keys are among them, which are worth nothing any more.
        let removed = fs::remove_dir_all(&self.files);
        let removed = removed.map_err(|error| infra(format!("{} was not removed: {error}", self.files.display())));
        Box::pin(async { removed })
    }
}
