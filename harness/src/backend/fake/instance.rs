use super::job::FakeJob;
use super::server::{Server, serve};
use super::{Act, Crash, Diary, Entry, News, client};
use crate::backend::{BackendError, Failure, Instance, Job};
use crate::model::{Peer, Side};
use futures::future::BoxFuture;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

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
    /// Everything that runs in it.
    tasks: Mutex<JoinSet<()>>,
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
        FakeInstance { spec, address, ended, refused: AtomicUsize::new(0), tasks: Mutex::new(tasks) }
    }

    fn failed(&self, what: &str) -> BackendError {
        BackendError { failure: Failure::Infra, what: format!("{} {what}", self.spec.name) }
    }

    fn is_refused(&self, argv: &[String]) -> bool {
        let Some(Crash::Refused(job, times)) = self.spec.crash else { return false };
        let asked = argv.iter().any(|arg| arg.split_once('=').is_some_and(|(case, _)| case == job));
        asked && self.refused.fetch_add(1, Ordering::Relaxed) < times
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
        let job = if self.ended.borrow().is_some() || self.is_refused(&argv) {
            Err(self.failed("does not run"))
        } else {
            let (spec, ended) = (Arc::clone(&self.spec), self.ended.clone());
            let job = FakeJob::start(&mut self.tasks.lock().unwrap(), |stdout| client::run(argv, spec, ended, stdout));
            Ok(Box::new(job) as Box<dyn Job>)
        };
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
            let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap());
            tasks.shutdown().await;
            std::fs::write(log, "what it wrote\n").unwrap();
            self.spec.diary.write(Entry::Stopped(self.spec.name.clone()));
            if let Some(Crash::Stop) = self.spec.crash { Err(self.failed("cannot be removed")) } else { Ok(()) }
        })
    }
}

fn missing_file() -> Option<String> {
    Some("exit code 1: no such file".to_owned())
}
