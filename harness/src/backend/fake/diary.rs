use tokio::sync::watch;

/// What happened to the fakes, in order, for a test to look at and to wait for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Diary(watch::Sender<Vec<Entry>>);

/// Something that happened to a fake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// An instance of this name was started.
    Started(String),
    /// It was stopped.
    Stopped(String),
    /// It was removed in the end, since it had not been stopped.
    Swept(String),
    /// A client reported on a case.
    Reported,
    /// A client or a build hangs.
    Hangs,
    /// The run was interrupted: the test's own entry.
    Interrupted,
    /// A cell has its verdict: the test's own entry.
    Judged,
    /// The backend was told to finish.
    Finished,
}

impl Diary {
    /// Adds what happened now.
    pub(crate) fn write(&self, entry: Entry) {
        self.0.send_modify(|entries| entries.push(entry));
    }

    /// Everything so far.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0.borrow().clone()
    }

    /// Waits until so many entries are like this.
    pub(crate) async fn wait_for(&self, count: usize, like: Entry) {
        let mut entries = self.0.subscribe();
        entries.wait_for(|entries| entries.iter().filter(|entry| **entry == like).count() >= count).await.unwrap();
    }
}
