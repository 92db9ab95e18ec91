use super::job::ProcessJob;
use super::log::{Log, Tail};
use super::spawn::{Outputs, Process};
use crate::backend::error::infra;
use crate::backend::{BackendError, Guard, Instance, Job};
use futures::future::BoxFuture;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

/// How and where processes of an instance start.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) guard: Guard,
    pub(super) folder: PathBuf,
}

impl Place {
    fn exec(&self, argv: &[String]) -> Result<Box<dyn Job>, BackendError> {
        let outputs = Outputs { stdout: Stdio::piped(), stderr: Stdio::piped() };
        let (process, (stdout, stderr)) = Process::start(&self.guard, &self.folder, argv, outputs)?;
        Ok(Box::new(ProcessJob { process, stdout, stderr }))
    }
}

/// A client: nothing of it runs but its jobs.
pub(super) struct Client {
    pub(super) place: Place,
}

impl Instance for Client {
    fn address(&self) -> SocketAddr {
        SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0)
    }

    fn exec(&self, argv: Vec<String>) -> BoxFuture<'_, Result<Box<dyn Job>, BackendError>> {
        Box::pin(async move { self.place.exec(&argv) })
    }

    fn ended(&self) -> BoxFuture<'_, String> {
        Box::pin(std::future::pending())
    }

    fn stop(&self, log: PathBuf) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(async move {
            let written = tokio::fs::write(&log, "").await;
            written.map_err(|error| infra(format!("{} cannot be written: {error}", log.display())))
        })
    }
}

/// A server.
pub(super) struct Server {
    place: Place,
    address: SocketAddr,
    process: Process,
    tail: Tail,
    /// Until it is stopped.
    log: Mutex<Option<Log>>,
}

impl Server {
    /// Starts it; what it writes is kept in the file `log`.
    pub(super) fn start(place: Place, argv: &[String], port: u16, log: PathBuf) -> Result<Server, BackendError> {
        let pipes = std::io::pipe().and_then(|(reader, writer)| Ok((reader, writer.try_clone()?, writer)));
        let (reader, stdout, stderr) = pipes.map_err(|error| infra(format!("no pipe for a server: {error}")))?;
        let outputs = Outputs { stdout: stdout.into(), stderr: stderr.into() };
        let (process, _) = Process::start(&place.guard, &place.folder, argv, outputs)?;
        let (log, tail) = Log::start(reader, log)?;
        let address = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
        Ok(Server { place, address, process, tail, log: Mutex::new(Some(log)) })
    }
}

impl Instance for Server {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn exec(&self, argv: Vec<String>) -> BoxFuture<'_, Result<Box<dyn Job>, BackendError>> {
        Box::pin(async move { self.place.exec(&argv) })
    }

    fn ended(&self) -> BoxFuture<'_, String> {
        Box::pin(async {
            let code = self.process.ended().await;
            match self.tail.text().await {
                said if said.is_empty() => format!("exit code {code}"),
                said => format!("exit code {code}: {said}"),
            }
        })
    }

    fn stop(&self, log: PathBuf) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(async move {
            let kept = self.log.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(kept) = kept else { return Ok(()) };
            self.process.kill().await?;
            kept.save(&log).await
        })
    }
}
