use super::compare::{Outcome, compare};
use super::files;
use crate::dialect::Form;
use crate::input::Project;
use crate::model::{CellId, Event};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// What the snapshots would be after a run, by name: two runs differ in what these differ in. Nothing where a checkout has no snapshots.
pub fn shown(
    folder: &Path,
    project: &Project,
    events: &[Event],
    forms: &BTreeMap<CellId, Vec<Form>>,
) -> io::Result<BTreeMap<String, String>> {
    let Some(comparison) = compare(folder, project, events, forms)? else { return Ok(BTreeMap::new()) };
    let mut accepted = files::accepted(folder)?;
    let mut text = |name: &str, outcome| match outcome {
        Outcome::Same => accepted.remove(name).and_then(Result::ok),
        Outcome::Changed { now, .. } | Outcome::New { now } => Some(files::normal(&now).to_owned()),
        Outcome::Unreadable { .. } | Outcome::Orphan => None,
    };
    let texts = comparison.snapshots.into_iter().filter_map(|snapshot| {
        let text = text(&snapshot.name, snapshot.outcome)?;
        Some((snapshot.name, text))
    });
    Ok(texts.collect())
}
