use super::RunFolder;
use super::interrupt::asked;
use super::peers::Starter;
use crate::backend::{BackendError, Failure, Instance};
use crate::input::PeerFolder;
use crate::model::{Event, Role};
use crate::tap::Upstream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often one that died is started again, for each round of the run.
const RESTARTS: usize = 3;
/// How long it takes at most until a death is known.
pub(super) const KNOWN_WITHIN: Duration = Duration::from_secs(1);

/// One role of a peer, from the first start to the end of the run: watched while it is up, and started again where it dies.
pub(super) struct Slot<'a> {
    pub(super) folder: &'a PeerFolder,
    pub(super) role: Role,
    /// Whether it is asked what it is.
    pub(super) describes: bool,
    state: watch::Sender<State>,
    upstream: watch::Sender<Upstream>,
}

/// Where a slot has got to.
#[derive(Clone)]
struct State {
    phase: Phase,
    /// How each one so far ended that ended by itself.
    deaths: Vec<String>,
}

#[derive(Clone)]
enum Phase {
    /// On its way up, with what runs already, or what is left of the one before.
    Starting(Option<Started>),
    Up(Started),
    /// Not to be up any more, for this reason, with what is left of it.
    Down(BackendError, Option<Started>),
}

/// One that was started and is to be stopped.
#[derive(Clone)]
pub(super) struct Started {
    pub(super) instance: Arc<dyn Instance>,
    /// How many of its slot died before it.
    pub(super) earlier: usize,
}

impl<'a> Slot<'a> {
    pub(super) fn new(folder: &'a PeerFolder, role: Role, describes: bool) -> Slot<'a> {
        let state = watch::Sender::new(State { phase: Phase::Starting(None), deaths: Vec::new() });
        Slot { folder, role, describes, state, upstream: watch::Sender::new(Upstream::Awaited) }
    }

    /// Starts it and stays with it. Returns when there is nothing more to be done for it.
    pub(super) async fn keep_up(&self, starter: &Starter<'_>) {
        let mut deaths = Vec::new();
        loop {
            let started = tokio::select! {
                biased;
                () = asked(&starter.interrupt) => return self.down(interrupted(), self.started()),
                started = starter.start(self, deaths.len()) => started,
            };
            let started = match started {
                Ok(started) => started,
                Err(error) => return self.down(error, None),
            };
            self.upstream.send_replace(Upstream::At(started.instance.address()));
            self.state.send_modify(|state| state.phase = Phase::Up(started.clone()));
            let how = started.instance.ended().await;
            // Stopped by us.
            if matches!(self.state.borrow().phase, Phase::Down(..)) {
                return;
            }
            deaths.push(how.clone());
            self.upstream.send_replace(Upstream::Awaited);
            self.state.send_replace(State { phase: Phase::Starting(Some(started.clone())), deaths: deaths.clone() });
            let (peer, role) = (self.folder.peer.name.clone(), self.role);
            starter.log.emit(Event::PeerDied { peer, role, detail: how.clone() });
            starter.stop(self, &started).await;
            self.starting(None);
            if deaths.len() > RESTARTS.saturating_mul(starter.rounds as usize) {
                let what =
                    format!("{} {role} died {} times, the last time with {how}", self.folder.peer.name, deaths.len());
                let error = BackendError { failure: Failure::Peer, what };
                starter.failed(&self.folder.peer.name, role, &error);
                return self.down(error, None);
            }
        }
    }

    /// What there is of it while it is on its way up: a run that ends meanwhile has that to stop.
    pub(super) fn starting(&self, started: Option<Started>) {
        self.state.send_modify(|state| state.phase = Phase::Starting(started));
    }

    /// The reason comes first: a client that finds nobody any more has its cell judged by it.
    fn down(&self, error: BackendError, left: Option<Started>) {
        self.state.send_modify(|state| state.phase = Phase::Down(error, left));
        self.upstream.send_replace(Upstream::Gone);
    }

    /// Gives it up although it runs.
    pub(super) async fn give_up(&self, error: BackendError, starter: &Starter<'_>) {
        starter.failed(&self.folder.peer.name, self.role, &error);
        let started = self.started();
        self.down(error.clone(), started.clone());
        if let Some(started) = started {
            starter.stop(self, &started).await;
        }
        self.down(error, None);
    }

    /// It, once it is up, or why it will not be.
    pub(super) async fn up(&self) -> Result<Arc<dyn Instance>, BackendError> {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| !matches!(state.phase, Phase::Starting(_))).await;
        match settled.map(|state| state.phase.clone()) {
            Ok(Phase::Up(started)) => Ok(started.instance),
            Ok(Phase::Down(error, _)) => Err(error),
            Ok(Phase::Starting(_)) | Err(_) => {
                let what = format!("{} {} was not started", self.folder.peer.name, self.role);
                Err(BackendError { failure: Failure::Infra, what })
            }
        }
    }

    /// It, if it is up.
    pub(super) fn running(&self) -> Option<Arc<dyn Instance>> {
        match &self.state.borrow().phase {
            Phase::Up(started) => Some(Arc::clone(&started.instance)),
            Phase::Starting(_) | Phase::Down(..) => None,
        }
    }

    /// What is to be stopped of it, up or not.
    pub(super) fn started(&self) -> Option<Started> {
        match &self.state.borrow().phase {
            Phase::Up(started) => Some(started.clone()),
            Phase::Starting(left) | Phase::Down(_, left) => left.clone(),
        }
    }

    /// Why it is not up, for a cell that began after so many deaths and found it gone.
    pub(super) fn gone(&self, before: usize) -> Option<String> {
        let state = self.state.borrow();
        match &state.phase {
            Phase::Down(error, _) if state.deaths.len() == before => Some(error.what.clone()),
            Phase::Down(..) | Phase::Starting(_) | Phase::Up(_) => None,
        }
    }

    /// Where its server is, whenever that changes.
    pub(super) fn upstream(&self) -> watch::Receiver<Upstream> {
        self.upstream.subscribe()
    }

    /// How many died so far.
    pub(super) fn deaths(&self) -> usize {
        self.state.borrow().deaths.len()
    }

    /// Waits for the next death after so many.
    pub(super) async fn death(&self, before: usize) -> Option<String> {
        let mut state = self.state.subscribe();
        let died = state.wait_for(|state| state.deaths.len() > before).await.ok()?;
        died.deaths.get(before).cloned()
    }
}

fn interrupted() -> BackendError {
    BackendError { failure: Failure::Infra, what: "the run was interrupted".to_owned() }
}

impl Starter<'_> {
    /// Stops one of a slot; its log goes to the run folder. What goes wrong is said.
    pub(super) async fn stop(&self, slot: &Slot<'_>, started: &Started) -> Option<BackendError> {
        let (peer, role) = (slot.folder.peer.name.clone(), slot.role);
        let log = RunFolder::log_name(&peer, role, started.earlier);
        let result = started.instance.stop(self.folder.path().join(&log)).await;
        self.log.emit(Event::PeerStopped { peer, role, log });
        let error = result.err()?;
        self.log.emit(Event::Note { text: error.what.clone() });
        Some(error)
    }
}
