use super::Exit;
use super::args::{ReplayArgs, ShowArgs};
use super::commands::{bad_input, print_json, root};
use super::output::Output;
use super::snapshots::{Pending, compare_replayed};
use crate::input::Project;
use crate::model::Transport;
use crate::report::{CellResult, ShowCell, results, round_result, summary};
use crate::run::{RunFolder, read_recording, read_run, replay as replay_run};
use std::path::{Path, PathBuf};

/// Shows one cell's traffic.
pub(super) fn show(args: &ShowArgs) -> Exit {
    shown(args).map_or_else(|what| bad_input(&what), |()| Exit::AsExpected)
}

fn shown(args: &ShowArgs) -> Result<(), String> {
    let folder = folder(args.run.as_deref())?;
    let past = read_run(&folder.events()).map_err(|error| error.to_string())?;
    warn(&folder, &past.gaps);
    let results = results(&past.events);
    let Some(cell) = results.cells.iter().find(|cell| cell.id == args.cell) else {
        let ids: Vec<&str> = results.cells.iter().map(|cell| cell.id.as_str()).collect();
        let hint = crate::input::nearest(&args.cell, &ids).map_or(String::new(), |id| format!("; did you mean {id}?"));
        return Err(format!("run {} has no cell {}{hint}", results.run, args.cell));
    };
    let cell = match args.round {
        None => cell,
        Some(round) => &round_result(&past.events, &cell.cell, round)
            .ok_or_else(|| format!("run {} has no round {round} of {}", results.run, cell.id))?,
    };
    let verdict = format!("{} {}", cell.verdict, cell.reason);
    let recording = read_recording(&folder, (&cell.cell, cell.round), server_speaks(&folder, cell));
    let recording = recording
        .map_err(|error| format!("{}\n  {}\n  {error}", cell.id, crate::report::escape(&verdict).trim_end()))?;
    let findings: Vec<_> = cell.failing.iter().chain(&cell.notes).cloned().collect();
    let shown = ShowCell { id: &cell.id, verdict: &verdict, recording: &recording, findings: &findings };
    Output::of(args).give(&shown, &folder.capture(&cell.cell, cell.round))
}

/// What the server of a cell speaks, as its case says: where that is missing, what the cell's name says, which is nearly always
/// the same.
pub(super) fn server_speaks(folder: &RunFolder, cell: &CellResult) -> Transport {
    let transport = cell.cell.transport;
    match Project::load_case(&folder.inputs(), &cell.cell.case) {
        Some(case) => case.server_config(transport).transport(),
        None => {
            let inputs = folder.inputs();
            eprintln!("warning: {}: no case {} there: read as {transport}", inputs.display(), cell.cell.case);
            transport
        }
    }
}

/// Says what a run's log lacks.
pub(super) fn warn(folder: &RunFolder, gaps: &[String]) {
    gaps.iter().for_each(|gap| eprintln!("warning: {}: {gap}", folder.events().display()));
}

/// Judges a run again and prints what comes of it; a verdict that differs from the recorded one is red.
pub(super) fn replay(args: &ReplayArgs) -> Exit {
    let pending = match Pending::of(&args.pending) {
        Ok(pending) => pending,
        Err(exit) => return exit,
    };
    let (folder, inputs) = match folder(args.run.as_deref()).and_then(|folder| Ok((inputs(&folder, args)?, folder))) {
        Ok((inputs, folder)) => (folder, inputs),
        Err(what) => return bad_input(&what),
    };
    let replay = match replay_run(&folder, &inputs) {
        Ok(replay) => replay,
        Err(error) => return bad_input(&error.to_string()),
    };
    warn(&folder, &replay.gaps);
    let mut results = results(&replay.events);
    let (changed, compared) = (replay.changed.clone(), compare_replayed(replay, pending));
    results.snapshots.clone_from(&compared.counts);
    if args.json {
        print_json(&results);
    } else {
        print!("{}", summary(&results));
    }
    for change in &changed {
        eprintln!("{change}");
    }
    compared.tell();
    let exit = Exit::of_run(&results).and(compared.beside);
    if changed.is_empty() { exit } else { Exit::NotAsExpected }
}

fn inputs(folder: &RunFolder, args: &ReplayArgs) -> Result<PathBuf, String> {
    if args.current { root().map_err(|_| "no checkout here".to_owned()) } else { Ok(folder.inputs()) }
}

/// A run's folder: the one given, or the last run's.
pub(super) fn folder(given: Option<&Path>) -> Result<RunFolder, String> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => RunFolder::all(&root().map_err(|_| "no checkout here".to_owned())?).join("latest"),
    };
    RunFolder::open(&path).map_err(|error| error.to_string())
}
