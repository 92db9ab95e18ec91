use super::RunFolder;
use super::peers::millis;
use super::process::{Outcome, PATIENCE, Process, save};
use super::template::fill;
use crate::backend::{BackendError, Failure, Instance};
use crate::model::{CellFailure, CellId, ClientExit, Driver, Peer};
use crate::tap::Tap;
use prost::Message;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long a capture stays open for connections that outlive their observation.
const GRACE: Duration = Duration::from_millis(500);

/// One client against one server over one transport.
pub(super) struct Pair<'a> {
    pub(super) client: &'a dyn Instance,
    pub(super) peer: &'a Peer,
    /// Where the client finds its scripts, or what an official one is told besides.
    pub(super) told: Told,
    pub(super) tap_address: IpAddr,
    pub(super) folder: &'a RunFolder,
}

/// What a client is told, besides where to connect to.
pub(super) struct Told {
    /// Folder of the scripts.
    pub(super) scripts: String,
    /// Values for an official client's arguments.
    pub(super) tls: &'static str,
    pub(super) ca: String,
    pub(super) name: String,
}

/// A cell to be run, the time its client has, and the server it is about.
pub(super) struct CellJob {
    pub(super) cell: CellId,
    pub(super) budget: Duration,
    pub(super) server: SocketAddr,
}

/// A cell whose evidence is on disk.
pub(super) struct Recorded {
    pub(super) cell: CellId,
    pub(super) failure: Option<CellFailure>,
    pub(super) exit: Option<ClientExit>,
    pub(super) duration_ms: u64,
}

impl Recorded {
    /// A cell that came to nothing.
    pub(super) fn failed(cell: CellId, failure: CellFailure) -> Recorded {
        Recorded { cell, failure: Some(failure), exit: None, duration_ms: 0 }
    }
}

/// A cell with its open tap.
struct Tapped {
    job: CellJob,
    tap: Tap,
}

impl Pair<'_> {
    /// Runs all cells in order; each goes to `recorded` as soon as its evidence is complete.
    pub(super) async fn run(&self, jobs: Vec<CellJob>, recorded: mpsc::UnboundedSender<Recorded>) {
        let mut waiting = VecDeque::new();
        for job in jobs {
            match self.open_tap(&job).await {
                Ok(tap) => waiting.push_back(Tapped { job, tap }),
                Err(error) => {
                    let failure = CellFailure::Infra { detail: format!("the tap cannot be opened: {error}") };
                    let _ = recorded.send(Recorded::failed(job.cell, failure));
                }
            }
        }
        let mut sealing = tokio::task::JoinSet::new();
        match self.peer.driver {
            // One process runs all cells. When it dies or hangs, that costs the cell it was at; the rest go to a new one.
            Driver::Script => {
                while !waiting.is_empty() {
                    self.run_process(&mut waiting, &mut sealing, &recorded).await;
                }
            }
            Driver::Official => {
                for tapped in waiting {
                    let outcome = self.run_official(&tapped).await;
                    self.finish(tapped, outcome, &mut sealing, &recorded);
                }
            }
        }
        while sealing.join_next().await.is_some() {}
    }

    async fn open_tap(&self, job: &CellJob) -> std::io::Result<Tap> {
        std::fs::create_dir_all(self.folder.cell(&job.cell))?;
        Tap::open(self.tap_address, job.server, self.folder.capture(&job.cell)).await
    }

    /// The command line of an official client for one case.
    pub(super) fn official_argv(&self, case: &str, at: SocketAddr) -> Vec<String> {
        let (ip, port) = (at.ip().to_string(), at.port().to_string());
        let Told { tls, ca, name, .. } = &self.told;
        let values = [("ip", &*ip), ("port", &port), ("case", case), ("tls", tls), ("ca", ca), ("name", name)];
        fill(&self.peer.client.command, &values)
    }

    /// One process of an official client, for one cell.
    async fn run_official(&self, tapped: &Tapped) -> Outcome {
        let began = Instant::now();
        let argv = self.official_argv(tapped.job.cell.case.as_str(), tapped.tap.address());
        let mut job = match self.client.exec(argv).await {
            Ok(job) => job,
            Err(error) => return Outcome::failed(not_started(&error), 0),
        };
        let log = self.folder.job_log(&tapped.job.cell);
        let pipes = [job.stdout(), job.stderr()].map(|pipe| tokio::spawn(save(pipe, Some(log.clone()))));
        let ended = tokio::time::timeout(tapped.job.budget + PATIENCE, job.exit_code()).await;
        let duration_ms = millis(began);
        if ended.is_err() {
            let _ = job.kill().await;
        }
        let mut last_line = String::new();
        for pipe in pipes {
            last_line = pipe.await.ok().filter(|line| !line.is_empty()).unwrap_or(last_line);
        }
        match ended {
            Ok(Ok(code)) => Outcome { exit: Some(ClientExit { code, last_line }), ..Outcome::nothing(duration_ms) },
            Ok(Err(error)) => Outcome::failed(CellFailure::Infra { detail: error.what }, duration_ms),
            Err(_) => Outcome::failed(CellFailure::NoAnswer { waited_ms: duration_ms }, duration_ms),
        }
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
                    let failure = not_started(&error);
                    self.finish(tapped, Outcome::failed(failure, 0), sealing, recorded);
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
        argv.extend(["--scripts".to_owned(), self.told.scripts.clone()]);
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
            let Outcome { observation, mut failure, exit, duration_ms } = outcome;
            let saved = match observation {
                Some(observation) => tokio::fs::write(path, observation.encode_to_vec()).await,
                None => Ok(()),
            };
            if let Err(error) = saved.and(tapped.tap.seal(GRACE).await) {
                failure = Some(CellFailure::Infra { detail: format!("the evidence cannot be saved: {error}") });
            }
            let _ = recorded.send(Recorded { cell: tapped.job.cell, failure, exit, duration_ms });
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
