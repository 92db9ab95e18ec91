use super::Exit;
use super::args::{ReportArgs, ReportFormat};
use super::commands::{bad_input, print_json};
use super::show::{folder, warn};
use crate::input::Project;
use crate::report::{Results, annotations, durations, junit, markdown, results, summary};
use crate::run::{RunFolder, read_run};
use crate::snapshot::Counts;

/// Tells of a run in another form. That is no second verdict: it succeeds where it could be told.
pub(super) fn report(args: &ReportArgs) -> Exit {
    let read = folder(args.run.as_deref()).and_then(|folder| {
        let past = read_run(&folder.events()).map_err(|error| error.to_string())?;
        Ok((folder, past))
    });
    let (folder, past) = match read {
        Ok(read) => read,
        Err(what) => return bad_input(&what),
    };
    warn(&folder, &past.gaps);
    let mut results = results(&past.events);
    results.snapshots = snapshots(&folder);
    print(&folder, &results, args.format).unwrap_or_else(|what| bad_input(&what))
}

fn print(folder: &RunFolder, results: &Results, format: ReportFormat) -> Result<Exit, String> {
    match format {
        ReportFormat::Text => print!("{}", summary(results)),
        ReportFormat::Json => return Ok(print_json(results)),
        ReportFormat::Junit => print!("{}", junit(results).map_err(|error| error.to_string())?),
        ReportFormat::Durations => print!("{}", durations(results)),
        ReportFormat::Markdown => print!("{}", markdown(results)),
        ReportFormat::Annotations => {
            let inputs = folder.inputs();
            let project = Project::load(&inputs)
                .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
            print!("{}", annotations(results, &project, &inputs));
        }
    }
    Ok(Exit::AsExpected)
}

/// How the traffic compared when the run was made, where it was: its events do not say it.
fn snapshots(folder: &RunFolder) -> Option<Counts> {
    let text = std::fs::read_to_string(folder.results()).ok()?;
    serde_json::from_str::<Results>(&text).ok()?.snapshots
}
