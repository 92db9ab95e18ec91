use super::RunFolder;
use super::observations::{Observations, OutputError};
use super::peers::{SCRIPTS, millis};
use crate::backend::{BackendError, Failure, Instance, Job, Pipe};
use crate::model::{CellFailure, CellId, Peer};
use crate::proto::v1::Observation;
use crate::tap::Tap;
use prost::Message;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

/// What a job gets beyond its budget before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a capture stays open for connections that outlive their observation.
const GRACE: Duration = Duration::from_millis(500);

/// One client against one server: one process of the client runs all cells.
pub(super) struct Pair<'a> {
    pub(super) client: &'a dyn Instance,
    pub(super) peer: &'a Peer,
    pub(super) server: SocketAddr,
    pub(super) tap_address: IpAddr,
    pub(super) folder: &'a RunFolder,
}

/// A cell to be run, and the time its script has.
pub(super) struct CellJob {
    pub(super) cell: CellId,
    pub(super) budget: Duration,
}

/// A cell whose evidence is on disk.
pub(super) struct Recorded {
    pub(super) cell: CellId,
    pub(super) failure: Option<CellFailure>,
    pub(super) duration_ms: u64,
}

/// A cell with its open tap.
struct Tapped {
    job: CellJob,
    tap: Tap,
}

impl Pair<'_> {
    /// Runs all cells in order; each goes to `recorded` as soon as its evidence is complete. A client that dies or hangs costs
    /// the cell it was at; the rest go to a new process of it.
    pub(super) async fn run(&self, jobs: Vec<CellJob>, recorded: mpsc::UnboundedSender<Recorded>) {
        let mut waiting = VecDeque::new();
        for job in jobs {
            match self.open_tap(&job.cell).await {
                Ok(tap) => waiting.push_back(Tapped { job, tap }),
                Err(error) => {
                    let failure = CellFailure::Infra { detail: format!("the tap cannot be opened: {error}") };
                    let _ = recorded.send(Recorded { cell: job.cell, failure: Some(failure), duration_ms: 0 });
                }
            }
        }
        let mut sealing = tokio::task::JoinSet::new();
        while !waiting.is_empty() {
            self.run_process(&mut waiting, &mut sealing, &recorded).await;
        }
        while sealing.join_next().await.is_some() {}
    }

    async fn open_tap(&self, cell: &CellId) -> std::io::Result<Tap> {
        std::fs::create_dir_all(self.folder.cell(cell))?;
        Tap::open(self.tap_address, self.server, self.folder.capture(cell)).await
    }

    /// One process of the client, until all cells are done or it fails at one of them.
    async fn run_process(
        &self,
        waiting: &mut VecDeque<Tapped>,
        sealing: &mut tokio::task::JoinSet<()>,
        recorded: &mpsc::UnboundedSender<Recorded>,
    ) {
        let mut process = match self.client.exec(self.argv(waiting)).await {
            Ok(job) => Process::new(job, self.job_log(waiting)),
            Err(error) => {
                // Nothing says that the next attempt would go better.
                for tapped in waiting.drain(..) {
                    let failure = Some(not_started(&error));
                    self.finish(tapped, Outcome { observation: None, failure, duration_ms: 0 }, sealing, recorded);
                }
                return;
            }
        };
        let mut broken = false;
        while !broken && let Some(tapped) = waiting.pop_front() {
            let outcome = process.next(&tapped.job).await;
            broken = outcome.failure.is_some();
            self.finish(tapped, outcome, sealing, recorded);
        }
        process.end(broken).await;
    }

    fn argv(&self, waiting: &VecDeque<Tapped>) -> Vec<String> {
        let mut argv = self.peer.client.command.clone();
        argv.extend(["--scripts".to_owned(), SCRIPTS.to_owned()]);
        for tapped in waiting {
            argv.extend(["--job".to_owned(), format!("{}={}", tapped.job.cell.case, tapped.tap.address())]);
        }
        argv
    }

    fn job_log(&self, waiting: &VecDeque<Tapped>) -> Option<PathBuf> {
        waiting.front().map(|tapped| self.folder.job_log(&tapped.job.cell))
    }

    /// Saves the observation and seals the capture, beside the next cell's job.
    fn finish(
        &self,
        tapped: Tapped,
        outcome: Outcome,
        sealing: &mut tokio::task::JoinSet<()>,
        recorded: &mpsc::UnboundedSender<Recorded>,
    ) {
        let path = self.folder.observation(&tapped.job.cell);
        let recorded = recorded.clone();
        sealing.spawn(async move {
            let Outcome { observation, mut failure, duration_ms } = outcome;
            let saved = match observation {
                Some(observation) => tokio::fs::write(path, observation.encode_to_vec()).await,
                None => Ok(()),
            };
            if let Err(error) = saved.and(tapped.tap.seal(GRACE).await) {
                failure = Some(CellFailure::Infra { detail: format!("the evidence cannot be saved: {error}") });
            }
            let _ = recorded.send(Recorded { cell: tapped.job.cell, failure, duration_ms });
        });
    }
}

