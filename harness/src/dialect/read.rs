use super::form::{Key, Name, Text};
use super::layers::{Delta, Dialects, Scope, Trait, Who};
use super::names;
use super::write::{INSTEAD, ONLY};
use crate::model::{CaseId, PeerId, Side};
use std::collections::BTreeMap;

/// A snapshot that does not say what a snapshot says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of its text: expected {expected}, not `{found}`")]
pub struct Unreadable {
    /// From 1, below the header.
    pub line: usize,
    /// In words.
    pub expected: &'static str,
    /// The line.
    pub found: String,
}

/// Takes in the deltas of a case's snapshot. What it says of the canonical form is not read: that comes from the case.
pub fn read_case(case: &CaseId, text: &str, dialects: &mut Dialects) -> Result<(), Unreadable> {
    let mut deltas: BTreeMap<Who, Delta> = BTreeMap::new();
    let mut whose: Option<Vec<Who>> = None;
    // The first line is the title.
    for (line, found) in text.lines().enumerate().skip(1).filter(|(_, found)| !found.is_empty()) {
        let wrong = |expected| Unreadable { line: line + 1, expected, found: found.to_owned() };
        match (found.strip_prefix("  "), &whose) {
            (Some(fact), Some(whose)) => {
                let facts = read_delta(fact).ok_or_else(|| wrong("`call N -> NAME: VALUE` or `call N -> no NAME`"))?;
                for who in whose {
                    deltas.entry(who.clone()).or_default().extend(facts.clone());
                }
            }
            (Some(_), None) => {}
            (None, _) if found.starts_with("call ") => whose = None,
            (None, _) => {
                let who = read_whose(found);
                whose =
                    Some(who.ok_or_else(|| {
                        wrong("`client PEERS:`, `server PEERS:`, `pair PEERS -> PEERS:` or `call N:`")
                    })?);
            }
        }
    }
    if !deltas.is_empty() {
        dialects.deltas.insert(case.clone(), deltas);
    }
    Ok(())
}

/// Takes in the habits of a peer's snapshot.
pub fn read_peer(peer: &PeerId, text: &str, dialects: &mut Dialects) -> Result<(), Unreadable> {
    let mut side = None;
    for (line, found) in text.lines().enumerate().skip(1).filter(|(_, found)| !found.is_empty()) {
        let wrong = |expected| Unreadable { line: line + 1, expected, found: found.to_owned() };
        match (found, found.strip_prefix("  "), side) {
            ("client:", _, _) => side = Some(Side::Client),
            ("server:", _, _) => side = Some(Side::Server),
            (_, Some(fact), Some(side)) => {
                let (habit, value) = read_habit(fact).ok_or_else(|| wrong("`NAME: VALUE` or `no NAME`"))?;
                dialects.habits.entry((peer.clone(), side)).or_default().insert(habit, value);
            }
            _ => return Err(wrong("`client:` or `server:`")),
        }
    }
    Ok(())
}

fn read_whose(line: &str) -> Option<Vec<Who>> {
    let (kind, list) = line.strip_suffix(':')?.split_once(' ')?;
    let roles = |side| Some(names::read_peers(list)?.into_iter().map(|peer| Who::Role(side, peer)).collect());
    match kind {
        "client" => roles(Side::Client),
        "server" => roles(Side::Server),
        "pair" => Some(names::read_pairs(list)?.into_iter().map(Who::Pair).collect()),
        _ => None,
    }
}

fn read_delta(line: &str) -> Option<Delta> {
    let (at, side, arrow) = [(Side::Client, " -> "), (Side::Server, " <- ")]
        .into_iter()
        .filter_map(|(side, arrow)| Some((line.find(arrow)?, side, arrow)))
        .min_by_key(|(at, ..)| *at)?;
    let calls = names::read_calls(line.get(..at)?)?;
    let (name, value) = read_fact(line.get(at + arrow.len()..)?)?;
    Some(calls.into_iter().map(|call| (Key::new(call, side, name.clone()), value.clone())).collect())
}

fn read_fact(text: &str) -> Option<(Name, Option<Text>)> {
    match text.strip_prefix("no ") {
        Some(name) => Some((Name::read(name)?, None)),
        None => {
            let (name, value) = text.split_once(": ")?;
            Some((Name::read(name)?, Some(value.into())))
        }
    }
}

fn read_habit(line: &str) -> Option<(Trait, Option<Text>)> {
    let (scope, line) = match line.strip_prefix(ONLY) {
        Some(rest) => (Scope::TrailersOnly, rest),
        None => (Scope::Usual, line),
    };
    let (fact, canonical) = match line.split_once(INSTEAD) {
        Some((fact, canonical)) => (fact, Some(canonical.into())),
        None => (line, None),
    };
    let (name, value) = read_fact(fact)?;
    Some((Trait { scope, name, canonical }, value))
}
