use crate::backend::{BackendError, Failure, Instance};
use crate::model::{Peer, Side};
use serde::Deserialize;
use std::collections::BTreeSet;
use tokio::io::AsyncReadExt;

/// Longest a `--describe` may be, in bytes.
const LIMIT: u64 = 64 << 10;

/// What `--describe` prints.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Description {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) features: BTreeSet<String>,
}

/// Asks a running peer what it is.
pub(super) async fn describe(instance: &dyn Instance, peer: &Peer, role: Side) -> Result<Description, BackendError> {
    let mut argv = peer.role(role).command.clone();
    argv.push("--describe".to_owned());
    let mut job = instance.exec(argv).await?;
    let mut text = Vec::new();
    if let Some(stdout) = job.stdout() {
        stdout.take(LIMIT).read_to_end(&mut text).await.map_err(|error| broke(peer, role, &error.to_string()))?;
    }
    let description: Description = serde_json::from_slice(&text).map_err(|error| {
        let shown = text[..text.len().min(200)].escape_ascii();
        broke(peer, role, &format!("--describe printed no line of JSON ({error}): \"{shown}\""))
    })?;
    agree(&description, peer, role)?;
    Ok(description)
}

/// `peer.yaml` and the program say the same. The version may differ: packages move, and the run's record says so.
fn agree(description: &Description, peer: &Peer, role: Side) -> Result<(), BackendError> {
    if description.name != peer.name.as_str() {
        return Err(broke(peer, role, &format!("--describe says it is {:?}", description.name)));
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
