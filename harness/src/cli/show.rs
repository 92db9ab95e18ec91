use super::Exit;
use super::args::{ReplayArgs, ShowArgs};
use super::commands::{bad_input, print_json, root};
use crate::input::{InputError, Project};
use crate::report::{ShowCell, results, round_result, show as show_text, summary};
use crate::run::{RunFolder, read_events, read_recording, replay as replay_run};
use std::path::{Path, PathBuf};

/// Prints one cell's traffic.
pub(super) fn show(args: &ShowArgs) -> Exit {
    match shown(args) {
        Ok(text) => {
            print!("{text}");
            Exit::AsExpected
        }
        Err(what) => bad_input(&what),
    }
}

fn shown(args: &ShowArgs) -> Result<String, String> {
    let folder = folder(args.run.as_deref())?;
    let events = read_events(&folder.events()).map_err(|error| error.to_string())?;
    let results = results(&events);
    let Some(cell) = results.cells.iter().find(|cell| cell.id == args.cell) else {
        let ids: Vec<&str> = results.cells.iter().map(|cell| cell.id.as_str()).collect();
        let hint = crate::input::nearest(&args.cell, &ids).map_or(String::new(), |id| format!("; did you mean {id}?"));
        return Err(format!("run {} has no cell {}{hint}", results.run, args.cell));
    };
    let cell = match args.round {
        None => cell,
        Some(round) => &round_result(&events, &cell.cell, round)
            .ok_or_else(|| format!("run {} has no round {round} of {}", results.run, cell.id))?,
    };
    let project = Project::load(&folder.inputs()).map_err(|errors| told(&errors))?;
    let case =
        project.case(&cell.cell.case).ok_or_else(|| format!("{} is not among the run's inputs", cell.cell.case))?;
    let recording = read_recording(&folder, &cell.cell, cell.round, case).map_err(|error| error.to_string())?;
    let verdict = format!("{} {}", cell.verdict, cell.reason);
    let findings: Vec<_> = cell.failing.iter().chain(&cell.notes).cloned().collect();
    Ok(show_text(&ShowCell { id: &cell.id, verdict: &verdict, recording: &recording, findings: &findings }))
}

fn told(errors: &[InputError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Judges a run again and prints what comes of it; a verdict that differs from the recorded one is red.
pub(super) fn replay(args: &ReplayArgs) -> Exit {
    let (folder, inputs) = match folder(args.run.as_deref()).and_then(|folder| Ok((inputs(&folder, args)?, folder))) {
        Ok((inputs, folder)) => (folder, inputs),
        Err(what) => return bad_input(&what),
    };
    let replay = match replay_run(&folder, &inputs) {
        Ok(replay) => replay,
        Err(error) => return bad_input(&error.to_string()),
    };
    let results = results(&replay.events);
    if args.json {
        print_json(&results);
    } else {
        print!("{}", summary(&results));
    }
    for change in &replay.changed {
        eprintln!("{change}");
    }
    if replay.changed.is_empty() { Exit::of_run(&results) } else { Exit::NotAsExpected }
}

fn inputs(folder: &RunFolder, args: &ReplayArgs) -> Result<PathBuf, String> {
    if args.current { root().map_err(|_| "no checkout here".to_owned()) } else { Ok(folder.inputs()) }
}

/// A run's folder: the one given, or the last run's.
fn folder(given: Option<&Path>) -> Result<RunFolder, String> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => RunFolder::all(&root().map_err(|_| "no checkout here".to_owned())?).join("latest"),
    };
    RunFolder::open(&path).map_err(|error| error.to_string())
}
