use super::{FolderError, json_line};
use crate::model::Event;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Something that makes an output of events.
pub trait Consumer: Send {
    /// Takes the next event, in order.
    fn consume(&mut self, event: &Event);
}

/// Writes events to the run's log and hands each to the consumers, one at a time.
pub struct EventLog {
    inner: Mutex<Inner>,
}

struct Inner {
    path: PathBuf,
    file: File,
    consumers: Vec<Box<dyn Consumer>>,
    /// The first failure to write; told at the end, for a full disk must not stop the run from cleaning up.
    broken: Option<std::io::Error>,
}

impl EventLog {
    /// Begins the log of a run.
    pub fn create(path: &Path, consumers: Vec<Box<dyn Consumer>>) -> Result<EventLog, FolderError> {
        let file = File::create(path).map_err(|source| FolderError::Io { path: path.to_owned(), source })?;
        Ok(EventLog { inner: Mutex::new(Inner { path: path.to_owned(), file, consumers, broken: None }) })
    }

    /// Records an event. It is on disk, for what the system gives, before any consumer sees it.
    pub fn emit(&self, event: Event) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing follows a line that may be torn.
        if inner.broken.is_none() {
            inner.broken = write_line(&mut inner.file, &event).err();
        }
        for consumer in &mut inner.consumers {
            consumer.consume(&event);
        }
    }

    /// Ends the log: the first failure to write it, if there was one.
    pub fn close(self) -> Result<(), FolderError> {
        let Inner { path, broken, .. } = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        broken.map_or(Ok(()), |source| Err(FolderError::Io { path, source }))
    }
}

fn write_line(file: &mut File, event: &Event) -> std::io::Result<()> {
    file.write_all(format!("{}\n", json_line(event)?).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Counter(Arc<AtomicUsize>);

    impl Consumer for Counter {
        fn consume(&mut self, _: &Event) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_log_on_a_full_disk_is_told_at_the_end_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let seen = Arc::new(AtomicUsize::new(0));
        let log = EventLog::create(&path, vec![Box::new(Counter(seen.clone()))]).unwrap();
        (0..3).for_each(|_| log.emit(Event::Note { text: "here".to_owned() }));
        let error = log.close().unwrap_err().to_string();
        assert_eq!(error, format!("{}: No space left on device (os error 28)", path.display()));
        assert_eq!(seen.load(Ordering::Relaxed), 3, "the run goes on to its end");
    }
}
