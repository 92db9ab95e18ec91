use super::process::{Outcome, Process};
use super::slot::{KNOWN_WITHIN, Slot};
use super::spent::{Spent, Work};
use super::{EventLog, Interrupt, RunFolder};
use crate::backend::{BackendError, Failure};
use crate::model::{CellFailure, CellId, ClientExit, Driver, Event, Peer};
use crate::tap::Tap;
use prost::Message;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a capture stays open for connections that outlive their observation.
const GRACE: Duration = Duration::from_millis(500);

/// One client against one server over one transport.
pub(super) struct Pair<'a> {
    pub(super) client: &'a Slot<'a>,
    pub(super) peer: &'a Peer,
    /// Where the client finds its scripts, or what an official one is told besides.
    pub(super) told: Told,
    pub(super) tap_address: IpAddr,
    pub(super) folder: &'a RunFolder,
    pub(super) log: &'a EventLog,
    pub(super) spent: Arc<Spent>,
    pub(super) interrupt: Interrupt,
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
pub(super) struct CellJob<'a> {
    pub(super) cell: CellId,
    pub(super) round: u32,
    pub(super) budget: Duration,
    pub(super) server: &'a Slot<'a>,
    /// Why it is run a second time, where it is.
    pub(super) again: Option<String>,
}

/// A cell whose evidence is on disk.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) cell: CellId,
    pub(super) round: u32,
    pub(super) failure: Option<CellFailure>,
    pub(super) exit: Option<ClientExit>,
    /// Why it was run a second time, where it was.
    pub(super) again: Option<String>,
    pub(super) duration_ms: u64,
    /// How many clients and servers of this pair had died before it began; nothing where it did not begin.
    pub(super) deaths: Option<(usize, usize)>,
}

impl Recorded {
    /// A cell that came to nothing.
    pub(super) fn failed(cell: CellId, round: u32, failure: CellFailure) -> Recorded {
        Recorded { cell, round, failure: Some(failure), exit: None, again: None, duration_ms: 0, deaths: None }
    }
}

/// A cell with its open tap.
pub(super) struct Tapped<'a> {
    pub(super) job: CellJob<'a>,
    pub(super) tap: Tap,
}

