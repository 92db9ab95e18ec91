use super::engine::Engine;
use super::images::{ImagePlaces, Images};
use super::instance::{ContainerInstance, Place};
use super::naming::ContainerId;
use super::network::Network;
use super::removal::{Leftovers, leftovers, remove_run};
use crate::backend::{Artifact, Backend, BackendError, Instance, Start};
use crate::model::{BackendKind, Peer, PeerId, Side};
use futures::future::BoxFuture;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Where instances find their files.
const FILES: &str = "/interop";
/// The port of every server: each has an address of its own.
const PORT: u16 = 8080;

/// What [`Containers::connect`] needs.
#[derive(Debug, Clone)]
pub struct ContainersConfig {
    /// The run's id, on everything that is made.
    pub run_id: String,
    /// The run's folder, on everything too: whoever cleans up finds its lock there.
    pub folder: PathBuf,
    /// What images are made from.
    pub images: ImagePlaces,
    /// Whether the run of such a folder is alive.
    pub is_live: fn(&Path) -> bool,
}

/// Runs peers in containers on one network of the run's own.
#[derive(Debug)]
pub struct Containers {
    engine: Engine,
    run: String,
    folder: String,
    network: Network,
    images: Images,
    is_live: fn(&Path) -> bool,
    /// How many of each peer and role were started.
    started: Mutex<HashMap<(PeerId, Side), usize>>,
}

impl Containers {
    /// Finds the engine and makes the run's network.
    pub async fn connect(config: ContainersConfig) -> Result<Self, BackendError> {
        let engine = Engine::connect().await?;
        let folder = config.folder.display().to_string();
        let network = Network::create(&engine, &config.run_id, &folder).await?;
        let images = Images::new(engine.clone(), config.images);
        Ok(Self {
            engine,
            run: config.run_id,
            folder,
            network,
            images,
            is_live: config.is_live,
            started: Mutex::default(),
        })
    }

    /// The engine it runs on.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    fn count(&self, peer: &PeerId, role: Side) -> usize {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let count = started.entry((peer.clone(), role)).or_default();
        *count += 1;
        *count - 1
    }
}

impl Backend for Containers {
    fn kind(&self) -> BackendKind {
        BackendKind::Containers
    }

    fn describe(&self) -> String {
        format!("containers, engine {}", self.engine.version())
    }

    fn prepare<'a>(
        &'a self,
        peer: &'a Peer,
        folder: &'a Path,
        progress: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Artifact, BackendError>> {
        Box::pin(self.images.prepare(peer, folder, progress))
    }

    fn start<'a>(&'a self, start: Start<'a>) -> BoxFuture<'a, Result<Arc<dyn Instance>, BackendError>> {
        Box::pin(async move {
            let peer = &start.peer.name;
            let earlier = self.count(peer, start.role);
            let id = ContainerId { run: &self.run, folder: &self.folder, peer, role: start.role, earlier };
            let place = Place { docker: self.engine.docker(), network: &self.network.name, files: self.files(), id };
            Ok(Arc::new(ContainerInstance::start(place, start).await?) as Arc<dyn Instance>)
        })
    }

    fn tap_address(&self) -> IpAddr {
        self.network.gateway
    }

    fn files(&self) -> &Path {
        Path::new(FILES)
    }

    fn port(&self) -> Result<u16, BackendError> {
        Ok(PORT)
    }

    fn leftovers(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async move {
            // What cannot be listed keeps no run from trying.
            let Leftovers { containers, networks } = leftovers(&self.engine, self.is_live).await.ok()?;
            let (containers, networks) = (containers.len(), networks.len());
            (containers + networks > 0).then(|| {
                format!("dead runs left containers ({containers}) and networks ({networks}); `make clean` removes them")
            })
        })
    }

    fn finish(&self) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(async move { remove_run(self.engine.docker(), &self.run).await.map(drop) })
    }
}
