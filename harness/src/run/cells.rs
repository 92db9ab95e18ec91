use super::judging::{Judging, unsupported};
use super::pair::{CellJob, Pair, Recorded};
use super::peers::{Peers, SCRIPTS, Starter, millis};
use super::{EventLog, FolderError, RunFolder};
use crate::backend::{Backend, BackendError, Failure, probe::reachable};
use crate::input::{PeerFolder, Project};
use crate::model::{CellFailure, CellId, Event, PeerId, PlannedCell, Side, Transport};
use crate::plan::{Plan, script};
use futures::StreamExt;
use prost::Message;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
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
    folder.keep_inputs(settings.root)?;
    let logs = folder.path().join("logs");
    std::fs::create_dir_all(&logs).map_err(|source| FolderError::Io { path: logs, source })?;
    log.emit(started(settings, backend, folder));
    log.emit(Event::Planned { cells: settings.plan.cells.clone(), absent: settings.plan.absent.clone() });
    settings.plan.cells.iter().filter_map(unsupported).for_each(|event| log.emit(event));

    let cells = Cells { settings, backend, folder, log };
    let left = cells.run(interrupt.clone()).await;
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
        unfiltered: settings.plan.absent.keys().all(|reason| !reason.starts_with("left out by")),
    }
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
    async fn run(&self, mut interrupt: Interrupt) -> Result<(), RunError> {
        let mut pending: BTreeSet<CellId> = self.runnable().map(|planned| planned.cell.clone()).collect();
        let (send, mut recorded) = mpsc::unbounded_channel();
        let scripts = self.scripts();
        let starter = Starter { backend: self.backend, log: self.log, scripts: &scripts };
        let needed = self.needed();

        let peers = tokio::select! {
            peers = Peers::start(&starter, &needed) => Some(peers),
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
                    self.judge(cell).await;
                }
            };
            tokio::select! {
                ((), ()) = async { tokio::join!(driving, judging) } => {}
                _ = interrupt.wait_for(|stop| *stop) => {}
            }
            left = peers.stop(self.folder, self.log).await;
        }
        for cell in pending {
            self.judge(Recorded { cell, failure: Some(CellFailure::Skipped), duration_ms: 0 }).await;
        }
        left.extend(self.backend.finish().await.err());
        left.into_iter().next().map_or(Ok(()), |error| Err(RunError::Backend(error)))
    }

    pub(super) fn runnable(&self) -> impl Iterator<Item = &PlannedCell> {
        self.settings.plan.cells.iter().filter(|planned| planned.unsupported.is_none())
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
    pub(super) fn needed(&self) -> Vec<(&PeerFolder, Vec<Side>)> {
        let plays = |peer: &PeerId, role: Side| {
            self.runnable().any(|planned| match role {
                Side::Client => planned.cell.client == *peer,
                Side::Server => planned.cell.server == *peer,
            })
        };
        let peers = self.settings.project.peers.iter();
        let peers = peers.map(|folder| {
            let roles = Side::BOTH.into_iter().filter(|role| plays(&folder.peer.name, *role)).collect::<Vec<_>>();
            (folder, roles)
        });
        peers.filter(|(_, roles)| !roles.is_empty()).collect()
    }

    /// The scripts of all planned cases, as files for the clients.
    pub(super) fn scripts(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let planned: BTreeSet<_> = self.runnable().map(|planned| &planned.cell.case).collect();
        let cases = self.settings.project.cases.iter().filter(|case| planned.contains(&case.id));
        let path = |id: &str| Path::new(SCRIPTS).join(format!("{id}.binpb"));
        cases.map(|case| (path(case.id.as_str()), script(case).encode_to_vec())).collect()
    }

    /// Proves with the first client that clients reach taps at all; else every cell would fail with a riddle.
    async fn reach(&self, peers: &Peers) -> Result<(), BackendError> {
        let clients = self.runnable().map(|planned| &planned.cell.client);
        match clients.filter_map(|client| peers.get(client, Side::Client).ok()).next() {
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
        let pairs = futures::stream::iter(self.pairs());
        let drive = |((client, server, _), cells): ((&PeerId, &PeerId, Transport), Vec<&PlannedCell>)| {
            let send = send.clone();
            let (client, server) = (client.clone(), server.clone());
            let cells: Vec<CellId> = cells.into_iter().map(|planned| planned.cell.clone()).collect();
            async move {
                match self.pair(peers, unreachable, &client, &server) {
                    Ok(pair) => pair.run(self.jobs(cells), send).await,
                    Err(failure) => {
                        for cell in cells {
                            let _ = send.send(Recorded { cell, failure: Some(failure.clone()), duration_ms: 0 });
                        }
                    }
                }
            }
        };
        pairs.for_each_concurrent(self.settings.parallel, drive).await;
    }

    pub(super) fn pair<'a>(
        &'a self,
        peers: &'a Peers,
        unreachable: Option<&BackendError>,
        client: &PeerId,
        server: &PeerId,
    ) -> Result<Pair<'a>, CellFailure> {
        if let Some(error) = unreachable {
            return Err(CellFailure::Infra { detail: error.what.clone() });
        }
        let peer = self.settings.project.peers.iter().map(|folder| &folder.peer).find(|peer| peer.name == *client);
        let Some(peer) = peer else { return Err(CellFailure::Infra { detail: format!("no peer {client}") }) };
        // The rest of the text, such as a build's output, has been told once, when the peer failed.
        let first_line = |error: &BackendError| error.what.lines().next().unwrap_or_default().to_owned();
        let broke = |error: BackendError, blame: fn(String) -> CellFailure| match error.failure {
            Failure::Peer => blame(first_line(&error)),
            Failure::Build | Failure::Infra | Failure::NoEngine => CellFailure::Infra { detail: first_line(&error) },
        };
        Ok(Pair {
            client: peers
                .get(client, Side::Client)
                .map_err(|error| broke(error, |detail| CellFailure::ClientBroke { detail }))?,
            peer,
            server: peers
                .server_address(server)
                .map_err(|error| broke(error, |detail| CellFailure::ServerBroke { detail }))?,
            tap_address: self.backend.tap_address(),
            folder: self.folder,
        })
    }

    pub(super) fn jobs(&self, cells: Vec<CellId>) -> Vec<CellJob> {
        let budget = |cell: &CellId| {
            let case = self.settings.project.cases.iter().find(|case| case.id == cell.case);
            Duration::from_millis(case.map_or(0, |case| u64::from(case.timeout_ms)))
        };
        cells.into_iter().map(|cell| CellJob { budget: budget(&cell), cell }).collect()
    }

    pub(super) async fn judge(&self, recorded: Recorded) {
        let Recorded { cell, failure, duration_ms } = recorded;
        self.log.emit(Event::CellRecorded { cell: cell.clone(), failure: failure.clone(), duration_ms });
        let judging = Judging { folder: self.folder, project: self.settings.project };
        let judged = tokio::task::block_in_place(|| judging.judge(&cell, failure.as_ref(), duration_ms));
        self.log.emit(judged);
    }
}
