use super::pair::{Pair, Tapped, Told, not_started};
use super::peers::millis;
use super::process::{Outcome, PATIENCE, finished, save};
use super::template::fill;
use crate::model::{CellFailure, ClientExit};
use std::net::SocketAddr;
use std::time::Instant;

impl Pair<'_> {
    /// The command line of an official client for one case.
    pub(super) fn official_argv(&self, case: &str, at: SocketAddr) -> Vec<String> {
        let (ip, port) = (at.ip().to_string(), at.port().to_string());
        let Told { tls, ca, name, .. } = &self.told;
        let values = [("ip", &*ip), ("port", &port), ("case", case), ("tls", tls), ("ca", ca), ("name", name)];
        fill(&self.peer.client.command, &values)
    }

    /// One process of an official client, for one cell.
    pub(super) async fn run_official(&self, tapped: &Tapped<'_>) -> Outcome {
        let began = Instant::now();
        let argv = self.official_argv(tapped.job.cell.case.as_str(), tapped.tap.address());
        let job = match self.client.up().await {
            Ok(client) => client.exec(argv).await,
            Err(error) => Err(error),
        };
        let mut job = match job {
            Ok(job) => job,
            Err(error) => return Outcome::failed(not_started(&error), 0),
        };
        let log = self.folder.job_log(&tapped.job.cell);
        let pipes = [job.stdout(), job.stderr()].map(|pipe| tokio::spawn(save(pipe, Some(log.clone()))));
        let ended = tokio::time::timeout(tapped.job.budget + PATIENCE, job.exit_code()).await;
        let duration_ms = millis(began);
        if ended.is_err()
            && let Err(error) = job.kill().await
        {
            self.note(&tapped.job.cell, &format!("cannot be ended: {error}"));
        }
        let mut last_line = String::new();
        for pipe in pipes {
            last_line = Some(finished(pipe).await).filter(|line| !line.is_empty()).unwrap_or(last_line);
        }
        match ended {
            Ok(Ok(code)) => Outcome { exit: Some(ClientExit { code, last_line }), ..Outcome::nothing(duration_ms) },
            Ok(Err(error)) => Outcome::failed(CellFailure::Infra { detail: error.what }, duration_ms),
            Err(_) => Outcome::failed(CellFailure::NoAnswer { waited_ms: duration_ms }, duration_ms),
        }
    }
}
