use super::bounded::Bounded;
use super::cells::{Cells, UNJUDGED};
use super::drive::record;
use super::inputs::Inputs;
use super::pair::{Pair, Recorded};
use super::peers::{Peers, Starter};
use super::slot::Slot;
use super::soak::{CallTime, call_times};
use super::spent::{Breakdown, Spent};
use super::{EventLog, RunError, RunFolder, RunSettings};
use crate::backend::{Backend, BackendError, Failure};
use crate::model::{CellId, Event, Role};
use futures::StreamExt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Cells measured with a container each.
const SAMPLE: usize = 24;

/// Two ways to run cells, measured one after the other against the same servers.
pub struct Rates {
    /// As a run does it: one warm client per peer, one process per pair.
    pub warm: Rate,
    /// Where the time of the warm run went, from its peers' first start on.
    pub breakdown: Breakdown,
    /// A fresh client container for each cell.
    pub fresh: Rate,
    /// What a tap costs each peer.
    pub calls: Vec<CallTime>,
}

/// So many cells in so long.
pub struct Rate {
    /// Cells run and judged.
    pub cells: usize,
    /// Wall time.
    pub took: Duration,
}

impl Rate {
    /// Cells per second.
    pub fn per_second(&self) -> f64 {
        f64::from(u32::try_from(self.cells).unwrap_or(u32::MAX)) / self.took.as_secs_f64()
    }
}

/// Runs the plan warm, then a sample of it with a client container for each cell, both with the same parallelism.
pub async fn measure(
    settings: &RunSettings<'_>,
    backend: &dyn Backend,
    folder: &RunFolder,
    log: &EventLog,
) -> Result<Rates, RunError> {
    let logs = folder.path().join("logs");
    std::fs::create_dir_all(&logs).map_err(|source| super::FolderError::Io { path: logs, source })?;
    log.emit(settings.plan.event());
    let inputs = Inputs::make(settings)?;
    let spent = Arc::new(Spent::kept());
    let backend = &Bounded::new(backend, settings.limits.backend, Arc::clone(&spent));
    let (_sender, interrupt) = watch::channel(false);
    let cells = Cells { settings, backend, folder, log, spent: Arc::clone(&spent), interrupt };
    let starter = cells.starter(&inputs);
    let peers = Peers::new(&cells.needed());
    let rates = async {
        let began = Instant::now();
        // Both ways begin with all peers up.
        peers.all_up().await;
        let warm = timed(&cells, &peers, |send| cells.drive(&peers, &starter, send)).await;
        let breakdown = spent.breakdown(began);
        let calls = call_times(&cells, &peers).await;
        let fresh = timed(&cells, &peers, |send| fresh(&cells, &peers, &starter, send)).await;
        Rates { warm, breakdown, fresh, calls }
    };
    let rates = tokio::select! {
        rates = rates => rates,
        () = async { peers.keep_up(&starter).await; std::future::pending().await } => return Err(RunError::Backend(unmeasured())),
    };
    let left = peers.stop(&starter).await;
    backend.finish().await?;
    left.into_iter().next().map_or(Ok(rates), |error| Err(error.into()))
}

fn unmeasured() -> BackendError {
    BackendError { failure: Failure::Infra, what: "no peer is up".to_owned() }
}

/// Drives cells and judges them beside it, as a run does.
async fn timed<F: Future<Output = ()>>(
    cells: &Cells<'_>,
    peers: &Peers<'_>,
    drive: impl FnOnce(mpsc::Sender<Recorded>) -> F,
) -> Rate {
    let began = Instant::now();
    let (send, mut recorded) = mpsc::channel(UNJUDGED);
    let judging = async {
        let mut count = 0;
        while let Some(cell) = recorded.recv().await {
            count += 1;
            cells.judge(peers, cell).await;
        }
        count
    };
    let ((), count) = tokio::join!(drive(send), judging);
    Rate { cells: count, took: began.elapsed() }
}

async fn fresh(cells: &Cells<'_>, peers: &Peers<'_>, starter: &Starter<'_>, send: mpsc::Sender<Recorded>) {
    let all: Vec<&CellId> = cells.runnable().map(|planned| &planned.cell).collect();
    let count = all.len().min(SAMPLE);
    // Spread over the whole plan: its cells stand by pair.
    let spread = (0..count).filter_map(|number| all.get(number * all.len() / count).copied());
    let sample = futures::stream::iter(spread);
    let one = |cell: &CellId| {
        let send = send.clone();
        let cell = cell.clone();
        async move {
            if let Err(error) = fresh_cell(cells, peers, starter, &cell, send).await {
                cells.log.emit(Event::Note { text: error.what });
            }
        }
    };
    sample.for_each_concurrent(cells.settings.parallel, one).await;
}

async fn fresh_cell(
    cells: &Cells<'_>,
    peers: &Peers<'_>,
    starter: &Starter<'_>,
    cell: &CellId,
    send: mpsc::Sender<Recorded>,
) -> Result<(), BackendError> {
    let infra = |what: String| BackendError { failure: Failure::Infra, what };
    let folder = cells.settings.project.peer(&cell.client);
    let client = Slot::new(folder.ok_or_else(|| infra(format!("no peer {}", cell.client)))?, Role::Client, false);
    let run = async {
        match cells.pair(peers, cell) {
            Ok(pair) => {
                let pair = Pair { client: &client, ..pair };
                let (jobs, failed) = cells.jobs(peers, &[cell], 0).await;
                record(&send, failed).await;
                pair.run(jobs, &send).await;
            }
            Err(failure) => record(&send, vec![Recorded::failed(cell.clone(), 0, failure)]).await,
        }
    };
    tokio::select! {
        () = run => {}
        () = async { client.keep_up(starter).await; std::future::pending().await } => {}
    }
    match client.started() {
        Some(started) => starter.stop(&client, &started).await.map_or(Ok(()), Err),
        None => Ok(()),
    }
}
