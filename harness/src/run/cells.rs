use super::canary::{NO_CASE, official_client_refuses};
use super::inputs::Inputs;
use super::judging::{Judging, Record, unsupported};
use super::pair::{CellJob, Pair, Recorded, Told};
use super::peers::{Peers, Starter, millis};
use super::scripts::{authority_file, scripts_folder, server_name};
use super::{EventLog, FolderError, RunFolder};
use crate::backend::{Backend, BackendError, Failure, probe::reachable};
use crate::input::{PeerFolder, Project};
use crate::model::{CellFailure, CellId, Driver, Event, PeerId, PlannedCell, Role, ServerConfig, Transport};
use crate::plan::Plan;
use futures::StreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// What a run is made from.
pub struct RunSettings<'a> {
    /// The checkout.
    pub root: &'a Path,
    /// Cases, peers, ledger.
    pub project: &'a Project,
    /// The cells.
    pub plan: &'a Plan,
    /// How many pairs run at once.
    pub parallel: usize,
}

/// Tells a run to end: `true` once the user has asked for it.
pub type Interrupt = watch::Receiver<bool>;

/// A run that could not be made; what its cells came to is in its events.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The backend.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

/// Runs the plan. Every planned cell gets exactly one verdict, whatever happens.
pub async fn run(
    settings: &RunSettings<'_>,
    backend: &dyn Backend,
    folder: &RunFolder,
    log: &EventLog,
    interrupt: Interrupt,
) -> Result<(), RunError> {
    let began = Instant::now();
    folder.keep_inputs(settings.root, settings.project)?;
    let logs = folder.path().join("logs");
    std::fs::create_dir_all(&logs).map_err(|source| FolderError::Io { path: logs, source })?;
    log.emit(started(settings, backend, folder));
    log.emit(Event::Planned { cells: settings.plan.cells.clone(), absent: settings.plan.absent.clone() });
    settings.plan.cells.iter().filter_map(unsupported).for_each(|event| log.emit(event));

    let inputs = Inputs::make(settings)?;
    let cells = Cells { settings, backend, folder, log };
    let left = cells.run(&inputs, interrupt.clone()).await;
    log.emit(Event::RunFinished { duration_ms: millis(began), interrupted: *interrupt.borrow() });
    left
}

fn started(settings: &RunSettings<'_>, backend: &dyn Backend, folder: &RunFolder) -> Event {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Event::RunStarted {
        format: super::folder::FORMAT,
        run: folder.run().to_owned(),
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        started_s: since_1970.as_secs(),
        backend: backend.describe(),
        foreign: foreign(settings),
        unfiltered: settings.plan.absent.keys().all(|reason| !reason.starts_with("left out by")),
    }
}

/// The peers whose folders are not in the checkout.
fn foreign(settings: &RunSettings<'_>) -> BTreeMap<PeerId, String> {
    let ours = settings.root.join("images");
    let outside = settings.project.peers.iter().filter(|folder| !folder.path.starts_with(&ours));
    outside.map(|folder| (folder.peer.name.clone(), folder.path.display().to_string())).collect()
}

/// The cells that are to run, by pair.
type Pairs<'a> = BTreeMap<(&'a PeerId, &'a PeerId, Transport), Vec<&'a PlannedCell>>;

/// The cells of a run on their way to a verdict.
pub(super) struct Cells<'a> {
    pub(super) settings: &'a RunSettings<'a>,
    pub(super) backend: &'a dyn Backend,
    pub(super) folder: &'a RunFolder,
    pub(super) log: &'a EventLog,
}

