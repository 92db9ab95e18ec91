//! A job: one script run against one address.

use std::{fs, net::SocketAddr, path::Path, str::FromStr, time::Duration};

use anyhow::{Context, Error, Result};
use futures_util::future::join_all;
use prost::Message;
use tokio::time::{Instant, timeout};

use super::{channel::Target, methods, plan};
use crate::{
    describe::CLIENT_FEATURES,
    proto::interop::v1::{CallObservation, Observation, Script, observation::Result as Outcome},
};

/// Which case to run against which server: `CASE=IP:PORT`.
#[derive(Clone, Debug)]
pub struct Job {
    pub case: String,
    pub address: SocketAddr,
}

impl FromStr for Job {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (case, address) = text.split_once('=').context("not CASE=IP:PORT")?;
        Ok(Self { case: case.to_owned(), address: address.parse().context("not IP:PORT")? })
    }
}

impl Job {
    /// Runs the job. Whatever happens comes out as an observation.
    pub async fn run(&self, scripts: &Path) -> Observation {
        let clock = Instant::now();
        let mut calls = Vec::new();
        let (result, detail) = match self.attempt(scripts, clock, &mut calls).await {
            Ok(()) => (Outcome::Done, String::new()),
            Err(Failure { result, detail }) => (result, detail),
        };
        Observation { case: self.case.clone(), result: result.into(), detail, calls }
    }

    async fn attempt(&self, scripts: &Path, clock: Instant, calls: &mut Vec<CallObservation>) -> Result<(), Failure> {
        let script = read(scripts, &self.case).map_err(Failure::bad_script)?;
        let mut required = script.requires.iter();
        if let Some(name) = required.find(|name| !CLIENT_FEATURES.contains(&name.as_str())) {
            return Err(Failure { result: Outcome::Unsupported, detail: name.clone() });
        }
        let groups = plan::groups(&script).map_err(Failure::bad_script)?;
        let channel = script.channel.unwrap_or_default();
        let target = Target::new(self.address, &channel).map_err(Failure::bad_script)?;

        // Dropping the future cancels its calls, while `calls` keeps what they have seen.
        let budget = Duration::from_millis(script.budget_ms.into());
        match timeout(budget, run_groups(&groups, &target, clock, calls)).await {
            Ok(result) => result.map_err(|error| Failure::new(Outcome::ConnectFailed, &error)),
            Err(_) => Err(Failure { result: Outcome::TimedOut, detail: format!("not done after {budget:?}") }),
        }
    }
}

/// Why a job did not run to its end.
struct Failure {
    result: Outcome,
    detail: String,
}

impl Failure {
    fn new(result: Outcome, error: &Error) -> Self {
        let detail = format!("{error:#}");
        Self { result, detail }
    }

    fn bad_script(error: Error) -> Self {
        Self::new(Outcome::BadScript, &error)
    }
}

fn read(scripts: &Path, case: &str) -> Result<Script> {
    let path = scripts.join(format!("{case}.binpb"));
    let context = || format!("{}", path.display());
    let bytes = fs::read(&path).with_context(context)?;
    Script::decode(bytes.as_slice()).with_context(context)
}

/// Runs all groups in order. The only error is a channel that does not connect.
async fn run_groups(
    groups: &[plan::Group],
    target: &Target,
    clock: Instant,
    calls: &mut Vec<CallObservation>,
) -> Result<()> {
    let mut current = None;
    for (group, group_index) in groups.iter().zip(0..) {
        for repeat in 0..group.repeat {
            if group.fresh_channel {
                current = None;
            }
            let channel = match current.take() {
                Some(channel) => channel,
                None => target.open().await?,
            };

            let first = calls.len();
            calls.extend((0..).zip(&group.calls).map(|(call, _)| CallObservation {
                group: group_index,
                repeat,
                call,
                ..CallObservation::default()
            }));
            let runs = group.calls.iter().zip(&mut calls[first..]);
            join_all(runs.map(|(call, seen)| methods::run(call, channel.clone(), seen, clock))).await;
            current = Some(channel);
        }
    }
    Ok(())
}
