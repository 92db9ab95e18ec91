use super::Exit;
use super::args::RunArgs;
use super::backend::connect;
use super::commands::{backend_failed, block_on, filtered_project, print_json};
use super::plan::make;
use super::snapshots::{Compared, Pending, compare};
use crate::backend::processes::out;
use crate::input::Project;
use crate::model::{BackendKind, Event};
use crate::plan::Plan;
use crate::report::{Progress, Results, results, summary};
use crate::run::{
    EventLog, Forms, Interrupt, Limits, RunError, RunFolder, RunSettings, json_pretty, pairs_at_once, read_events,
    run as run_plan,
};
use std::path::Path;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Runs the matrix and prints what came of it.
pub(super) fn run(args: &RunArgs) -> Exit {
    let (root, mut project) = match filtered_project(&args.filter) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let pending = match Pending::of(&args.pending) {
        Ok(pending) => pending,
        Err(exit) => return exit,
    };
    let backend = args.backend.kind;
    let plan = match make(&project, &args.filter, backend) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    // Said before anything runs.
    if let Err(exit) = pending.check(plan.is_unfiltered() && backend == BackendKind::Containers) {
        return exit;
    }
    let how = How { backend, repeat: args.repeat };
    block_on_run(&root, &mut project, &plan, how, |Ran { folder, forms, .. }, project| {
        let compared = |events: &[Event]| compare((&root, project), events, forms.all(), pending);
        finish(&folder, compared, |_, results| {
            if args.json {
                print_json(results);
            } else {
                print!("{}", summary(results));
            }
        })
    })
}

/// How a plan is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    pub(super) backend: BackendKind,
    /// How often each cell is run.
    pub(super) repeat: u32,
}

/// Runs a plan, and tells what came of it.
pub(super) fn block_on_run(
    root: &Path,
    project: &mut Project,
    plan: &Plan,
    how: How,
    tell: impl FnOnce(Ran, &Project) -> Exit,
) -> Exit {
    if plan.cells.is_empty() {
        eprintln!("error: nothing to run: no cell is left; `interop plan` lists all cells");
        plan.absent.iter().for_each(|(reason, count)| eprintln!("{count} absent: {reason}"));
        return Exit::NothingRan;
    }
    if how.backend == BackendKind::Process {
        project.on_this_host(|peer| out(root, peer));
    }
    block_on(async {
        match run_on(root, project, plan, how).await {
            Ok(ran) => {
                let beside = ran.beside;
                tell(ran, project).and(beside)
            }
            Err(exit) => exit,
        }
    })
}

/// What a run left.
pub(super) struct Ran {
    pub(super) folder: RunFolder,
    /// The normal forms of the cells that passed.
    pub(super) forms: Forms,
    /// What went wrong beside its cells.
    beside: Exit,
}

/// Runs a plan.
async fn run_on(root: &Path, project: &Project, plan: &Plan, how: How) -> Result<Ran, Exit> {
    // The folder's lock comes first: it is what tells others that this run is alive.
    let folder = RunFolder::create(root, &run_id()).map_err(|error| infra(&error.to_string()))?;
    let log = EventLog::create(&folder.events(), vec![Box::new(Progress::stderr())]);
    let log = log.map_err(|error| infra(&error.to_string()))?;
    // From here on there is something to end in order.
    let interrupt = interrupts();
    let backend = match connect(root, &folder, how.backend).await {
        Ok(backend) => backend,
        Err(error) => {
            folder.discard();
            return Err(backend_failed(&error));
        }
    };
    if let Err(error) = folder.make_latest() {
        // The first error is the one to tell; what cannot be removed is left to `interop clean`.
        let _ = backend.finish().await;
        return Err(infra(&error.to_string()));
    }
    let (parallel, limits, repeat) = (pairs_at_once(), Limits::default(), how.repeat);
    let forms = Forms::default();
    let settings = RunSettings { root, project, plan, parallel, limits, repeat, forms: &forms };
    let ran = run_plan(&settings, backend.as_ref(), &folder, &log, interrupt).await;
    // Without its events a run has no verdicts to show.
    log.close().map_err(|error| infra(&format!("the event log could not be written: {error}")))?;
    let beside = match ran {
        Ok(()) => Exit::AsExpected,
        Err(RunError::Backend(error)) => infra(&error.to_string()),
        Err(error) => return Err(infra(&format!("the run cannot begin: {error}"))),
    };
    Ok(Ran { folder, forms, beside })
}

/// Makes a run's results from its events and from how its traffic compares, writes them beside and prints them.
pub(super) fn finish(
    folder: &RunFolder,
    compared: impl FnOnce(&[Event]) -> Compared,
    print: impl FnOnce(&[Event], &Results),
) -> Exit {
    let events = match read_events(&folder.events()) {
        Ok(events) => events,
        Err(error) => return infra(&error.to_string()),
    };
    let mut results = results(&events);
    let compared = compared(&events);
    results.snapshots.clone_from(&compared.counts);
    let written = json_pretty(&results).map_err(std::io::Error::from);
    let written = written.and_then(|json| std::fs::write(folder.results(), json));
    print(&events, &results);
    if let Err(error) = written {
        return infra(&format!("{}: {error}", folder.results().display()));
    }
    compared.tell();
    eprintln!("{}", folder.path().display());
    Exit::of_run(&results).and(compared.beside)
}

pub(super) fn infra(what: &str) -> Exit {
    eprintln!("error: {what}");
    Exit::InfraError
}

/// The first Ctrl-C or SIGTERM lets a run finish the cells it is at, the second ends the process.
pub(super) fn interrupts() -> Interrupt {
    let (send, receive) = watch::channel(false);
    tokio::spawn(async move {
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
        while let Ok(()) = tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        } {
            if *send.borrow() {
                std::process::exit(Exit::Interrupted.number().into());
            }
            eprintln!("interrupted: what runs is finished and the rest is left; once more ends it at once");
            send.send_replace(true);
        }
    });
    receive
}

/// Ids sort by age and name no two runs of one machine.
pub(super) fn run_id() -> String {
    let now = jiff::Timestamp::now();
    format!("{}-{}", now.strftime("%Y%m%d-%H%M%S"), std::process::id())
}
