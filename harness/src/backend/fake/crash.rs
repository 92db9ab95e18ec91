use crate::backend::Failure;

/// Where a fake breaks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Crash {
    /// The peer's files do not build.
    Build,
    /// They do not get built.
    BuildHangs,
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
    /// A client that spoils this job each time after so many good ones.
    After(usize, &'static str, Spoil),
    /// A client that ends badly after its last job.
    Finally(Ending),
    /// A client that hangs at its job for this case and cannot be ended.
    Unkillable(&'static str),
    /// A client whose engine refuses to start a process with this job, so many times.
    Refused(&'static str, usize),
    /// A server that dies with a request in hand.
    Dies(Death),
    /// A server that answers so the request that comes after so many others.
    Request(usize, Answer),
    /// The engine does not answer when it is told this.
    Silent(Told),
    /// It is gone when it is stopped, and its log cannot be had.
    Log,
    /// Its log is larger than what is kept of one.
    FloodsLog,
    /// It cannot be stopped in order.
    Stop,
    /// What is left in the end cannot be removed.
    Finish,
    /// Neither of both.
    StopAndFinish,
}

/// What an engine is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// To start an instance.
    Start,
    /// To begin a process with jobs.
    Exec,
    /// To stop an instance.
    Stop,
    /// To remove what is left.
    Finish,
}

/// How a server answers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Not at all.
    Never,
    /// With half of what it has to say; then it closes the connection.
    Half,
    /// In full; then it dies.
    ThenDies,
}

/// How a client ends after its last job.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    /// With an exit code of an error.
    Fails,
    /// Not at all.
    Lingers,
    /// After it has said more than it should.
    Babbles,
}

/// How a client spoils a job.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spoil {
    /// Its process ends with this code.
    Exits(i64),
    /// It does nothing more.
    Hangs,
    /// The same in the middle of the call: it leaves the connection open and reads no more.
    StopsReading,
    /// It does nothing more but close its standard output.
    FallsSilent,
    /// It answers only once the run is interrupted.
    Dawdles,
    /// It writes what is no observation.
    Garbage,
    /// It writes a gigabyte that begins like a very large observation.
    Floods,
    /// It writes a gigabyte to standard error, and then its observation.
    FloodsErrors,
    /// It writes more than its observation.
    Trails,
    /// It runs the next job first.
    OutOfOrder,
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
