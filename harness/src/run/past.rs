use super::FolderError;
use super::folder::FORMAT;
use crate::model::Event;
use serde_json::Value;
use std::path::Path;

/// What is left of a run's log: all of it, or what a crash or a newer harness leaves.
#[derive(Debug)]
pub struct PastRun {
    /// The events that can be read, in order.
    pub events: Vec<Event>,
    /// What is missing, in words.
    pub gaps: Vec<String>,
}

/// Reads the events of a run.
pub fn read_events(path: &Path) -> Result<Vec<Event>, FolderError> {
    read_run(path).map(|run| run.events)
}

/// Reads the events of a run and says what of them is missing.
pub fn read_run(path: &Path) -> Result<PastRun, FolderError> {
    let bytes = std::fs::read(path).map_err(|source| FolderError::Io { path: path.to_owned(), source })?;
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // What stands behind the last end of a line is a line that breaks off, or nothing.
    let (torn, whole) = lines.split_last().map_or((&[][..], &[][..]), |(torn, whole)| (*torn, whole));
    check_first(path, whole.first().copied())?;
    let mut run = PastRun { events: Vec::new(), gaps: Vec::new() };
    for (number, line) in whole.iter().enumerate() {
        match serde_json::from_slice(line) {
            Ok(event) => run.events.push(event),
            Err(_) => run.gaps.push(format!("line {}: {}; it is left out", number + 1, unread(line))),
        }
    }
    if !torn.is_empty() {
        run.gaps.push(format!("it breaks off in line {}", whole.len() + 1));
    }
    if !run.events.iter().any(|event| matches!(event, Event::RunFinished { .. })) {
        run.gaps.push("the run was ended before its end: cells without a verdict count as skipped".to_owned());
    }
    Ok(run)
}

/// A log begins with the format of its run folder. That is looked for before anything else is understood.
fn check_first(path: &Path, line: Option<&[u8]>) -> Result<(), FolderError> {
    let none = |what: &str| FolderError::Log { path: path.to_owned(), what: what.to_owned() };
    let Some(line) = line else { return Err(none("empty: the run was ended before it began")) };
    let first: Option<Value> = serde_json::from_slice(line).ok();
    let started = first.filter(|event| event["event"] == "run_started");
    match started.and_then(|event| event["format"].as_u64()) {
        Some(found) if found > u64::from(FORMAT) => Err(FolderError::Format { path: path.to_owned(), found }),
        Some(_) => Ok(()),
        None => Err(none("not the log of a run: its first line is no `run_started` with a `format`")),
    }
}

/// Why a line is no event.
fn unread(line: &[u8]) -> String {
    let event: Option<Value> = serde_json::from_slice(line).ok();
    match event.as_ref().and_then(|event| event["event"].as_str()) {
        Some(name) => format!("this harness does not understand the event `{}`", name.escape_debug()),
        None => "this is no event".to_owned(),
    }
}
