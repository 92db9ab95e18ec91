use super::cells::Cells;
use super::peers::Peers;
use super::process::Process;
use crate::backend::{BackendError, Failure};
use crate::model::{CellId, Event, PeerId, Transport};
use crate::proto::v1::Observation;
use crate::proto::v1::observation::Result::Done;
use crate::tap::Tap;
use std::time::Duration;

/// The case whose calls are timed: large ones, one after another on one connection.
const CASE: &str = "rpc_soak";
/// How often it is run each way; the best counts, since noise only ever adds.
const ROUNDS: usize = 10;

/// What a tap costs the real stacks: the time of a large call of a peer with itself.
pub struct CallTime {
    /// Whose.
    pub peer: PeerId,
    /// From container to container.
    pub direct: Duration,
    /// Through a tap, its capture written.
    pub tapped: Duration,
}

/// Times the calls of each peer that has a script, in the clear.
pub(super) async fn call_times(cells: &Cells<'_>, peers: &Peers<'_>) -> Vec<CallTime> {
    let with_itself = |cell: &&CellId| {
        cell.case.as_str() == CASE && cell.client == cell.server && cell.transport == Transport::Plaintext
    };
    let mut times = Vec::new();
    for cell in cells.runnable().map(|planned| &planned.cell).filter(with_itself) {
        match call_time(cells, peers, cell).await {
            Ok(time) => times.push(time),
            Err(error) => cells.log.emit(Event::Note { text: format!("{cell}: {}", error.what) }),
        }
    }
    times
}

/// Both ways in turn, by one process: what slows the machine down slows down both.
async fn call_time(cells: &Cells<'_>, peers: &Peers<'_>, cell: &CellId) -> Result<CallTime, BackendError> {
    let pair = cells.pair(peers, cell).map_err(|failure| infra(format!("{failure:?}")))?;
    let (jobs, _) = cells.jobs(peers, &[cell], 0).await;
    let job = jobs.first().ok_or_else(|| infra("its server is not up"))?;
    let capture = cells.folder.path().join("soak.zst");
    let tap = Tap::open(pair.tap_address, job.server.upstream(), capture).await.map_err(infra)?;
    let ways = [job.server.up().await?.address(), tap.address()];

    let mut argv = pair.peer.client.command.clone();
    argv.extend(["--scripts".to_owned(), pair.told.scripts.clone()]);
    let jobs = std::iter::repeat_n(ways, ROUNDS).flatten();
    argv.extend(jobs.flat_map(|address| ["--job".to_owned(), format!("{CASE}={address}")]));
    let mut process = Process::new(pair.client.up().await?.exec(argv).await?, None);
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        for best in &mut best {
            let outcome = process.next(job).await;
            let took = outcome.observation.as_ref().and_then(per_call);
            *best = took.ok_or_else(|| infra(format!("it was not done: {:?}", outcome.failure)))?.min(*best);
        }
    }
    process.close().await;
    tap.seal(Duration::from_secs(1)).await.map_err(infra)?;
    let [direct, tapped] = best;
    Ok(CallTime { peer: cell.client.clone(), direct, tapped })
}

/// From the end of the first call to that of the last: without what a connection takes to be made.
fn per_call(observation: &Observation) -> Option<Duration> {
    let ends = observation.calls.iter().filter_map(|call| call.steps.iter().map(|step| step.ended_us).max());
    let mut ends: Vec<u64> = ends.collect();
    ends.sort_unstable();
    let ([first, .., last], true) = (ends.as_slice(), observation.result() == Done) else { return None };
    Some(Duration::from_micros((last - first) / (ends.len() as u64 - 1)))
}

fn infra(what: impl ToString) -> BackendError {
    BackendError { failure: Failure::Infra, what: what.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1::{CallObservation, StepEnd};

    #[test]
    fn the_time_of_a_call_is_that_between_their_ends() {
        let call = |ended_us| CallObservation { steps: vec![StepEnd { index: 0, ended_us }], ..Default::default() };
        let calls = [5_000, 6_000, 9_000].map(call).to_vec();
        let mut seen = Observation { calls, result: Done.into(), ..Default::default() };
        assert_eq!(per_call(&seen), Some(Duration::from_millis(2)));
        seen.calls.truncate(1);
        assert_eq!(per_call(&seen), None);
    }
}
