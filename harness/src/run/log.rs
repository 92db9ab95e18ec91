use super::{FolderError, json_line};
use crate::model::Event;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
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
    file: File,
    consumers: Vec<Box<dyn Consumer>>,
    /// The first failure to write; told at the end, for a full disk must not stop the run from cleaning up.
    broken: Option<std::io::Error>,
}

impl EventLog {
    /// Begins the log of a run.
    pub fn create(path: &Path, consumers: Vec<Box<dyn Consumer>>) -> Result<EventLog, FolderError> {
        let file = File::create(path).map_err(|source| FolderError::Io { path: path.to_owned(), source })?;
        Ok(EventLog { inner: Mutex::new(Inner { file, consumers, broken: None }) })
    }

    /// Records an event. It is on disk, for what the system gives, before any consumer sees it.
    pub fn emit(&self, event: Event) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = write_line(&mut inner.file, &event) {
            inner.broken.get_or_insert(error);
        }
        for consumer in &mut inner.consumers {
            consumer.consume(&event);
        }
    }

    /// Ends the log: the first failure to write it, if there was one.
    pub fn close(self) -> std::io::Result<()> {
        let inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        inner.broken.map_or(Ok(()), Err)
    }
}

fn write_line(file: &mut File, event: &Event) -> std::io::Result<()> {
    file.write_all(format!("{}\n", json_line(event)?).as_bytes())
}

/// Reads the events of a run. A last line that breaks off, as after a crash, is left out.
pub fn read_events(path: &Path) -> Result<Vec<Event>, FolderError> {
    let io = |source| FolderError::Io { path: path.to_owned(), source };
    let mut events = Vec::new();
    for line in BufReader::new(File::open(path).map_err(io)?).lines() {
        match serde_json::from_str(&line.map_err(io)?) {
            Ok(event) => events.push(event),
            Err(_) => break,
        }
    }
    Ok(events)
}
