use super::args::{Cli, Command, FilterArgs, ForeignArgs, PeerCommand};
use super::output::Output;
use super::{
    Exit, bench, check, clean, diff, explain, guard, images, list, merge, plan, report, rerun, run, show, tap, upgrade,
    verify,
};
use crate::input::{InputError, Project, find_root};
use crate::run::json_pretty;
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

/// Parses the arguments, does what they say, and tells how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = match &cli.command {
        Command::Run(args) => run::run(args),
        Command::Plan(args) => plan::plan(args),
        Command::List(args) => list::list(args),
        Command::Show(args) => match &args.capture {
            Some(capture) => tap::show(capture, &Output::of(args)),
            None => show::show(args),
        },
        Command::Explain(args) => explain::explain(args),
        Command::Replay(args) => show::replay(args),
        Command::Report(args) => report::report(args),
        Command::Diff(args) => diff::diff(args),
        Command::Upgrade(args) => upgrade::upgrade(args),
        Command::Merge(args) => merge::merge(args),
        Command::Rerun(args) => rerun::rerun(args),
        Command::VerifyWire(args) => verify::verify(args),
        Command::Tap(args) => tap::tap(args),
        Command::Images(args) => images::images(args),
        Command::Peer(PeerCommand::Check(args)) => check::check(args),
        Command::Guard(args) => return guard::guard(args),
        Command::Clean => clean::clean(),
        Command::Bench => bench::bench(),
    };
    exit.into()
}

/// The checkout around the current folder.
pub(super) fn root() -> Result<PathBuf, Exit> {
    let here = std::env::current_dir().map_err(|error| bad_input(&format!("the current folder: {error}")))?;
    find_root(&here).map_err(|error| bad_input(&error.to_string()))
}

/// The checkout and what it says, with the peers from elsewhere taken in; every error of every file is printed.
pub(super) fn project(foreign: &ForeignArgs) -> Result<(PathBuf, Project), Exit> {
    let root = root()?;
    let mut project = Project::load(&root).map_err(|errors| bad_files(&root, &errors))?;
    let refused = foreign.peer.iter().filter_map(|folder| project.add_peer(folder).err()).collect::<Vec<_>>();
    if refused.is_empty() { Ok((root, project)) } else { Err(bad_files(&root, &refused)) }
}

/// The same with the variants of peers that filters name.
pub(super) fn filtered_project(args: &FilterArgs) -> Result<(PathBuf, Project), Exit> {
    let filter = args.filter().map_err(|error| bad_input(&error.to_string()))?;
    let (root, mut project) = project(&args.foreign)?;
    project.add_variants(|name| filter.names_variant(name));
    Ok((root, project))
}

fn bad_files(root: &std::path::Path, errors: &[InputError]) -> Exit {
    for error in errors {
        let path = error.path.strip_prefix(root).unwrap_or(&error.path).to_owned();
        eprintln!("error: {}", InputError { path, ..error.clone() });
    }
    Exit::BadInput
}

/// Prints what is wrong with the input.
pub(super) fn bad_input(what: &str) -> Exit {
    eprintln!("error: {what}");
    Exit::BadInput
}

/// Prints what the backend could not do.
pub(super) fn backend_failed(error: &crate::backend::BackendError) -> Exit {
    eprintln!("error: {error}");
    Exit::of_backend(error)
}

/// Prints JSON to standard output.
pub(super) fn print_json(value: &impl serde::Serialize) -> Exit {
    match json_pretty(value) {
        Ok(text) => {
            println!("{text}");
            Exit::AsExpected
        }
        Err(error) => {
            eprintln!("error: {error}");
            Exit::InfraError
        }
    }
}

/// A runtime for the commands that do I/O.
pub(super) fn block_on(work: impl Future<Output = Exit>) -> Exit {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => {
            eprintln!("error: no runtime: {error}");
            Exit::InfraError
        }
    }
}