impl Cells<'_> {
    async fn run(&self, inputs: &Inputs, mut interrupt: Interrupt) -> Result<(), RunError> {
        let mut pending: BTreeSet<CellId> = self.runnable().map(|planned| planned.cell.clone()).collect();
        let (send, mut recorded) = mpsc::unbounded_channel();
        let starter = self.starter(inputs);
        let needed = self.needed();

        let peers = tokio::select! {
            peers = self.start(&starter, &needed) => Some(peers),
            _ = interrupt.wait_for(|stop| *stop) => None,
        };
        let mut left = Vec::new();
        if let Some(peers) = peers {
            let reach = self.reach(&peers).await;
            let driving = async {
                self.drive(&peers, reach.as_ref().err(), send).await;
            };
            let judging = async {
                while let Some(cell) = recorded.recv().await {
                    pending.remove(&cell.cell);
                    self.judge(cell);
                }
            };
            tokio::select! {
                ((), ()) = async { tokio::join!(driving, judging) } => {}
                _ = interrupt.wait_for(|stop| *stop) => {}
            }
            left = peers.stop(self.folder, self.log).await;
        }
        for cell in pending {
            self.judge(Recorded::failed(cell, CellFailure::Skipped));
        }
        left.extend(self.backend.finish().await.err());
        left.into_iter().next().map_or(Ok(()), |error| Err(RunError::Backend(error)))
    }

    pub(super) fn starter<'a>(&'a self, inputs: &'a Inputs) -> Starter<'a> {
        let Cells { backend, folder, log, .. } = *self;
        Starter { backend, folder, log, certificates: &inputs.certificates, files: &inputs.files }
    }

    /// The peers that are up, those that answer for cases that do not exist left out.
    pub(super) async fn start(&self, starter: &Starter<'_>, needed: &[(&PeerFolder, Vec<Role>)]) -> Peers {
        let mut peers = Peers::start(starter, needed).await;
        for (folder, roles) in needed {
            let official = folder.peer.driver == Driver::Official && roles.contains(&Role::Client);
            if official && let Err(error) = self.official_canary(&peers, folder).await {
                peers.give_up(&folder.peer.name, Role::Client, error, starter).await;
            }
        }
        peers
    }

    /// Run against the first server that its cells are about and that is up.
    async fn official_canary(&self, peers: &Peers, client: &PeerFolder) -> Result<(), BackendError> {
        let mine = self.runnable().filter(|planned| planned.cell.client == client.peer.name);
        let against = mine.filter_map(|planned| {
            let pair = self.pair(peers, None, &planned.cell).ok()?;
            let address = self.job(peers, &planned.cell).ok()?.server;
            Some((pair, address))
        });
        match against.into_iter().next() {
            Some((pair, server)) => {
                let argv = pair.official_argv(NO_CASE, server);
                official_client_refuses(pair.client, &client.peer, argv).await
            }
            None => Ok(()),
        }
    }

    pub(super) fn runnable(&self) -> impl Iterator<Item = &PlannedCell> {
        self.settings.plan.cells.iter().filter(|planned| planned.runs())
    }

    fn pairs(&self) -> Pairs<'_> {
        let mut pairs = Pairs::new();
        for planned in self.runnable() {
            let cell = &planned.cell;
            pairs.entry((&cell.client, &cell.server, cell.transport)).or_default().push(planned);
        }
        pairs
    }

    /// The peers of the plan, each with the roles it plays.
    pub(super) fn needed(&self) -> Vec<(&PeerFolder, Vec<Role>)> {
        let mut roles: BTreeMap<&PeerId, BTreeSet<Role>> = BTreeMap::new();
        for planned in self.runnable() {
            let cell = &planned.cell;
            roles.entry(&cell.client).or_default().insert(Role::Client);
            roles.entry(&cell.server).or_default().insert(Role::Server(self.server_config(cell)));
        }
        let peers = self.settings.project.peers.iter();
        peers.filter_map(|folder| Some((folder, roles.remove(&folder.peer.name)?.into_iter().collect()))).collect()
    }

    fn server_config(&self, cell: &CellId) -> ServerConfig {
        let usual = ServerConfig::usual(cell.transport);
        self.settings.project.case(&cell.case).map_or(usual, |case| case.server_config(cell.transport))
    }

    /// Proves with the first client that clients reach taps at all; else every cell would fail with a riddle. A client on an
    /// image of somebody else may lack what that takes, so ours go first.
    async fn reach(&self, peers: &Peers) -> Result<(), BackendError> {
        let ours =
            |name: &PeerId| self.settings.project.peer(name).is_some_and(|folder| folder.peer.driver == Driver::Script);
        let clients = self.runnable().map(|planned| &planned.cell.client).filter(|name| ours(name));
        match clients.filter_map(|client| peers.get(client, Role::Client).ok()).next() {
            Some(client) => reachable(client, self.backend.tap_address()).await,
            None => Ok(()),
        }
    }

    pub(super) async fn drive(
        &self,
        peers: &Peers,
        unreachable: Option<&BackendError>,
        send: mpsc::UnboundedSender<Recorded>,
    ) {
        let pairs = futures::stream::iter(self.pairs().into_values());
        let drive = |cells: Vec<&PlannedCell>| {
            let send = send.clone();
            let cells: Vec<CellId> = cells.into_iter().map(|planned| planned.cell.clone()).collect();
            async move {
                let Some(first) = cells.first() else { return };
                match self.pair(peers, unreachable, first) {
                    Ok(pair) => {
                        let (jobs, failed) = self.jobs(peers, cells);
                        failed.into_iter().for_each(|failed| drop(send.send(failed)));
                        pair.run(jobs, send).await;
                    }
                    Err(failure) => {
                        let failed = cells.into_iter().map(|cell| Recorded::failed(cell, failure.clone()));
                        failed.for_each(|failed| drop(send.send(failed)));
                    }
                }
            }
        };
        pairs.for_each_concurrent(self.settings.parallel, drive).await;
    }

    /// The pair of a cell, on whichever server.
    pub(super) fn pair<'a>(
        &'a self,
        peers: &'a Peers,
        unreachable: Option<&BackendError>,
        cell: &CellId,
    ) -> Result<Pair<'a>, CellFailure> {
        if let Some(error) = unreachable {
            return Err(CellFailure::Infra { detail: error.what.clone() });
        }
        let peer = |name: &PeerId| {
            let found = self.settings.project.peer(name);
            found.ok_or_else(|| CellFailure::Infra { detail: format!("no peer {name}") })
        };
        let (client, server) = (peer(&cell.client)?, peer(&cell.server)?);
        let instance = peers.get(&cell.client, Role::Client);
        let instance = instance.map_err(|error| broke(&error, |detail| CellFailure::ClientBroke { detail }))?;
        let told = Told {
            scripts: scripts_folder(cell.transport, server),
            tls: if cell.transport == Transport::Tls { "true" } else { "false" },
            ca: authority_file(server),
            name: server_name(server).to_owned(),
        };
        let (tap_address, folder) = (self.backend.tap_address(), self.folder);
        Ok(Pair { client: instance, peer: &client.peer, told, tap_address, folder })
    }

    /// What a pair is to do, and the cells whose server is not up.
    pub(super) fn jobs(&self, peers: &Peers, cells: Vec<CellId>) -> (Vec<CellJob>, Vec<Recorded>) {
        let (mut jobs, mut failed) = (Vec::new(), Vec::new());
        for cell in cells {
            match self.job(peers, &cell) {
                Ok(job) => jobs.push(job),
                Err(failure) => failed.push(Recorded::failed(cell, failure)),
            }
        }
        (jobs, failed)
    }

    fn job(&self, peers: &Peers, cell: &CellId) -> Result<CellJob, CellFailure> {
        let address = peers.server_address(&cell.server, self.server_config(cell));
        let server = address.map_err(|error| broke(&error, |detail| CellFailure::ServerBroke { detail }))?;
        let case = self.settings.project.case(&cell.case);
        let budget = Duration::from_millis(case.map_or(0, |case| u64::from(case.timeout_ms)));
        Ok(CellJob { cell: cell.clone(), budget, server })
    }

    pub(super) fn judge(&self, recorded: Recorded) {
        let Recorded { cell, failure, exit, duration_ms } = recorded;
        let (cell_now, failure_now, exit_now) = (cell.clone(), failure.clone(), exit.clone());
        self.log.emit(Event::CellRecorded { cell: cell_now, failure: failure_now, exit: exit_now, duration_ms });
        let judging = Judging { folder: self.folder, project: self.settings.project };
        let Some(planned) = self.settings.plan.cells.iter().find(|planned| planned.cell == cell) else { return };
        let record = Record { planned, failure: failure.as_ref(), exit: exit.as_ref(), duration_ms };
        let judged = tokio::task::block_in_place(|| judging.judge(&record));
        self.log.emit(judged);
    }
}

/// Whose failure it is that a peer is not up. The rest of the text, such as a build's output, has been told once, when it failed.
fn broke(error: &BackendError, blame: fn(String) -> CellFailure) -> CellFailure {
    let detail = error.what.lines().next().unwrap_or_default().to_owned();
    match error.failure {
        Failure::Peer => blame(detail),
        Failure::Build | Failure::Infra | Failure::NoEngine => CellFailure::Infra { detail },
    }
}
