use super::Exit;
use super::args::{ImagesArgs, RunArgs};
use super::commands::{backend_failed, bad_input, block_on, print_json, project};
use super::plan::make;

use crate::backend::containers::{Containers, ContainersConfig, Engine, ImagePlaces, Images};
use crate::input::Project;
use crate::model::Event;
use crate::plan::Plan;
use crate::report::{Progress, Results, results, summary};
use crate::run::{EventLog, Interrupt, READY, RunFolder, RunSettings, json_pretty, read_events, run as run_plan};
use futures::future::join_all;
use std::path::{Path, PathBuf};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Runs the matrix and prints what came of it.
pub(super) fn run(args: &RunArgs) -> Exit {
    let (root, project) = match project(&args.filter.foreign) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let plan = match make(&project, &args.filter) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    block_on_run(&root, &project, &plan, |folder| {
        finish(folder, |_, results| {
            if args.json {
                print_json(results);
            } else {
                print!("{}", summary(results));
            }
        })
    })
}

/// Runs a plan, and tells what came of it.
pub(super) fn block_on_run(root: &Path, project: &Project, plan: &Plan, tell: impl FnOnce(&RunFolder) -> Exit) -> Exit {
    if plan.cells.is_empty() {
        eprintln!("error: nothing to run: no cell is left; `interop plan` lists all cells");
        plan.absent.iter().for_each(|(reason, count)| eprintln!("{count} absent: {reason}"));
        return Exit::NothingRan;
    }
    block_on(async {
        match run_in_containers(root, project, plan).await {
            Ok(folder) => tell(&folder),
            Err(exit) => exit,
        }
    })
}

async fn run_in_containers(root: &Path, project: &Project, plan: &Plan) -> Result<RunFolder, Exit> {
    let run_id = run_id();
    // The folder's lock comes first: it is what tells others that this run is alive.
    let folder = RunFolder::create(root, &run_id).map_err(|error| infra(&error.to_string()))?;
    let config = ContainersConfig { run_id, folder: folder.path().to_owned(), images: places(root) };
    let backend = match Containers::connect(config).await {
        Ok(backend) => backend,
        Err(error) => {
            folder.discard();
            return Err(backend_failed(&error));
        }
    };
    let log = EventLog::create(&folder.events(), vec![Box::new(Progress::stderr())]);
    let log = log.map_err(|error| infra(&error.to_string()))?;
    folder.make_latest().map_err(|error| infra(&error.to_string()))?;
    let parallel = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let settings = RunSettings { root, project, plan, parallel, ready: READY };
    let ran = run_plan(&settings, &backend, &folder, &log, interrupts()).await;
    log.close().map_err(|error| infra(&format!("the event log could not be written: {error}")))?;
    match ran {
        Ok(()) => {}
        Err(error) => eprintln!("error: {error}"),
    }
    Ok(folder)
}

/// Makes a run's results from its events, writes them beside and prints them.
pub(super) fn finish(folder: &RunFolder, print: impl FnOnce(&[Event], &Results)) -> Exit {
    let events = match read_events(&folder.events()) {
        Ok(events) => events,
        Err(error) => return infra(&error.to_string()),
    };
    let results = results(&events);
    let written = json_pretty(&results).map_err(std::io::Error::from);
    if let Err(error) = written.and_then(|json| std::fs::write(folder.results(), json)) {
        return infra(&format!("{}: {error}", folder.results().display()));
    }
    print(&events, &results);
    eprintln!("{}", folder.path().display());
    Exit::of_run(&results)
}

pub(super) fn infra(what: &str) -> Exit {
    eprintln!("error: {what}");
    Exit::InfraError
}

/// The first Ctrl-C or SIGTERM lets a run end in order, the second ends the process.
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
            eprintln!("interrupted: ending the run in order; once more ends it at once");
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

/// Builds the images of all peers, or of those named.
pub(super) fn images(args: &ImagesArgs) -> Exit {
    let (root, project) = match project(&args.foreign) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let known: Vec<&str> = project.peers.iter().map(|folder| folder.peer.name.as_str()).collect();
    if let Some(unknown) = args.peers.iter().find(|name| !known.contains(&name.as_str())) {
        return bad_input(&format!("no peer `{unknown}`; there are {}", known.join(", ")));
    }
    block_on(build(root, &project, &args.peers))
}

pub(super) fn places(root: &Path) -> ImagePlaces {
    ImagePlaces { root: root.to_owned(), logs: RunFolder::all(root).join("builds") }
}

async fn build(root: PathBuf, project: &Project, only: &[String]) -> Exit {
    let images = match Engine::connect().await {
        Ok(engine) => Images::new(engine, places(&root)),
        Err(error) => return backend_failed(&error),
    };
    let wanted = |name: &str| only.is_empty() || only.iter().any(|peer| peer == name);
    let folders = project.peers.iter().filter(|folder| wanted(folder.peer.name.as_str()));
    let builds = folders.map(|folder| async {
        let name = &folder.peer.name;
        let progress = |line: &str| eprintln!("[{name}] {}", crate::report::escape(line));
        match images.prepare(&folder.peer, &folder.path, &progress).await {
            Ok(artifact) => {
                let how = if artifact.cached { "there already" } else { "built" };
                eprintln!("[{name}] {} {how}", artifact.name);
                Exit::AsExpected
            }
            Err(error) => backend_failed(&error),
        }
    });
    let exits = join_all(builds).await;
    exits.into_iter().find(|exit| *exit != Exit::AsExpected).unwrap_or(Exit::AsExpected)
}
