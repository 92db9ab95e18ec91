use super::spent::{Spent, Work};
use crate::backend::{Artifact, Backend, BackendError, Failure, Instance, Job, Pipe, Start};
use crate::model::{BackendKind, Peer};
use futures::future::BoxFuture;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A backend that does each thing in time or fails at it, so that one that has stopped answering holds up nothing for ever.
pub(super) struct Bounded<T> {
    inner: T,
    limit: Duration,
    spent: Arc<Spent>,
}

impl<T> Bounded<T> {
    pub(super) fn new(inner: T, limit: Duration, spent: Arc<Spent>) -> Bounded<T> {
        Bounded { inner, limit, spent }
    }

    /// The same for what it made.
    fn bound<U>(&self, inner: U) -> Bounded<U> {
        Bounded::new(inner, self.limit, Arc::clone(&self.spent))
    }

    async fn within<R>(&self, what: &str, work: BoxFuture<'_, Result<R, BackendError>>) -> Result<R, BackendError> {
        let _busy = self.spent.on(Work::Engine);
        let late = |_| BackendError {
            failure: Failure::Infra,
            what: format!("the backend did not {what} within {} ms", self.limit.as_millis()),
        };
        tokio::time::timeout(self.limit, work).await.map_err(late)?
    }
}

impl Backend for Bounded<&dyn Backend> {
    fn kind(&self) -> BackendKind {
        self.inner.kind()
    }

    fn describe(&self) -> String {
        self.inner.describe()
    }

    /// Compiling takes the time it takes.
    fn prepare<'a>(
        &'a self,
        peer: &'a Peer,
        folder: &'a Path,
        progress: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Artifact, BackendError>> {
        self.inner.prepare(peer, folder, progress)
    }

    fn start<'a>(&'a self, start: Start<'a>) -> BoxFuture<'a, Result<Arc<dyn Instance>, BackendError>> {
        Box::pin(async move {
            let what = format!("start {} {}", start.peer.name, start.role);
            let inner = self.within(&what, self.inner.start(start)).await?;
            Ok(Arc::new(self.bound(inner)) as Arc<dyn Instance>)
        })
    }

    fn tap_address(&self) -> IpAddr {
        self.inner.tap_address()
    }

    fn files(&self) -> &Path {
        self.inner.files()
    }

    fn port(&self) -> Result<u16, BackendError> {
        self.inner.port()
    }

    fn leftovers(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async { tokio::time::timeout(self.limit, self.inner.leftovers()).await.ok().flatten() })
    }

    fn finish(&self) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(self.within("remove what is left", self.inner.finish()))
    }
}

impl Instance for Bounded<Arc<dyn Instance>> {
    fn address(&self) -> SocketAddr {
        self.inner.address()
    }

    fn exec(&self, argv: Vec<String>) -> BoxFuture<'_, Result<Box<dyn Job>, BackendError>> {
        Box::pin(async move {
            let inner = self.within("begin a process", self.inner.exec(argv)).await?;
            Ok(Box::new(self.bound(inner)) as Box<dyn Job>)
        })
    }

    fn ended(&self) -> BoxFuture<'_, String> {
        self.inner.ended()
    }

    fn stop(&self, log: PathBuf) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(self.within("stop an instance", self.inner.stop(log)))
    }
}

impl Job for Bounded<Box<dyn Job>> {
    fn stdout(&mut self) -> Option<Pipe> {
        self.inner.stdout()
    }

    fn stderr(&mut self) -> Option<Pipe> {
        self.inner.stderr()
    }

    /// How long a process may take is known to who began it.
    fn exit_code(&mut self) -> BoxFuture<'_, Result<i64, BackendError>> {
        self.inner.exit_code()
    }

    fn kill(&self) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(self.within("end a process", self.inner.kill()))
    }
}
