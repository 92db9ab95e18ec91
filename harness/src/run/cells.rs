use super::bounded::Bounded;
use super::inputs::Inputs;
use super::judging::{Judging, Record, unsupported};
use super::pair::Recorded;
use super::peers::{Peers, Starter, millis};
use super::spent::{Spent, Work};
use super::{EventLog, FolderError, Forms, Interrupt, Limits, RunFolder};
use crate::backend::{Backend, BackendError};
use crate::input::{PeerFolder, Project};
use crate::model::{CellFailure, CellId, Event, PeerId, PlannedCell, Role, ServerConfig, Verdict};
use crate::plan::Plan;
use futures::StreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OnceCell, mpsc};

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
    /// How often each cell is run: in so many rounds, each with processes and taps of its own.
    pub repeat: u32,
    /// Where the normal forms of the cells that pass are kept.
    pub forms: &'a Forms,
}

/// A run that could not be made; what its cells came to is in its events.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The backend, at the end: no verdict depends on it.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// Something else that a run needs before its first cell.
    #[error("{0}")]
    Unmade(String),
}

/// Runs the plan. Every planned cell gets a verdict, whatever happens; one that is run in rounds gets one each round.
pub async fn run(
    settings: &RunSettings<'_>,
    backend: &dyn Backend,
    folder: &RunFolder,
    log: &EventLog,
    interrupt: Interrupt,
) -> Result<(), RunError> {
    let began = Instant::now();
    let inputs = match begin(settings, folder) {
        Ok(inputs) => inputs,
        Err(error) => {
            // The first error is the one to tell.
            let _ = backend.finish().await;
            return Err(error);
        }
    };
    let spent = Arc::new(Spent::default());
    let backend = &Bounded::new(backend, settings.limits.backend, Arc::clone(&spent));
    log.emit(started(settings, backend, folder));
    backend.leftovers().await.into_iter().for_each(|text| log.emit(Event::Note { text }));
    log.emit(settings.plan.event());
    settings.plan.cells.iter().filter_map(unsupported).for_each(|event| log.emit(event));

    let cells = Cells { settings, backend, folder, log, spent, interrupt: interrupt.clone() };
    let left = cells.run(&inputs).await;
    log.emit(Event::RunFinished { duration_ms: millis(began), interrupted: *interrupt.borrow() });
    left
}

/// What has to be there before anything runs.
fn begin(settings: &RunSettings<'_>, folder: &RunFolder) -> Result<Inputs, RunError> {
    folder.keep_inputs(settings.root, settings.project)?;
    let logs = folder.path().join("logs");
    std::fs::create_dir_all(&logs).map_err(|source| FolderError::Io { path: logs, source })?;
    Inputs::make(settings)
}

fn started(settings: &RunSettings<'_>, backend: &dyn Backend, folder: &RunFolder) -> Event {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Event::RunStarted {
        format: super::folder::FORMAT,
        run: folder.run().to_owned(),
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        started_s: since_1970.as_secs(),
        backend: backend.describe(),
        kind: backend.kind(),
        foreign: foreign(settings),
        repeat: settings.repeat,
        unfiltered: settings.plan.is_unfiltered(),
    }
}

/// The peers whose folders are not in the checkout.
fn foreign(settings: &RunSettings<'_>) -> BTreeMap<PeerId, String> {
    let ours = settings.root.join("images");
    let outside = settings.project.peers.iter().filter(|folder| !folder.path.starts_with(&ours));
    outside.map(|folder| (folder.peer.name.clone(), folder.path.display().to_string())).collect()
}

/// Cells judged at once. Nearly all of it is over in a millisecond; one that failed waits for news of a death.
const JUDGED_AT_ONCE: usize = 32;
/// Cells that wait to be judged. Beyond that their pairs wait, so that many rounds pile up nothing.
pub(super) const UNJUDGED: usize = 64;
/// How long after a cell a death can become known that explains it.
const NEWS_WITHIN: Duration = Duration::from_millis(500);

/// The cells of a run on their way to a verdict.
pub(super) struct Cells<'a> {
    pub(super) settings: &'a RunSettings<'a>,
    pub(super) backend: &'a dyn Backend,
    pub(super) folder: &'a RunFolder,
    pub(super) log: &'a EventLog,
    pub(super) spent: Arc<Spent>,
    pub(super) interrupt: Interrupt,
}

impl Cells<'_> {
    async fn run(&self, inputs: &Inputs) -> Result<(), RunError> {
        let limit = self.settings.limits.run;
        let starter = self.starter(inputs);
        let peers = Peers::new(&self.needed());
        let mut pending: BTreeSet<CellId> = self.runnable().map(|planned| planned.cell.clone()).collect();
        let (send, recorded) = mpsc::channel(UNJUDGED);
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
            () = tokio::time::sleep(limit) => Some(format!("the run was ended at its limit of {} s", limit.as_secs())),
        };
        ended.into_iter().for_each(|text| self.log.emit(Event::Note { text }));
        let mut left = peers.stop(&starter).await;
        for cell in pending {
            self.conclude(&Recorded::failed(cell, 0, CellFailure::Skipped));
        }
        if let Err(error) = self.backend.finish().await {
            self.log.emit(Event::Note { text: error.what.clone() });
            left.push(error);
        }
        left.into_iter().next().map_or(Ok(()), |error| Err(RunError::Backend(error)))
    }

    pub(super) fn starter<'a>(&'a self, inputs: &'a Inputs) -> Starter<'a> {
        let Cells { backend, folder, log, settings, ref spent, ref interrupt } = *self;
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
            rounds: settings.repeat,
            spent,
            interrupt: interrupt.clone(),
        }
    }

    pub(super) fn runnable(&self) -> impl Iterator<Item = &PlannedCell> {
        self.settings.plan.cells.iter().filter(|planned| planned.runs())
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

    pub(super) fn server_role(&self, cell: &CellId) -> Role {
        let usual = ServerConfig::usual(cell.transport);
        let case = self.settings.project.case(&cell.case);
        Role::Server(case.map_or(usual, |case| case.server_config(cell.transport)))
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
        let Recorded { cell, round, failure, exit, again, duration_ms, .. } = recorded;
        let judging = Judging { folder: self.folder, project: self.settings.project, forms: self.settings.forms };
        let planned = self.settings.plan.cells.iter().find(|planned| planned.cell == *cell)?;
        let (failure, exit, again) = (failure.as_ref(), exit.as_ref(), again.as_deref());
        let record = Record { planned, round: *round, failure, exit, again, duration_ms: *duration_ms };
        let _busy = self.spent.on(Work::Judging);
        Some(tokio::task::block_in_place(|| judging.judge(&record)))
    }

    fn conclude(&self, recorded: &Recorded) {
        if let Some(judged) = self.judged(recorded) {
            self.tell(recorded, judged);
        }
    }

    fn tell(&self, recorded: &Recorded, judged: Event) {
        let Recorded { cell, round, failure, exit, again, duration_ms, .. } = recorded.clone();
        self.log.emit(Event::CellRecorded { cell, round, failure, exit, again, duration_ms });
        self.log.emit(judged);
    }
}
