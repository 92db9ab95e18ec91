use super::cells::Cells;
use super::inputs::Inputs;
use super::pair::{Pair, Recorded};
use super::peers::Peers;
use super::scripts::Files;
use super::{EventLog, RunError, RunFolder, RunSettings};
use crate::backend::{Backend, BackendError, Failure, Start};
use crate::model::{CellId, Event, Side};
use futures::StreamExt;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Cells measured with a container each.
const SAMPLE: usize = 24;

/// Two ways to run cells, measured one after the other against the same servers.
pub struct Rates {
    /// As a run does it: one warm client per peer, one process per pair.
    pub warm: Rate,
    /// A fresh client container for each cell.
    pub fresh: Rate,
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
    let inputs = Inputs::make(settings)?;
    let cells = Cells { settings, backend, folder, log };
    let peers = cells.start(&cells.starter(&inputs), &cells.needed()).await;
    let rates = async {
        let warm = timed(&cells, |send| cells.drive(&peers, None, send)).await;
        let fresh = timed(&cells, |send| fresh(&cells, &peers, &inputs, send)).await;
        Rates { warm, fresh }
    };
    let rates = rates.await;
    let left = peers.stop(folder, log).await;
    backend.finish().await?;
    left.into_iter().next().map_or(Ok(rates), |error| Err(error.into()))
}

/// Drives cells and judges them beside it, as a run does.
async fn timed<F: Future<Output = ()>>(
    cells: &Cells<'_>,
    drive: impl FnOnce(mpsc::UnboundedSender<Recorded>) -> F,
) -> Rate {
    let began = Instant::now();
    let (send, mut recorded) = mpsc::unbounded_channel();
    let judging = async {
        let mut count = 0;
        while let Some(cell) = recorded.recv().await {
            count += 1;
            cells.judge(cell);
        }
        count
    };
    let ((), count) = tokio::join!(drive(send), judging);
    Rate { cells: count, took: began.elapsed() }
}

async fn fresh(cells: &Cells<'_>, peers: &Peers, inputs: &Inputs, send: mpsc::UnboundedSender<Recorded>) {
    let all: Vec<CellId> = cells.runnable().map(|planned| planned.cell.clone()).collect();
    let count = all.len().min(SAMPLE);
    // Spread over the whole plan: its cells stand by pair.
    let spread = (0..count).filter_map(|number| Some((number, all.get(number * all.len() / count)?.clone())));
    let sample = futures::stream::iter(spread);
    let one = |(number, cell): (usize, CellId)| {
        let send = send.clone();
        async move {
            if let Err(error) = fresh_cell(cells, peers, &inputs.files, (number, cell), send).await {
                cells.log.emit(Event::Note { text: error.what });
            }
        }
    };
    sample.for_each_concurrent(cells.settings.parallel, one).await;
}

async fn fresh_cell(
    cells: &Cells<'_>,
    peers: &Peers,
    files: &Files,
    (number, cell): (usize, CellId),
    send: mpsc::UnboundedSender<Recorded>,
) -> Result<(), BackendError> {
    let infra = |what: String| BackendError { failure: Failure::Infra, what };
    let folder = cells.settings.project.peer(&cell.client);
    let folder = folder.ok_or_else(|| infra(format!("no peer {}", cell.client)))?;
    let (peer, artifact) = (&folder.peer, cells.backend.prepare(&folder.peer, &folder.path, &|_| {}).await?);
    let files = files.clone();
    let start = Start { peer, role: Side::Client, artifact: &artifact, argv: Vec::new(), files };
    let instance = cells.backend.start(start).await?;
    match cells.pair(peers, None, &cell) {
        Ok(pair) => {
            let pair = Pair { client: instance.as_ref(), ..pair };
            let (jobs, failed) = cells.jobs(peers, vec![cell]);
            failed.into_iter().for_each(|failed| drop(send.send(failed)));
            pair.run(jobs, send).await;
        }
        Err(failure) => drop(send.send(Recorded::failed(cell, failure))),
    }
    instance.stop(cells.folder.path().join(format!("logs/fresh-{number}.log"))).await
}
