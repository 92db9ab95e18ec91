use super::job::FakeJob;
use super::server::{Server, serve};
use super::{Act, Crash, Diary, Entry, News, Told, client};
use crate::backend::{BackendError, Failure, Instance, Job, LogFile};
use crate::model::{Peer, Side};
use futures::future::BoxFuture;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Chunks of 64 KiB in a gigabyte.
pub(super) const FLOOD: usize = 16 << 10;

/// What an instance plays.
pub(super) struct Spec {
    /// Unique in its run.
    pub(super) name: String,
    /// How many of its kind were started before it.
    pub(super) earlier: usize,
    pub(super) peer: Peer,
    pub(super) role: Side,
    pub(super) files: Vec<(PathBuf, Vec<u8>)>,
    pub(super) crash: Option<Crash>,
    pub(super) act: Act,
    pub(super) diary: Diary,
    /// How many requests a server had, or how often a client ran the job that it spoils.
    pub(super) count: AtomicUsize,
}

/// How an instance ended, once it has ended by itself.
pub(super) type Ended = watch::Sender<Option<String>>;

/// A client or server that is played.
pub(super) struct FakeInstance {
    spec: Arc<Spec>,
    address: SocketAddr,
    ended: Ended,
    /// How many processes the engine has refused.
    refused: AtomicUsize,
    /// Everything that runs in it, until it is gone.
    tasks: Mutex<Option<JoinSet<()>>>,
}

impl FakeInstance {
    pub(super) async fn start(spec: Spec) -> FakeInstance {
        let spec = Arc::new(spec);
        let ended = Ended::default();
        // Of a client it is never asked for.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        if let Some(Crash::EndsAtOnce(News::First)) = spec.crash {
            ended.send_replace(missing_file());
        } else if spec.role == Side::Server {
            tasks.spawn(serve(listener, Server { spec: Arc::clone(&spec), ended: ended.clone() }));
        }
        FakeInstance { spec, address, ended, refused: AtomicUsize::new(0), tasks: Mutex::new(Some(tasks)) }
    }

    fn failed(&self, what: &str) -> BackendError {
        BackendError { failure: Failure::Infra, what: format!("{} {what}", self.spec.name) }
    }

    fn is_refused(&self, argv: &[String]) -> bool {
        let Some(Crash::Refused(job, times)) = self.spec.crash else { return false };
        has_job(argv, job) && self.refused.fetch_add(1, Ordering::Relaxed) < times
    }

    fn begin(&self, argv: Vec<String>) -> Result<Box<dyn Job>, BackendError> {
        let mut tasks = self.tasks.lock().unwrap();
        let Some(tasks) = tasks.as_mut().filter(|_| self.ended.borrow().is_none() && !self.is_refused(&argv)) else {
            return Err(self.failed("does not run"));
        };
        let kept = matches!(self.spec.crash, Some(Crash::Unkillable(job)) if has_job(&argv, job));
        let unkillable = kept.then(|| self.failed("keeps its process"));
        let (spec, ended) = (Arc::clone(&self.spec), self.ended.clone());
        Ok(Box::new(FakeJob::start(tasks, unkillable, |pipes| client::run(argv, spec, ended, pipes))))
    }

    /// Ends all that runs in it, once.
    pub(super) async fn end(&self, how: fn(String) -> Entry) {
        let tasks = self.tasks.lock().unwrap().take();
        if let Some(mut tasks) = tasks {
            tasks.shutdown().await;
            self.spec.diary.write(how(self.spec.name.clone()));
        }
    }

    /// What is left of it when it is gone.
    async fn save(&self, log: &Path) -> Result<(), BackendError> {
        let written = match self.spec.crash {
            Some(Crash::Log) => return Err(self.failed("has no log")),
            Some(Crash::FloodsLog) => FLOOD,
            _ => 1,
        };
        let mut log = LogFile::open(log).await.unwrap();
        for _ in 0..written {
            log.write(&[b'x'; 64 << 10]).await.unwrap();
        }
        log.close().await.unwrap();
        Ok(())
    }
}

impl Instance for FakeInstance {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn exec(&self, argv: Vec<String>) -> BoxFuture<'_, Result<Box<dyn Job>, BackendError>> {
        if let Some(Crash::EndsAtOnce(News::Late)) = self.spec.crash {
            self.ended.send_replace(missing_file());
        }
        if matches!(self.spec.crash, Some(Crash::Silent(Told::Exec))) && has_job(&argv, "first") {
            return Box::pin(std::future::pending());
        }
        let job = self.begin(argv);
        Box::pin(async { job })
    }

    fn ended(&self) -> BoxFuture<'_, String> {
        Box::pin(async {
            let mut ended = self.ended.subscribe();
            let how = ended.wait_for(Option::is_some).await.unwrap().clone();
            how.unwrap_or_default()
        })
    }

    fn stop(&self, log: PathBuf) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(async move {
            match self.spec.crash {
                Some(Crash::Stop | Crash::StopAndFinish) => return Err(self.failed("cannot be removed")),
                Some(Crash::Silent(Told::Stop)) => return std::future::pending().await,
                _ => {}
            }
            self.end(Entry::Stopped).await;
            self.save(&log).await
        })
    }
}

fn has_job(argv: &[String], job: &str) -> bool {
    argv.iter().any(|arg| arg.split_once('=').is_some_and(|(case, _)| case == job))
}

fn missing_file() -> Option<String> {
    Some("exit code 1: no such file".to_owned())
}
