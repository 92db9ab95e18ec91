use super::last_line::LastLine;
use super::observations::{Observations, OutputError};
use super::pair::CellJob;
use super::peers::millis;
use crate::backend::{Job, Pipe};
use crate::model::{CellFailure, ClientExit};
use crate::proto::v1::Observation;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

/// What a job gets beyond its budget before it counts as hung.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// How a job ended.
pub(super) struct Outcome {
    pub(super) observation: Option<Observation>,
    pub(super) failure: Option<CellFailure>,
    pub(super) exit: Option<ClientExit>,
    pub(super) duration_ms: u64,
}

impl Outcome {
    pub(super) fn nothing(duration_ms: u64) -> Outcome {
        Outcome { observation: None, failure: None, exit: None, duration_ms }
    }

    pub(super) fn failed(failure: CellFailure, duration_ms: u64) -> Outcome {
        Outcome { failure: Some(failure), ..Outcome::nothing(duration_ms) }
    }

    /// Why a job is to be run again: what went wrong was no peer's fault, and it is its first attempt.
    pub(super) fn retried(&self, job: &CellJob<'_>) -> Option<String> {
        match &self.failure {
            Some(CellFailure::Infra { detail }) if job.again.is_none() => Some(detail.clone()),
            _ => None,
        }
    }
}

/// One process of a client.
pub(super) struct Process {
    job: Box<dyn Job>,
    observations: Option<Observations<Pipe>>,
    errors: tokio::task::JoinHandle<String>,
}

impl Process {
    pub(super) fn new(mut job: Box<dyn Job>, log: Option<PathBuf>) -> Process {
        let observations = job.stdout().map(Observations::new);
        let errors = tokio::spawn(save(job.stderr(), log));
        Process { job, observations, errors }
    }

    /// The observation of the next job in line, or why there is none.
    pub(super) async fn next(&mut self, job: &CellJob<'_>) -> Outcome {
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
        Outcome { observation, failure, exit: None, duration_ms: millis(began) }
    }

    /// Lets it end by itself, or ends it.
    pub(super) async fn end(mut self, broken: bool) {
        if broken {
            let _ = self.job.kill().await;
        }
        drop(self.observations.take());
        let _ = self.errors.await;
    }
}

/// Keeps what a process writes, and tells the last line of it.
pub(super) async fn save(pipe: Option<Pipe>, log: Option<PathBuf>) -> String {
    let (Some(mut pipe), Some(path)) = (pipe, log) else { return String::new() };
    let mut last = LastLine::default();
    let mut file = None;
    let mut chunk = vec![0; 64 << 10];
    while let Ok(length @ 1..) = tokio::io::AsyncReadExt::read(&mut pipe, &mut chunk).await {
        last.push(&chunk[..length]);
        if file.is_none() {
            file = tokio::fs::OpenOptions::new().create(true).append(true).open(&path).await.ok();
        }
        if let Some(file) = &mut file {
            let _ = file.write_all(&chunk[..length]).await;
        }
    }
    if let Some(mut file) = file {
        let _ = file.flush().await;
    }
    last.text()
}
