use crate::input::{Project, nearest};
use crate::model::Transport;

/// Most names that a message lists.
const SHOWN: usize = 8;

/// The names that a part of a cell's id can have.
pub(super) struct Names<'a> {
    /// What they are names of.
    kind: &'static str,
    known: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn cases(project: &'a Project) -> Names<'a> {
        Names { kind: "case", known: project.cases.iter().map(|case| case.id.as_str()).collect() }
    }

    pub(super) fn peers(project: &'a Project) -> Names<'a> {
        Names { kind: "peer", known: project.peers.iter().map(|folder| folder.peer.name.as_str()).collect() }
    }

    pub(super) fn transports() -> Names<'a> {
        Names { kind: "transport", known: Transport::ALL.iter().map(|transport| transport.name()).collect() }
    }

    /// What to say of a glob that none of them matches: what it may have meant, or all that it could have.
    pub(super) fn unmatched(&self, pattern: &str, matches: impl Fn(&str) -> bool) -> Option<String> {
        if self.known.iter().any(|name| matches(name)) {
            return None;
        }
        let Names { kind, known } = self;
        let next = match self.nearest(pattern) {
            Some(name) => format!("did you mean `{name}`?"),
            None if known.len() > SHOWN => format!("`interop list {kind}s` shows all"),
            None => format!("there are {}", known.join(", ")),
        };
        Some(format!("no {kind} is called `{pattern}`; {next}"))
    }

    fn nearest(&self, pattern: &str) -> Option<&'a str> {
        let letters: String = pattern.chars().filter(|c| !"*?[]{}!".contains(*c)).collect();
        // A pattern with an open end is about how names begin.
        let end = if pattern.ends_with('*') { letters.len() } else { usize::MAX };
        let heads: Vec<&str> = self.known.iter().map(|name| name.get(..end).unwrap_or(name)).collect();
        let head = nearest(&letters, &heads)?;
        self.known.iter().find(|name| name.starts_with(head)).copied()
    }
}
