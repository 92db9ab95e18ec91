use super::canary::{NO_CASE, official_client_refuses};
use super::cells::{Cells, RunSettings};
use super::interrupt::asked;
use super::pair::{CellJob, Pair, Recorded, Told};
use super::peers::{Peers, Starter};
use super::scripts::{authority_file, scripts_folder, server_name};
use super::slot::Slot;
use crate::backend::{BackendError, Failure, Instance, probe::reachable};
use crate::model::{CellFailure, CellId, Driver, PeerId, Role, Transport};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit, mpsc};

/// The cells that are to run, by pair.
type Pairs<'a> = BTreeMap<(&'a PeerId, &'a PeerId, Transport), Vec<&'a CellId>>;

impl Cells<'_> {
    fn pairs(&self) -> Pairs<'_> {
        let mut pairs = Pairs::new();
        for planned in self.runnable() {
            let cell = &planned.cell;
            pairs.entry((&cell.client, &cell.server, cell.transport)).or_default().push(&planned.cell);
        }
        pairs
    }

    /// Drives every pair as soon as its peers are up, so many at once.
    pub(super) async fn drive(&self, peers: &Peers<'_>, starter: &Starter<'_>, send: mpsc::Sender<Recorded>) {
        let gates = Gates::new(self.settings);
        let pairs =
            self.pairs().into_values().map(|cells| self.drive_pair(peers, starter, &gates, cells, send.clone()));
        let pairs: Vec<_> = pairs.collect();
        drop(send);
        join_all(pairs).await;
    }

    /// Drives a pair through its rounds. What it has not begun when the user asks for the end it leaves.
    async fn drive_pair(
        &self,
        peers: &Peers<'_>,
        starter: &Starter<'_>,
        gates: &Gates<'_>,
        cells: Vec<&CellId>,
        send: mpsc::Sender<Recorded>,
    ) {
        let Some(first) = cells.first() else { return };
        let ready = async {
            let pair = self.pair(peers, first)?;
            let permit = self.ready(&pair, peers, &cells, starter, gates).await?;
            Ok::<_, CellFailure>((pair, permit))
        };
        let Some(ready) = self.unless_interrupted(ready).await else { return };
        for round in 0..self.settings.repeat {
            match &ready {
                Ok((pair, _permit)) => {
                    let jobs = self.jobs(peers, &cells, round);
                    let Some((jobs, failed)) = self.unless_interrupted(jobs).await else { return };
                    record(&send, failed).await;
                    pair.run(jobs, &send).await;
                }
                Err(failure) => {
                    let failed = cells.iter().map(|cell| Recorded::failed((*cell).clone(), round, failure.clone()));
                    record(&send, failed.collect()).await;
                }
            }
        }
    }

    async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = asked(&self.interrupt) => None,
            done = work => Some(done),
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
        let argv = pair.official_argv(NO_CASE, server.address());
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
        let under = |file: String| self.backend.files().join(file).display().to_string();
        let told = Told {
            scripts: under(scripts_folder(cell.transport, server)),
            tls: if cell.transport == Transport::Tls { "true" } else { "false" },
            ca: under(authority_file(server)),
            name: server_name(server).to_owned(),
        };
        let slot = slot.map_err(|error| CellFailure::Infra { detail: error.what })?;
        let (tap_address, folder, log) = (self.backend.tap_address(), self.folder, self.log);
        let (spent, interrupt) = (Arc::clone(&self.spent), self.interrupt.clone());
        Ok(Pair { client: slot, peer: &client.peer, told, tap_address, folder, log, spent, interrupt })
    }

    /// What a pair is to do in a round, and the cells whose server is not up.
    pub(super) async fn jobs<'a>(
        &self,
        peers: &'a Peers<'_>,
        cells: &[&CellId],
        round: u32,
    ) -> (Vec<CellJob<'a>>, Vec<Recorded>) {
        let (mut jobs, mut failed) = (Vec::new(), Vec::new());
        for cell in cells {
            match self.job(peers, cell, round).await {
                Ok(job) => jobs.push(job),
                Err(error) => {
                    let failure = broke(&error, |detail| CellFailure::ServerBroke { detail });
                    failed.push(Recorded::failed((*cell).clone(), round, failure));
                }
            }
        }
        (jobs, failed)
    }

    async fn job<'a>(&self, peers: &'a Peers<'_>, cell: &CellId, round: u32) -> Result<CellJob<'a>, BackendError> {
        let server = peers.slot(&cell.server, self.server_role(cell))?;
        server.up().await?;
        let case = self.settings.project.case(&cell.case);
        let budget = Duration::from_millis(case.map_or(0, |case| u64::from(case.timeout_ms)));
        Ok(CellJob { cell: cell.clone(), round, budget, server, again: None })
    }
}

/// Hands on cells that came to nothing.
pub(super) async fn record(send: &mpsc::Sender<Recorded>, failed: Vec<Recorded>) {
    for failed in failed {
        // Nobody listens any more where the run has ended.
        let _ = send.send(failed).await;
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
