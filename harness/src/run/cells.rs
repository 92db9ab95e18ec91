use super::bounded::Bounded;
use super::canary::{NO_CASE, official_client_refuses};
use super::inputs::Inputs;
use super::judging::{Judging, Record, unsupported};
use super::pair::{CellJob, Pair, Recorded, Told};
use super::peers::{PORT, Peers, Starter, millis};
use super::scripts::{authority_file, scripts_folder, server_name};
use super::slot::Slot;
use super::{EventLog, FolderError, Limits, RunFolder};
use crate::backend::{Backend, BackendError, Failure, Instance, probe::reachable};
use crate::input::{PeerFolder, Project};
use crate::model::{CellFailure, CellId, Driver, Event, PeerId, PlannedCell, Role, ServerConfig, Transport, Verdict};
use crate::plan::Plan;
use futures::StreamExt;
use futures::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit, mpsc, watch};

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
    /// How long it waits for what.
    pub limits: Limits,
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
    let backend = &Bounded::new(backend, settings.limits.backend);
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
type Pairs<'a> = BTreeMap<(&'a PeerId, &'a PeerId, Transport), Vec<&'a CellId>>;

/// Cells judged at once. Nearly all of it is over in a millisecond; one that failed waits for news of a death.
const JUDGED_AT_ONCE: usize = 32;
/// How long after a cell a death can become known that explains it.
const NEWS_WITHIN: Duration = Duration::from_millis(500);

/// The cells of a run on their way to a verdict.
pub(super) struct Cells<'a> {
    pub(super) settings: &'a RunSettings<'a>,
    pub(super) backend: &'a dyn Backend,
    pub(super) folder: &'a RunFolder,
    pub(super) log: &'a EventLog,
}

