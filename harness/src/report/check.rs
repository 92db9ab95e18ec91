use super::failure_text;
use super::results::{CellResult, Results};
use super::text::{escape, escape_lines, plural};
use crate::model::{Event, Peer, PeerId, Role, Verdict};
use crate::plan::Proof;
use std::fmt::Write;

/// What `peer check` found out about a peer.
pub struct PeerCheck<'a> {
    /// The peer.
    pub peer: &'a Peer,
    /// What happened in its run.
    pub events: &'a [Event],
    /// And what came of it.
    pub results: &'a Results,
    /// How its declared lacks are proven.
    pub proofs: &'a [Proof],
}

/// One thing a peer needs, in the order in which somebody who writes one gets them right.
struct Item {
    what: String,
    state: State,
    detail: String,
}

#[derive(PartialEq, Eq)]
enum State {
    Ok,
    Missing,
    /// Something before it is missing, so that nothing is known of it.
    Unknown,
}

/// The list, and what to do next.
pub fn check_text(check: &PeerCheck<'_>) -> String {
    let items = check.items();
    let width = items.iter().map(|item| item.what.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (number, item) in items.iter().enumerate() {
        let state = match item.state {
            State::Ok => "ok",
            State::Missing => "MISSING",
            State::Unknown => "-",
        };
        let line =
            format!("{:2}  {:width$}  {state:8} {}", number + 1, item.what, item.detail.replace('\n', "\n      "));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let first = items.iter().enumerate().find(|(_, item)| item.state != State::Ok);
    match first {
        None => drop(writeln!(text, "\nnothing is missing")),
        Some((number, item)) => drop(writeln!(text, "\nnext: {} {}", number + 1, item.what)),
    }
    text
}

impl PeerCheck<'_> {
    fn items(&self) -> Vec<Item> {
        let peer = self.peer;
        let about = escape(&format!("{} {}, link {}", peer.library, peer.version, peer.link));
        let mut items = vec![Item { what: "peer.yaml".to_owned(), state: State::Ok, detail: about }, self.image()];
        if items.iter().any(|item| item.state == State::Missing) {
            // Nothing is known of what would have run in it.
            return items;
        }
        items.extend(self.roles().into_iter().map(|role| self.role(role)));
        items.extend(self.proofs.iter().filter(|proof| proof.peer == peer.name).map(|proof| self.proof(proof)));
        items.push(
            self.core("against itself".to_owned(), |cell, me| cell.cell.client == *me && cell.cell.server == *me),
        );
        let others = self.results.cells.iter().flat_map(|cell| [&cell.cell.client, &cell.cell.server]);
        if let Some(other) = others.into_iter().find(|name| **name != peer.name) {
            let (as_client, as_server) = (format!("as client of {other}"), format!("as server of {other}"));
            items.push(self.core(as_client, |cell, me| cell.cell.client == *me && cell.cell.server != *me));
            items.push(self.core(as_server, |cell, me| cell.cell.server == *me && cell.cell.client != *me));
        }
        items
    }

    fn image(&self) -> Item {
        let built = self.events.iter().find_map(|event| {
            let Event::PeerBuilt { peer, artifact, .. } = event else { return None };
            (*peer == self.peer.name).then(|| artifact.clone())
        });
        let what = "image".to_owned();
        match (built, self.failures().next()) {
            (Some(artifact), _) => Item { what, state: State::Ok, detail: artifact },
            (None, Some((_, reason))) => Item { what, state: State::Missing, detail: escape_lines(reason, "") },
            (None, None) => Item { what, state: State::Unknown, detail: "the run did not come to it".to_owned() },
        }
    }

    fn failures(&self) -> impl Iterator<Item = (Role, &str)> {
        self.events.iter().filter_map(|event| {
            let Event::PeerFailed { peer, role, reason } = event else { return None };
            (*peer == self.peer.name).then_some((*role, reason.as_str()))
        })
    }

    /// The roles that were started or were to be.
    fn roles(&self) -> Vec<Role> {
        let mut roles: Vec<Role> = self.events.iter().filter_map(|event| self.role_of(event)).collect();
        roles.sort();
        roles.dedup();
        roles
    }

    fn role_of(&self, event: &Event) -> Option<Role> {
        let (Event::PeerStarted { peer, role, .. } | Event::PeerFailed { peer, role, .. }) = event else { return None };
        (*peer == self.peer.name).then_some(*role)
    }

    fn role(&self, role: Role) -> Item {
        let what = role.to_string();
        match self.failures().find(|(failed, _)| *failed == role) {
            Some((_, reason)) => Item { what, state: State::Missing, detail: escape_lines(reason, "") },
            None => {
                let detail = match role {
                    Role::Client => "up, and refuses a case that does not exist",
                    Role::Server(_) => "up, and speaks HTTP/2",
                };
                Item { what, state: State::Ok, detail: detail.to_owned() }
            }
        }
    }

    fn proof(&self, proof: &Proof) -> Item {
        let what = format!("{} without {}", proof.role, proof.feature);
        let Some(cell) = &proof.cell else {
            return Item { what, state: State::Ok, detail: "declared; no case uses it yet".to_owned() };
        };
        let result = self.results.cells.iter().find(|result| result.cell == *cell);
        let (state, detail) = match result.map(|result| result.verdict) {
            Some(Verdict::Unsupported) => (State::Ok, format!("proven by {cell}")),
            Some(Verdict::Xpass) => {
                (State::Missing, format!("{cell} passes: it is supported, take it out of `unsupported`"))
            }
            Some(Verdict::Fail) => (State::Missing, format!("not proven by {cell}, where the other side failed first")),
            _ => (State::Unknown, format!("{cell} did not come to a verdict")),
        };
        Item { what, state, detail }
    }

    fn core(&self, what: String, belongs: fn(&CellResult, &PeerId) -> bool) -> Item {
        let cells: Vec<&CellResult> = self.results.cells.iter().filter(|cell| belongs(cell, &self.peer.name)).collect();
        let ran = |cell: &&&CellResult| !matches!(cell.verdict, Verdict::Unsupported | Verdict::Skipped);
        let ran: Vec<&&CellResult> = cells.iter().filter(ran).collect();
        let bad: Vec<&&&CellResult> = ran.iter().filter(|cell| !cell.verdict.is_expected()).collect();
        let unsupported = cells.iter().filter(|cell| cell.verdict == Verdict::Unsupported).count();
        let count = format!(
            "{} of {} as expected, {unsupported} unsupported",
            ran.len() - bad.len(),
            plural(ran.len(), "cell")
        );
        match bad.first() {
            _ if ran.is_empty() => Item { what, state: State::Unknown, detail: count },
            None => Item { what, state: State::Ok, detail: count },
            Some(first) => {
                let detail = format!("{count}; the first:\n{}", failure_text(first, self.results).trim_end());
                Item { what, state: State::Missing, detail }
            }
        }
    }
}
