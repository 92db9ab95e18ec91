use super::instance::{FakeInstance, Spec};
use super::{Act, Crash, Diary, Entry, Told};
use crate::backend::{Artifact, Backend, BackendError, Failure, Instance, Start};
use crate::model::{BackendKind, Peer, Side};
use futures::future::BoxFuture;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

/// Where fakes look for their files.
pub(super) const FILES: &str = "/fake";

/// Runs no peer: plays all of them.
pub(crate) struct Fake {
    act: Act,
    breaks: Option<Breaks>,
    started: Mutex<HashMap<String, usize>>,
    instances: Mutex<Vec<Arc<FakeInstance>>>,
    /// What happened.
    pub(crate) diary: Diary,
}

/// Which role of which peer breaks, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Breaks {
    pub(crate) peer: &'static str,
    pub(crate) role: Side,
    pub(crate) crash: Crash,
}

impl Fake {
    /// Peers that all play this recording, and where one of them breaks.
    pub(crate) fn new(act: Act, breaks: Option<Breaks>) -> Fake {
        Fake { act, breaks, started: Mutex::default(), instances: Mutex::default(), diary: Diary::default() }
    }

    fn crash(&self, peer: &Peer, role: Side) -> Option<Crash> {
        let own = self.breaks.filter(|breaks| breaks.peer == peer.name.as_str() && breaks.role == role);
        own.map(|breaks| breaks.crash)
    }

    /// How many of it were started before.
    fn count(&self, kind: &str) -> usize {
        let mut started = self.started.lock().unwrap();
        let count = started.entry(kind.to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}

impl Backend for Fake {
    fn kind(&self) -> BackendKind {
        BackendKind::Containers
    }

    fn describe(&self) -> String {
        "fake".to_owned()
    }

    fn prepare<'a>(
        &'a self,
        peer: &'a Peer,
        _: &'a Path,
        progress: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Artifact, BackendError>> {
        progress("a line of build output");
        Box::pin(async {
            match Side::BOTH.into_iter().find_map(|role| self.crash(peer, role)) {
                Some(Crash::Build) => {
                    let what = format!("{} does not build\nthe end of its output", peer.name);
                    Err(BackendError { failure: Failure::Build, what })
                }
                Some(Crash::BuildHangs) => {
                    self.diary.write(Entry::Hangs);
                    std::future::pending().await
                }
                _ => Ok(Artifact { name: format!("fake/{}", peer.name), cached: false }),
            }
        })
    }

    fn start<'a>(&'a self, start: Start<'a>) -> BoxFuture<'a, Result<Arc<dyn Instance>, BackendError>> {
        Box::pin(async move {
            let Start { peer, role, files, .. } = start;
            let (crash, kind) = (self.crash(peer, role), format!("{} {role}", peer.name));
            match crash {
                Some(Crash::Start(failure)) => {
                    return Err(BackendError { failure, what: format!("{kind} did not start") });
                }
                Some(Crash::Silent(Told::Start)) => return std::future::pending().await,
                _ => {}
            }
            let earlier = self.count(&kind);
            let name = format!("{kind} {}", earlier + 1);
            let (act, diary) = (self.act.clone(), self.diary.clone());
            self.diary.write(Entry::Started(name.clone()));
            let spec =
                Spec { name, earlier, peer: peer.clone(), role, files, crash, act, diary, count: AtomicUsize::new(0) };
            let instance = Arc::new(FakeInstance::start(spec).await);
            self.instances.lock().unwrap().push(Arc::clone(&instance));
            Ok(instance as Arc<dyn Instance>)
        })
    }

    fn tap_address(&self) -> IpAddr {
        Ipv4Addr::LOCALHOST.into()
    }

    fn files(&self) -> &Path {
        Path::new(FILES)
    }

    /// Each listens where it likes.
    fn port(&self) -> Result<u16, BackendError> {
        Ok(0)
    }

    fn leftovers(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async { None })
    }

    fn finish(&self) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(async {
            match self.breaks.map(|breaks| breaks.crash) {
                Some(Crash::Finish | Crash::StopAndFinish) => {
                    self.diary.write(Entry::Finished);
                    let what = "the network cannot be removed".to_owned();
                    Err(BackendError { failure: Failure::Infra, what })
                }
                Some(Crash::Silent(Told::Finish)) => {
                    self.diary.write(Entry::Finished);
                    std::future::pending().await
                }
                _ => {
                    let instances = std::mem::take(&mut *self.instances.lock().unwrap());
                    for instance in instances {
                        instance.end(Entry::Swept).await;
                    }
                    self.diary.write(Entry::Finished);
                    Ok(())
                }
            }
        })
    }
}