impl Cells<'_> {
    async fn run(&self, inputs: &Inputs, mut interrupt: Interrupt) -> Result<(), RunError> {
        let limit = self.settings.limits.run;
        let starter = self.starter(inputs);
        let peers = Peers::new(&self.needed());
        let mut pending: BTreeSet<CellId> = self.runnable().map(|planned| planned.cell.clone()).collect();
        let (send, recorded) = mpsc::unbounded_channel();
        let recorded = futures::stream::poll_fn({
            let mut recorded = recorded;
            move |context| recorded.poll_recv(context)
        });
        let judging = recorded.map(|cell| self.judge(&peers, cell)).buffer_unordered(JUDGED_AT_ONCE);
        let judging = judging.for_each(|cell| {
            pending.remove(&cell);
            std::future::ready(())
        });
        let ended = tokio::select! {
            ((), ()) = async { tokio::join!(self.drive(&peers, &starter, send), judging) } => None,
            () = async { peers.keep_up(&starter).await; std::future::pending().await } => None,
            _ = interrupt.wait_for(|stop| *stop) => None,
            () = tokio::time::sleep(limit) => Some(format!("the run was ended at its limit of {} s", limit.as_secs())),
        };
        ended.into_iter().for_each(|text| self.log.emit(Event::Note { text }));
        let mut left = peers.stop(&starter).await;
        for cell in pending {
            self.conclude(&Recorded::failed(cell, CellFailure::Skipped));
        }
        if let Err(error) = self.backend.finish().await {
            self.log.emit(Event::Note { text: error.what.clone() });
            left.push(error);
        }
        left.into_iter().next().map_or(Ok(()), |error| Err(RunError::Backend(error)))
    }

    pub(super) fn starter<'a>(&'a self, inputs: &'a Inputs) -> Starter<'a> {
        let Cells { backend, folder, log, settings } = *self;
        let peers = settings.project.peers.iter().map(|folder| &folder.peer.name);
        let built = peers.map(|name| (name, OnceCell::new())).collect();
        Starter {
            backend,
            folder,
            log,
            certificates: &inputs.certificates,
            files: &inputs.files,
            built,
            ready: settings.limits.ready,
        }
    }

    pub(super) fn runnable(&self) -> impl Iterator<Item = &PlannedCell> {
        self.settings.plan.cells.iter().filter(|planned| planned.runs())
    }

    fn pairs(&self) -> Pairs<'_> {
        let mut pairs = Pairs::new();
        for planned in self.runnable() {
            let cell = &planned.cell;
            pairs.entry((&cell.client, &cell.server, cell.transport)).or_default().push(&planned.cell);
        }
        pairs
    }

    /// The peers of the plan, each with the roles it plays.
    pub(super) fn needed(&self) -> Vec<(&PeerFolder, Vec<Role>)> {
        let mut roles: BTreeMap<&PeerId, BTreeSet<Role>> = BTreeMap::new();
        for planned in self.runnable() {
            let cell = &planned.cell;
            roles.entry(&cell.client).or_default().insert(Role::Client);
            roles.entry(&cell.server).or_default().insert(self.server_role(cell));
        }
        let peers = self.settings.project.peers.iter();
        peers.filter_map(|folder| Some((folder, roles.remove(&folder.peer.name)?.into_iter().collect()))).collect()
    }

    fn server_role(&self, cell: &CellId) -> Role {
        let usual = ServerConfig::usual(cell.transport);
        let case = self.settings.project.case(&cell.case);
        Role::Server(case.map_or(usual, |case| case.server_config(cell.transport)))
    }

    /// Drives every pair as soon as its peers are up, so many at once.
    pub(super) async fn drive(&self, peers: &Peers<'_>, starter: &Starter<'_>, send: mpsc::UnboundedSender<Recorded>) {
        let gates = Gates::new(self.settings);
        let pairs =
            self.pairs().into_values().map(|cells| self.drive_pair(peers, starter, &gates, cells, send.clone()));
        let pairs: Vec<_> = pairs.collect();
        drop(send);
        join_all(pairs).await;
    }

    async fn drive_pair(
        &self,
        peers: &Peers<'_>,
        starter: &Starter<'_>,
        gates: &Gates<'_>,
        cells: Vec<&CellId>,
        send: mpsc::UnboundedSender<Recorded>,
    ) {
        let Some(first) = cells.first() else { return };
        let ready = self.pair(peers, first);
        let ready = match ready {
            Ok(pair) => self.ready(&pair, peers, &cells, starter, gates).await.map(|permit| (pair, permit)),
            Err(error) => Err(error),
        };
        match ready {
            Ok((pair, _permit)) => {
                let (jobs, failed) = self.jobs(peers, cells).await;
                failed.into_iter().for_each(|failed| drop(send.send(failed)));
                pair.run(jobs, send).await;
            }
            Err(failure) => {
                let failed = cells.into_iter().map(|cell| Recorded::failed(cell.clone(), failure.clone()));
                failed.for_each(|failed| drop(send.send(failed)));
            }
        }
    }

    /// Waits for the peers of a pair and for its turn, and for what has to be known of its client before the first cell.
    async fn ready<'g>(
        &self,
        pair: &Pair<'_>,
        peers: &Peers<'_>,
        cells: &[&CellId],
        starter: &Starter<'_>,
        gates: &'g Gates<'_>,
    ) -> Result<SemaphorePermit<'g>, CellFailure> {
        let of_client = |error: BackendError| broke(&error, |detail| CellFailure::ClientBroke { detail });
        let client = pair.client.up().await.map_err(of_client)?;
        for cell in cells {
            // Whether it came up is asked again, cell by cell.
            if let Ok(server) = peers.slot(&cell.server, self.server_role(cell)) {
                let _ = server.up().await;
            }
        }
        let permit = gates.turn.acquire().await;
        let permit = permit.map_err(|error| CellFailure::Infra { detail: error.to_string() })?;
        match pair.peer.driver {
            Driver::Script => {
                let reach = gates.reach.get_or_init(|| reachable(client.as_ref(), self.backend.tap_address())).await;
                reach.clone().map_err(|error| CellFailure::Infra { detail: error.what })?;
            }
            Driver::Official => {
                if let Some(asked) = gates.canaries.get(&pair.peer.name) {
                    let canary = || self.official_canary(pair, client.as_ref(), peers, cells, starter);
                    asked.get_or_init(canary).await.clone().map_err(of_client)?;
                }
            }
        }
        Ok(permit)
    }

    /// An official client is asked for a case that does not exist, of the first of the pair's servers that is up.
    async fn official_canary(
        &self,
        pair: &Pair<'_>,
        client: &dyn Instance,
        peers: &Peers<'_>,
        cells: &[&CellId],
        starter: &Starter<'_>,
    ) -> Result<(), BackendError> {
        let servers = cells.iter().filter_map(|cell| peers.slot(&cell.server, self.server_role(cell)).ok());
        let Some(server) = servers.filter_map(Slot::running).next() else { return Ok(()) };
        let argv = pair.official_argv(NO_CASE, server.address(PORT));
        let refuses = official_client_refuses(client, pair.peer, argv).await;
        if let Err(error) = &refuses {
            pair.client.give_up(error.clone(), starter).await;
        }
        refuses
    }

    /// The pair of a cell, on whichever server.
    pub(super) fn pair<'a>(&'a self, peers: &'a Peers<'_>, cell: &CellId) -> Result<Pair<'a>, CellFailure> {
        let peer = |name: &PeerId| {
            let found = self.settings.project.peer(name);
            found.ok_or_else(|| CellFailure::Infra { detail: format!("no peer {name}") })
        };
        let (client, server) = (peer(&cell.client)?, peer(&cell.server)?);
        let slot = peers.slot(&cell.client, Role::Client);
        let told = Told {
            scripts: scripts_folder(cell.transport, server),
            tls: if cell.transport == Transport::Tls { "true" } else { "false" },
            ca: authority_file(server),
            name: server_name(server).to_owned(),
        };
        let slot = slot.map_err(|error| CellFailure::Infra { detail: error.what })?;
        let (tap_address, folder, log) = (self.backend.tap_address(), self.folder, self.log);
        Ok(Pair { client: slot, peer: &client.peer, told, tap_address, folder, log })
    }

    /// What a pair is to do, and the cells whose server is not up.
    pub(super) async fn jobs<'a>(
        &self,
        peers: &'a Peers<'_>,
        cells: Vec<&CellId>,
    ) -> (Vec<CellJob<'a>>, Vec<Recorded>) {
        let (mut jobs, mut failed) = (Vec::new(), Vec::new());
        for cell in cells {
            match self.job(peers, cell).await {
                Ok(job) => jobs.push(job),
                Err(error) => {
                    let failure = broke(&error, |detail| CellFailure::ServerBroke { detail });
                    failed.push(Recorded::failed(cell.clone(), failure));
                }
            }
        }
        (jobs, failed)
    }

    async fn job<'a>(&self, peers: &'a Peers<'_>, cell: &CellId) -> Result<CellJob<'a>, BackendError> {
        let server = peers.slot(&cell.server, self.server_role(cell))?;
        server.up().await?;
        let case = self.settings.project.case(&cell.case);
        let budget = Duration::from_millis(case.map_or(0, |case| u64::from(case.timeout_ms)));
        Ok(CellJob { cell: cell.clone(), budget, server, again: None })
    }

    /// Judges a cell, and asks whose death explains it where it is not as expected.
    pub(super) async fn judge(&self, peers: &Peers<'_>, mut recorded: Recorded) -> CellId {
        if let Some(judged) = self.judged(&recorded) {
            let Event::CellJudged { verdict, .. } = &judged else { return recorded.cell };
            // What runs and comes to `unsupported` is a proof, and a death proves nothing.
            let explains = matches!(verdict, Verdict::Fail | Verdict::Timeout | Verdict::Unsupported);
            if explains && let Some(death) = self.death(peers, &recorded).await {
                recorded.failure = Some(death);
                self.conclude(&recorded);
            } else {
                self.tell(&recorded, judged);
            }
        }
        recorded.cell
    }

    /// Who died before or while a cell ran, if anybody did. That is known a moment after the connections break.
    async fn death(&self, peers: &Peers<'_>, recorded: &Recorded) -> Option<CellFailure> {
        let (client, server) = recorded.deaths?;
        let slot = |peer: &PeerId, role: Role| peers.slot(peer, role).ok();
        let cell = &recorded.cell;
        let server_slot = slot(&cell.server, self.server_role(cell))?;
        let client_slot = slot(&cell.client, Role::Client)?;
        let of_server = |how: String| CellFailure::ServerBroke { detail: format!("{} died: {how}", cell.server) };
        let of_client = |how: String| CellFailure::ClientBroke { detail: format!("{} died: {how}", cell.client) };
        if let Some(detail) = server_slot.gone(server) {
            return Some(CellFailure::ServerBroke { detail });
        }
        let news = async {
            tokio::select! {
                biased;
                Some(how) = server_slot.death(server) => of_server(how),
                Some(how) = client_slot.death(client) => of_client(how),
                else => std::future::pending().await,
            }
        };
        tokio::time::timeout(NEWS_WITHIN, news).await.ok()
    }

    /// The verdict on a cell as its evidence is.
    fn judged(&self, recorded: &Recorded) -> Option<Event> {
        let Recorded { cell, failure, exit, again, duration_ms, .. } = recorded;
        let judging = Judging { folder: self.folder, project: self.settings.project };
        let planned = self.settings.plan.cells.iter().find(|planned| planned.cell == *cell)?;
        let (failure, exit, again, duration_ms) = (failure.as_ref(), exit.as_ref(), again.as_deref(), *duration_ms);
        let record = Record { planned, failure, exit, again, duration_ms };
        Some(tokio::task::block_in_place(|| judging.judge(&record)))
    }

    fn conclude(&self, recorded: &Recorded) {
        if let Some(judged) = self.judged(recorded) {
            self.tell(recorded, judged);
        }
    }

    fn tell(&self, recorded: &Recorded, judged: Event) {
        let Recorded { cell, failure, exit, again, duration_ms, .. } = recorded.clone();
        self.log.emit(Event::CellRecorded { cell, failure, exit, again, duration_ms });
        self.log.emit(judged);
    }
}

/// What pairs share on their way.
struct Gates<'a> {
    turn: Semaphore,
    /// Whether clients reach taps at all; else every cell would fail with a riddle. A client on an image of somebody else may
    /// lack what it takes to find that out, so script clients are asked.
    reach: OnceCell<Result<(), BackendError>>,
    /// Whether official clients refuse a case that does not exist.
    canaries: BTreeMap<&'a PeerId, OnceCell<Result<(), BackendError>>>,
}

impl<'a> Gates<'a> {
    fn new(settings: &RunSettings<'a>) -> Gates<'a> {
        let peers = settings.project.peers.iter().map(|folder| &folder.peer);
        let official = peers.filter(|peer| peer.driver == Driver::Official);
        let canaries = official.map(|peer| (&peer.name, OnceCell::new())).collect();
        Gates { turn: Semaphore::new(settings.parallel), reach: OnceCell::new(), canaries }
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
