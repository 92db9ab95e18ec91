use super::last_line::LastLine;
use super::observations::{Observations, OutputError};
use super::pair::CellJob;
use super::peers::millis;
use crate::backend::{Job, LogFile, Pipe};
use crate::model::{CellFailure, ClientExit};
use crate::proto::v1::Observation;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What a job gets beyond its budget before it counts as hung, and a process to end after its last job.
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
    errors: JoinHandle<String>,
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
        let (observation, failure) = match timeout(limit, next).await {
            Err(_) => (None, Some(CellFailure::NoAnswer { waited_ms: millis(began) })),
            Ok(Ok(observation)) if observation.case == job.cell.case.as_str() => (Some(observation), None),
            Ok(Ok(other)) => {
                let detail = format!("it answered for {:?} when {} was next", other.case, job.cell.case);
                (None, Some(CellFailure::ClientBroke { detail }))
            }
            Ok(Err(error @ (OutputError::Ended | OutputError::Truncated(_)))) => {
                let how = match timeout(PATIENCE, self.job.exit_code()).await {
                    Ok(Ok(code)) => format!("exit code {code}"),
                    Ok(Err(error)) => error.what,
                    Err(_) => "its process runs on".to_owned(),
                };
                (None, Some(CellFailure::ClientBroke { detail: format!("{error} ({how})") }))
            }
            Ok(Err(error)) => (None, Some(CellFailure::ClientBroke { detail: error.to_string() })),
        };
        Outcome { observation, failure, exit: None, duration_ms: millis(began) }
    }

    /// Lets it end after its last job. Says what was not in order about that, which no cell is to blame for any more.
    pub(super) async fn close(mut self) -> Option<String> {
        let end = async {
            let rest = match self.observations.as_mut() {
                Some(observations) => observations.rest().await,
                None => 0,
            };
            (rest, self.job.exit_code().await)
        };
        let said = match timeout(PATIENCE, end).await {
            Ok((0, Ok(0))) => None,
            Ok((0, Ok(code))) => Some(format!("ended with exit code {code} after its last job")),
            Ok((0, Err(error))) => Some(format!("ended after its last job, nobody knows how: {error}")),
            Ok((rest, _)) => Some(format!("wrote {rest} bytes to standard output after its last observation")),
            Err(_) => {
                let killed = self.kill().await.unwrap_or_else(|| "was ended".to_owned());
                return Some(format!("did not end within {} s of its last job, and {killed}", PATIENCE.as_secs()));
            }
        };
        finished(self.errors).await;
        said
    }

    /// Ends it. Says why where that cannot be done.
    pub(super) async fn kill(self) -> Option<String> {
        let killed = self.job.kill().await;
        // A process that runs on is to find nobody who reads.
        drop(self.observations);
        finished(self.errors).await;
        killed.err().map(|error| format!("cannot be ended: {error}"))
    }
}

/// What a task that saves a pipe says of it. One whose process cannot be ended is given up.
pub(super) async fn finished(mut saving: JoinHandle<String>) -> String {
    match timeout(PATIENCE, &mut saving).await {
        Ok(last_line) => last_line.unwrap_or_default(),
        Err(_) => {
            saving.abort();
            String::new()
        }
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
            file = LogFile::open(&path).await.ok();
        }
        if let Some(file) = &mut file {
            let _ = file.write(&chunk[..length]).await;
        }
    }
    if let Some(file) = file {
        let _ = file.close().await;
    }
    last.text()
}