impl Pair<'_> {
    /// Runs all cells in order; each goes to `recorded` as soon as its evidence is complete. All taps are closed when it returns.
    /// Once the user has asked for the end, no further cell is begun.
    pub(super) async fn run(&self, jobs: Vec<CellJob<'_>>, recorded: &mpsc::Sender<Recorded>) {
        let mut waiting = VecDeque::new();
        for job in jobs {
            waiting.extend(self.tapped(job, recorded).await);
        }
        let mut sealing = tokio::task::JoinSet::new();
        match self.peer.driver {
            // One process runs all cells. When it dies or hangs, that costs the cell it was at; the rest go to a new one.
            Driver::Script => {
                while !waiting.is_empty() && !self.is_interrupted() {
                    self.run_process(&mut waiting, (&mut sealing, recorded)).await;
                }
            }
            Driver::Official => {
                while !self.is_interrupted()
                    && let Some(tapped) = waiting.pop_front()
                {
                    let deaths = self.deaths(&tapped);
                    let busy = self.spent.on(Work::Wire);
                    let outcome = self.run_official(&tapped).await;
                    drop(busy);
                    match outcome.retried(&tapped.job) {
                        Some(again) => waiting.extend(self.tap_again(tapped, Some(again), recorded).await),
                        None => self.finish(tapped, outcome, deaths, (&mut sealing, recorded)),
                    }
                }
            }
        }
        while sealing.join_next().await.is_some() {}
    }

    fn is_interrupted(&self) -> bool {
        *self.interrupt.borrow()
    }

    /// A cell with its tap. One that gets none is recorded as that.
    async fn tapped<'j>(&self, job: CellJob<'j>, recorded: &mpsc::Sender<Recorded>) -> Option<Tapped<'j>> {
        match self.open_tap(&job).await {
            Ok(tap) => Some(Tapped { job, tap }),
            Err(detail) => {
                let failure = CellFailure::Infra { detail };
                let _ = recorded.send(Recorded::failed(job.cell, job.round, failure)).await;
                None
            }
        }
    }

    /// Gives a cell a new tap.
    async fn tap_again<'j>(
        &self,
        Tapped { job, tap }: Tapped<'j>,
        again: Option<String>,
        recorded: &mpsc::Sender<Recorded>,
    ) -> Option<Tapped<'j>> {
        // What it recorded is dropped with it.
        let _ = tap.seal(Duration::ZERO).await;
        self.tapped(CellJob { again, ..job }, recorded).await
    }

    async fn open_tap(&self, job: &CellJob<'_>) -> Result<Tap, String> {
        let evidence = self.folder.cell(&job.cell, job.round);
        std::fs::create_dir_all(&evidence).map_err(|error| unsaved(&evidence, &error))?;
        let capture = self.folder.capture(&job.cell, job.round);
        let tap = Tap::open(self.tap_address, job.server.upstream(), capture).await;
        tap.map_err(|error| format!("a tap cannot listen on {}: {error}", self.tap_address))
    }

    fn deaths(&self, tapped: &Tapped<'_>) -> (usize, usize) {
        (self.client.deaths(), tapped.job.server.deaths())
    }

    /// One process of the client, until all cells are done or it fails at one of them.
    async fn run_process(&self, waiting: &mut VecDeque<Tapped<'_>>, out: Out<'_>) {
        let before = self.client.deaths();
        let started = match self.client.up().await {
            Ok(client) => client.exec(self.argv(waiting)).await,
            Err(error) => Err(error),
        };
        let Some(first) = waiting.front().map(|tapped| tapped.job.cell.clone()) else { return };
        let mut process = match started {
            Ok(job) => Process::new(job, Some(self.folder.job_log(&first))),
            // It was given up on its way.
            Err(_) if self.is_interrupted() => return,
            Err(error) => {
                // A client that has just died may not be known to have; then there is a new one in a moment.
                if tokio::time::timeout(KNOWN_WITHIN, self.client.death(before))
                    .await
                    .is_ok_and(|death| death.is_some())
                {
                    return;
                }
                let failed = Outcome::failed(not_started(&error), 0);
                if let Some(again) = waiting.front().and_then(|tapped| failed.retried(&tapped.job)) {
                    waiting.iter_mut().for_each(|tapped| tapped.job.again = Some(again.clone()));
                    return;
                }
                // Nothing says that the next attempt would go better.
                for tapped in waiting.drain(..) {
                    let deaths = self.deaths(&tapped);
                    self.finish(tapped, Outcome::failed(not_started(&error), 0), deaths, (&mut *out.0, out.1));
                }
                return;
            }
        };
        let mut broken = false;
        while !broken
            && !self.is_interrupted()
            && let Some(tapped) = waiting.pop_front()
        {
            let deaths = self.deaths(&tapped);
            let busy = self.spent.on(Work::Wire);
            let outcome = process.next(&tapped.job).await;
            drop(busy);
            broken = outcome.failure.is_some();
            self.finish(tapped, outcome, deaths, (&mut *out.0, out.1));
        }
        let busy = self.spent.on(Work::Closing);
        // One that is not at its last job would go on with the next.
        let said = if broken || !waiting.is_empty() { process.kill().await } else { process.close().await };
        drop(busy);
        // Where all of the client has died, that says it.
        if let Some(what) = said
            && self.client.deaths() == before
        {
            self.note(&first, &what);
        }
        if broken && !self.is_interrupted() {
            // One that went on after what broke it may have been at the taps of the next cells.
            for tapped in std::mem::take(waiting) {
                let again = tapped.job.again.clone();
                waiting.extend(self.tap_again(tapped, again, out.1).await);
            }
        }
    }

    fn argv(&self, waiting: &VecDeque<Tapped<'_>>) -> Vec<String> {
        let mut argv = self.peer.client.command.clone();
        argv.extend(["--scripts".to_owned(), self.told.scripts.clone()]);
        for tapped in waiting {
            argv.extend(["--job".to_owned(), format!("{}={}", tapped.job.cell.case, tapped.tap.address())]);
        }
        argv
    }

    /// Says what a client's process did that changes no verdict.
    pub(super) fn note(&self, CellId { client, server, transport, .. }: &CellId, what: &str) {
        self.log.emit(Event::Note { text: format!("{client} client against {server} over {transport} {what}") });
    }

    /// Saves the observation and seals the capture, beside the next cell's job.
    fn finish(&self, tapped: Tapped<'_>, outcome: Outcome, deaths: (usize, usize), (sealing, recorded): Out<'_>) {
        let path = self.folder.observation(&tapped.job.cell, tapped.job.round);
        let capture = self.folder.capture(&tapped.job.cell, tapped.job.round);
        let recorded = recorded.clone();
        let Tapped { job: CellJob { cell, round, again, .. }, tap } = tapped;
        let spent = Arc::clone(&self.spent);
        sealing.spawn(async move {
            let busy = spent.on(Work::Sealing);
            let Outcome { observation, mut failure, exit, duration_ms } = outcome;
            let saved = match observation {
                Some(observation) => tokio::fs::write(&path, observation.encode_to_vec()).await,
                None => Ok(()),
            };
            let saved = saved.map_err(|error| unsaved(&path, &error));
            let sealed = tap.seal(GRACE).await.map_err(|error| unsaved(&capture, &error));
            if let Err(detail) = saved.and(sealed) {
                failure = Some(CellFailure::Infra { detail });
            }
            drop(busy);
            let deaths = Some(deaths);
            let _ = recorded.send(Recorded { cell, round, failure, exit, again, duration_ms, deaths }).await;
        });
    }
}

/// Where cells go whose job is done: captures on their way to a seal, and evidence that is complete.
type Out<'a> = (&'a mut tokio::task::JoinSet<()>, &'a mpsc::Sender<Recorded>);

/// No verdict stands on evidence that is lost.
fn unsaved(path: &Path, error: &std::io::Error) -> String {
    format!("the evidence cannot be saved: {}: {error}", path.display())
}

pub(super) fn not_started(error: &BackendError) -> CellFailure {
    let detail = error.what.clone();
    match error.failure {
        Failure::Peer | Failure::Build => CellFailure::ClientBroke { detail },
        Failure::Infra | Failure::NoEngine => CellFailure::Infra { detail },
    }
}
