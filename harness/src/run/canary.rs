use super::observations::Observations;
use super::scripts::{CANARY, IMPOSSIBLE, NO_FEATURE};
use crate::backend::{BackendError, Failure, Instance};
use crate::model::{Peer, Side};
use crate::proto::v1::{Observation, observation};
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// A case that no suite has.
pub(super) const NO_CASE: &str = "no_such_case";
/// Time to refuse: starting an interpreter is part of it.
const WITHIN: Duration = Duration::from_secs(20);

/// A client that reports success whatever it is told proves nothing. So each is first told two things that it must refuse:
/// a case that it has no script of, and a script that asks for a feature that does not exist. Neither dials anything, so the port
/// is one where nobody answers.
pub(super) async fn script_client_refuses(client: &dyn Instance, peer: &Peer) -> Result<(), BackendError> {
    let mut argv = peer.role(Side::Client).command.clone();
    argv.extend(["--scripts".to_owned(), CANARY.to_owned()]);
    for case in [NO_CASE, IMPOSSIBLE] {
        argv.extend(["--job".to_owned(), format!("{case}=127.0.0.1:9")]);
    }
    let mut job = client.exec(argv).await?;
    let Some(stdout) = job.stdout() else { return Err(broke(peer, "has no standard output")) };
    let mut observations = Observations::new(stdout);
    let asked = async {
        let first = observations.next().await;
        (first, observations.next().await)
    };
    let (unknown, impossible) = match tokio::time::timeout(WITHIN, asked).await {
        Ok((Ok(unknown), Ok(impossible))) => (unknown, impossible),
        Ok((Err(error), _) | (_, Err(error))) => return Err(broke(peer, &format!("was given {NO_CASE}: {error}"))),
        Err(_) => {
            job.kill().await?;
            return Err(broke(peer, &format!("did not refuse {NO_CASE} within {} s", WITHIN.as_secs())));
        }
    };
    let result = |seen: &Observation| format!("{} {:?}", seen.result().as_str_name(), seen.detail);
    if unknown.result() != observation::Result::BadScript {
        return Err(broke(
            peer,
            &format!("must refuse a case without a script as BAD_SCRIPT, said {}", result(&unknown)),
        ));
    }
    if impossible.result() != observation::Result::Unsupported || impossible.detail != NO_FEATURE {
        let expected = format!("must refuse the feature {NO_FEATURE:?} as UNSUPPORTED with that name");
        return Err(broke(peer, &format!("{expected}, said {}", result(&impossible))));
    }
    Ok(())
}

/// The same of an official client, which must not end with 0 for a case that does not exist. It is run against a server that is
/// up: against none it would fail whatever the case.
pub(super) async fn official_client_refuses(
    client: &dyn Instance,
    peer: &Peer,
    argv: Vec<String>,
) -> Result<(), BackendError> {
    let mut job = client.exec(argv).await?;
    let (mut out, mut err) = (job.stdout(), job.stderr());
    let ended = async {
        // What it says is of no interest; unread it could not end.
        let (mut said, mut complained) = (Vec::new(), Vec::new());
        if let (Some(out), Some(err)) = (&mut out, &mut err) {
            let _ = tokio::join!(out.read_to_end(&mut said), err.read_to_end(&mut complained));
        }
        job.exit_code().await
    };
    match tokio::time::timeout(WITHIN, ended).await {
        Ok(Ok(0)) => Err(broke(peer, &format!("must refuse the case {NO_CASE}, ended with exit code 0"))),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error),
        Err(_) => {
            job.kill().await?;
            Err(broke(peer, &format!("did not refuse the case {NO_CASE} within {} s", WITHIN.as_secs())))
        }
    }
}

fn broke(peer: &Peer, what: &str) -> BackendError {
    BackendError { failure: Failure::Peer, what: format!("{} client: canary: it {what}", peer.name) }
}
