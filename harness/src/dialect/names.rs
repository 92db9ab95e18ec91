//! How sets of calls and of pairs are written, and read again.

use super::layers::Pair;
use crate::model::PeerId;
use std::collections::{BTreeMap, BTreeSet};

/// The calls of a fact: `connection`, `call 3`, `calls 1-3, 5`.
pub(super) fn calls(calls: &BTreeSet<u32>) -> String {
    if calls.first() == Some(&0) {
        return "connection".to_owned();
    }
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for call in calls {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *call => *last = *call,
            _ => runs.push((*call, *call)),
        }
    }
    let words = runs.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    let words = words.collect::<Vec<_>>().join(", ");
    if calls.len() == 1 { format!("call {words}") } else { format!("calls {words}") }
}

/// The calls that a text names.
pub(super) fn read_calls(text: &str) -> Option<BTreeSet<u32>> {
    if text == "connection" {
        return Some(BTreeSet::from([0]));
    }
    let list = text.strip_prefix("call ").or_else(|| text.strip_prefix("calls "))?;
    let mut calls = BTreeSet::new();
    for run in list.split(", ") {
        let (first, last) = run.split_once('-').unwrap_or((run, run));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        // So that a damaged file is no flood.
        if first == 0 || last < first || last - first > 10_000 {
            return None;
        }
        calls.extend(first..=last);
    }
    Some(calls)
}

/// Peers, in order: `cpp, python`.
pub(super) fn peers<'a>(peers: impl IntoIterator<Item = &'a PeerId>) -> String {
    peers.into_iter().map(PeerId::as_str).collect::<Vec<_>>().join(", ")
}

/// The peers that a text names.
pub(super) fn read_peers(text: &str) -> Option<Vec<PeerId>> {
    let peers: Vec<PeerId> = text.split(", ").map(PeerId::new).collect();
    peers.iter().all(|peer| peer.is_slug('-')).then_some(peers)
}

/// Pairs, those of clients with the same servers together: `cpp, python -> go; go -> go, python`.
pub(super) fn pairs(pairs: &BTreeSet<&Pair>) -> String {
    let mut servers: BTreeMap<&PeerId, BTreeSet<&PeerId>> = BTreeMap::new();
    for pair in pairs {
        servers.entry(&pair.client).or_default().insert(&pair.server);
    }
    let mut clients: BTreeMap<BTreeSet<&PeerId>, BTreeSet<&PeerId>> = BTreeMap::new();
    for (client, servers) in servers {
        clients.entry(servers).or_default().insert(client);
    }
    let words = clients.into_iter().map(|(servers, clients)| format!("{} -> {}", peers(clients), peers(servers)));
    words.collect::<Vec<_>>().join("; ")
}

/// The pairs that a text names.
pub(super) fn read_pairs(text: &str) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    for block in text.split("; ") {
        let (clients, servers) = block.split_once(" -> ")?;
        let servers = read_peers(servers)?;
        for client in read_peers(clients)? {
            pairs.extend(servers.iter().map(|server| Pair { client: client.clone(), server: server.clone() }));
        }
    }
    Some(pairs)
}
