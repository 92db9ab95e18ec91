//! A job: one script run against one address.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    pin::pin,
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result};
use futures::future::{Either, join_all, select};
use futures_timer::Delay;
use grpcio::Environment;
use prost::Message;

use super::{
    channel::Target,
    methods,
    plan::{self, Group},
};
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

/// How a job ended, and a word to it.
struct End(Outcome, String);

impl End {
    fn of(outcome: Outcome, error: &Error) -> Self {
        Self(outcome, format!("{error:#}"))
    }
}

impl Job {
    /// Runs the job. Whatever happens comes out as an observation.
    pub async fn run(&self, scripts: &Path, environment: &Arc<Environment>) -> Observation {
        let clock = Instant::now();
        let mut calls = Vec::new();
        let End(result, detail) = match self.prepare(scripts, environment) {
            Err(end) => end,
            Ok((budget, groups, target)) => within(budget, run_groups(&groups, &target, clock, &mut calls)).await,
        };
        Observation { case: self.case.clone(), result: result.into(), detail, calls }
    }

    /// All that can be refused before anything is dialled.
    fn prepare(
        &self,
        scripts: &Path,
        environment: &Arc<Environment>,
    ) -> std::result::Result<(Duration, Vec<Group>, Target), End> {
        let bad_script = |error| End::of(Outcome::BadScript, &error);
        let script = read(scripts, &self.case).map_err(bad_script)?;
        let mut required = script.requires.iter();
        if let Some(name) = required.find(|name| !CLIENT_FEATURES.contains(&name.as_str())) {
            return Err(End(Outcome::Unsupported, name.clone()));
        }
        let groups = plan::groups(&script).map_err(bad_script)?;
        let channel = script.channel.unwrap_or_default();
        let target = Target::new(environment.clone(), self.address, channel).map_err(bad_script)?;
        Ok((Duration::from_millis(script.budget_ms.into()), groups, target))
    }
}

/// Runs the groups for as long as the budget lasts. Then their future is dropped, and each receiver in it cancels its call.
async fn within(budget: Duration, groups: impl Future<Output = Result<()>>) -> End {
    match select(pin!(groups), Delay::new(budget)).await {
        Either::Left((Ok(()), _)) => End(Outcome::Done, String::new()),
        Either::Left((Err(error), _)) => End::of(Outcome::ConnectFailed, &error),
        Either::Right(_) => End(Outcome::TimedOut, format!("not done after {budget:?}")),
    }
}

fn read(scripts: &Path, case: &str) -> Result<Script> {
    let path = scripts.join(format!("{case}.binpb"));
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    Script::decode(bytes.as_slice()).with_context(|| path.display().to_string())
}

/// Runs all groups in order. The only error is a channel that does not connect.
async fn run_groups(groups: &[Group], target: &Target, clock: Instant, calls: &mut Vec<CallObservation>) -> Result<()> {
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
            let seen = |(call, _)| CallObservation { group: group_index, repeat, call, ..CallObservation::default() };
            calls.extend((0..).zip(&group.calls).map(seen));
            // Each call starts when its future is first polled, which happens in this order.
            let runs = group.calls.iter().zip(&mut calls[first..]);
            join_all(runs.map(|(call, seen)| methods::run(call, channel.clone(), seen, clock))).await;
            current = Some(channel);
        }
    }
    Ok(())
}