fn not_started(error: &BackendError) -> CellFailure {
    let detail = error.what.clone();
    match error.failure {
        Failure::Peer | Failure::Build => CellFailure::ClientBroke { detail },
        Failure::Infra | Failure::NoEngine => CellFailure::Infra { detail },
    }
}

/// How a job ended.
struct Outcome {
    observation: Option<Observation>,
    failure: Option<CellFailure>,
    duration_ms: u64,
}

/// One process of a client.
struct Process {
    job: Box<dyn Job>,
    observations: Option<Observations<Pipe>>,
    errors: tokio::task::JoinHandle<()>,
}

impl Process {
    fn new(mut job: Box<dyn Job>, log: Option<PathBuf>) -> Process {
        let observations = job.stdout().map(Observations::new);
        let errors = tokio::spawn(save(job.stderr(), log));
        Process { job, observations, errors }
    }

    /// The observation of the next job in line, or why there is none.
    async fn next(&mut self, job: &CellJob) -> Outcome {
        let began = Instant::now();
        let limit = job.budget + PATIENCE;
        let next = async {
            match self.observations.as_mut() {
                Some(observations) => observations.next().await,
                None => Err(OutputError::Ended),
            }
        };
        let (observation, failure) = match tokio::time::timeout(limit, next).await {
            Err(_) => (None, Some(CellFailure::NoAnswer { waited_ms: millis(began) })),
            Ok(Ok(observation)) if observation.case == job.cell.case.as_str() => (Some(observation), None),
            Ok(Ok(other)) => {
                let detail = format!("it answered for {:?} when {} was next", other.case, job.cell.case);
                (None, Some(CellFailure::ClientBroke { detail }))
            }
            Ok(Err(error @ (OutputError::Ended | OutputError::Truncated(_)))) => {
                let code = self.job.exit_code().await;
                let code = code.map_or_else(|error| error.what, |code| format!("exit code {code}"));
                (None, Some(CellFailure::ClientBroke { detail: format!("{error} ({code})") }))
            }
            Ok(Err(error)) => (None, Some(CellFailure::ClientBroke { detail: error.to_string() })),
        };
        Outcome { observation, failure, duration_ms: millis(began) }
    }

    /// Lets it end by itself, or ends it.
    async fn end(mut self, broken: bool) {
        if broken {
            let _ = self.job.kill().await;
        }
        drop(self.observations.take());
        let _ = self.errors.await;
    }
}

/// Keeps what a process writes to standard error, if it writes anything.
async fn save(pipe: Option<Pipe>, log: Option<PathBuf>) {
    let (Some(mut pipe), Some(path)) = (pipe, log) else { return };
    let mut first = [0; 4096];
    let Ok(length) = tokio::io::AsyncReadExt::read(&mut pipe, &mut first).await else { return };
    if length == 0 {
        return;
    }
    let Ok(mut file) = tokio::fs::OpenOptions::new().create(true).append(true).open(path).await else { return };
    let _ = file.write_all(&first[..length]).await;
    let _ = tokio::io::copy(&mut pipe, &mut file).await;
    let _ = file.flush().await;
}
