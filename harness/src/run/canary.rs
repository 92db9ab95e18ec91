use super::last_line::LastLine;
use super::observations::Observations;
use super::scripts::{CANARY, IMPOSSIBLE, NO_FEATURE};
use crate::backend::{BackendError, Failure, Instance, Pipe};
use crate::model::{Peer, Side};
use crate::proto::v1::{Observation, observation};
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// A case that no suite has.
pub(super) const NO_CASE: &str = "no_such_case";
/// Time to refuse: starting an interpreter is part of it.
const WITHIN: Duration = Duration::from_secs(20);

/// A client that reports success whatever it is told proves nothing. So each is first told two things that it must refuse:
/// a case that it has no script of, and a script that asks for a feature that does not exist. Neither dials anything, so the port
/// is one where nobody answers.
///
/// `files` is where the client's files are.
pub(super) async fn script_client_refuses(
    client: &dyn Instance,
    peer: &Peer,
    files: &Path,
) -> Result<(), BackendError> {
    let mut argv = peer.role(Side::Client).command.clone();
    argv.extend(["--scripts".to_owned(), files.join(CANARY).display().to_string()]);
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
    let (out, err) = (job.stdout(), job.stderr());
    let ended = async {
        // Unread it could not end.
        let (_, said) = tokio::join!(last_line(out), last_line(err));
        job.exit_code().await.map(|code| (code, said))
    };
    match tokio::time::timeout(WITHIN, ended).await {
        Ok(Ok((0, _))) => Err(broke(peer, &format!("must refuse the case {NO_CASE}, ended with exit code 0"))),
        // The shell's codes for a program that cannot be run or is not there.
        Ok(Ok((126, said))) => Err(broke(peer, &format!("cannot be run, {} (is it executable?)", in_brief(&said)))),
        Ok(Ok((127, said))) => Err(broke(peer, &format!("is not in the image: {}", in_brief(&said)))),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error),
        Err(_) => {
            job.kill().await?;
            Err(broke(peer, &format!("did not refuse the case {NO_CASE} within {} s", WITHIN.as_secs())))
        }
    }
}

/// What a shell says of a program, without what it says of itself.
fn in_brief(said: &str) -> &str {
    said.rsplit("exec: ").next().unwrap_or(said)
}

async fn last_line(pipe: Option<Pipe>) -> String {
    let mut last = LastLine::default();
    if let Some(mut pipe) = pipe {
        let mut chunk = vec![0; 64 << 10];
        while let Ok(length @ 1..) = pipe.read(&mut chunk).await {
            last.push(&chunk[..length]);
        }
    }
    last.text()
}

fn broke(peer: &Peer, what: &str) -> BackendError {
    BackendError { failure: Failure::Peer, what: format!("{} client: canary: it {what}", peer.name) }
}
