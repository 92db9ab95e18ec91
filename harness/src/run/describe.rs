use crate::backend::{BackendError, Failure, Instance, Job};
use crate::model::{Peer, Side};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// Longest a `--describe` may be, in bytes.
const LIMIT: u64 = 64 << 10;

/// Time to answer: starting an interpreter is part of it.
const WITHIN: Duration = Duration::from_secs(20);

/// What `--describe` prints.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Description {
    name: String,
    language: String,
    library: String,
    pub(super) version: String,
    features: BTreeSet<String>,
}

/// Asks a running peer what it is.
pub(super) async fn describe(instance: &dyn Instance, peer: &Peer, role: Side) -> Result<Description, BackendError> {
    let mut argv = peer.role(role).command.clone();
    argv.push("--describe".to_owned());
    let mut job = instance.exec(argv).await?;
    let Ok(said) = tokio::time::timeout(WITHIN, said(job.as_mut())).await else {
        // A program that does not know the flag may well have begun to serve.
        job.kill().await?;
        return Err(broke(peer, role, &format!("--describe did not end within {} s", WITHIN.as_secs())));
    };
    let (text, code) = said?;
    let shown = text[..text.len().min(200)].escape_ascii();
    if code != 0 {
        return Err(broke(peer, role, &format!("--describe ended with exit code {code}, after \"{shown}\"")));
    }
    let description: Description = serde_json::from_slice(&text)
        .map_err(|error| broke(peer, role, &format!("--describe printed no line of JSON ({error}): \"{shown}\"")))?;
    agree(&description, peer, role)?;
    Ok(description)
}

/// What a process wrote to standard output, and its exit code.
async fn said(job: &mut dyn Job) -> Result<(Vec<u8>, i64), BackendError> {
    let mut text = Vec::new();
    if let Some(stdout) = job.stdout() {
        let read = stdout.take(LIMIT).read_to_end(&mut text).await;
        read.map_err(|error| BackendError {
            failure: Failure::Infra,
            what: format!("--describe cannot be read: {error}"),
        })?;
    }
    Ok((text, job.exit_code().await?))
}

/// `peer.yaml` and the program say the same. The version may differ: packages move, and the run's record says so.
fn agree(description: &Description, peer: &Peer, role: Side) -> Result<(), BackendError> {
    let base = peer.name.base();
    let said = [
        ("name", base.as_str(), &description.name),
        ("language", &peer.language, &description.language),
        ("library", &peer.library, &description.library),
    ];
    if let Some((what, declared, described)) = said.into_iter().find(|(_, declared, described)| declared != described) {
        let what = format!("peer.yaml says that its {what} is {declared:?}, --describe says {described:?}");
        return Err(broke(peer, role, &what));
    }
    let declared: BTreeSet<String> = peer.role(role).features.iter().cloned().collect();
    let only_declared: Vec<_> = declared.difference(&description.features).collect();
    let only_described: Vec<_> = description.features.difference(&declared).collect();
    if only_declared.is_empty() && only_described.is_empty() {
        return Ok(());
    }
    let what = format!(
        "peer.yaml and --describe differ: only in peer.yaml {only_declared:?}, only in --describe {only_described:?}"
    );
    Err(broke(peer, role, &what))
}

fn broke(peer: &Peer, role: Side, what: &str) -> BackendError {
    BackendError { failure: Failure::Peer, what: format!("{} {role}: {what}", peer.name) }
}
