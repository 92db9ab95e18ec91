use crate::backend::Failure;

/// Where a fake breaks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Crash {
    /// The peer's files do not build.
    Build,
    /// It does not start, and this is the kind of reason.
    Start(Failure),
    /// It ends by itself as soon as it is started. Of a client that may get known only after something has been run in it.
    EndsAtOnce(News),
    /// A server that takes connections and says nothing.
    NeverReady,
    /// It prints this when it is asked what it is.
    Describes(&'static str),
    /// A client that dials nothing, taps least of all.
    ReachesNothing,
    /// A client that reports success whatever it is told.
    AcceptsAnything,
    /// A client that spoils its job for this case.
    At(&'static str, Spoil),
    /// A client whose engine refuses to start a process with this job, so many times.
    Refused(&'static str, usize),
    /// A server that dies with a request in hand.
    Dies(Death),
    /// It cannot be stopped in order.
    Stop,
    /// What is left in the end cannot be removed.
    Finish,
}

/// How a client spoils a job.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spoil {
    /// Its process ends.
    Exits,
    /// It does nothing more.
    Hangs,
    /// It writes what is no observation.
    Garbage,
    /// Its process ends while it writes its observation.
    CutShort,
    /// It answers for another case.
    OtherCase,
    /// It says that it lacks a feature which it has.
    Refuses,
    /// All that runs of it ends, not its process alone.
    Dies,
}

/// The deaths of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Death {
    /// How many of those started die, the first ones.
    pub(crate) lives: usize,
    /// When it gets known.
    pub(crate) news: News,
}

/// Whether a death is known before or after others notice it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// Connections last until it is stopped.
    First,
    /// Connections break, and a client reports that first.
    Late,
}
