use super::Exit;
use super::args::MergeArgs;
use super::commands::{bad_input, print_json, root};
use super::run::{finish, infra, run_id};
use super::show::warn;
use super::snapshots::{Compared, Pending, compare_replayed};
use crate::report::summary;
use crate::run::{MergeError, RunFolder, merge as merge_runs, replay};

/// Makes one run of the shards of one plan, and prints what came of it.
pub(super) fn merge(args: &MergeArgs) -> Exit {
    let root = match root() {
        Ok(root) => root,
        Err(exit) => return exit,
    };
    let shards: Result<Vec<RunFolder>, _> = args.runs.iter().map(|run| RunFolder::open(run)).collect();
    let shards = match shards {
        Ok(shards) => shards,
        Err(error) => return bad_input(&error.to_string()),
    };
    let folder = match RunFolder::create(&root, &run_id()) {
        Ok(folder) => folder,
        Err(error) => return infra(&error.to_string()),
    };
    match merge_runs(&shards, &folder) {
        Ok(gaps) => {
            for (shard, gaps) in shards.iter().zip(&gaps) {
                warn(shard, gaps);
            }
        }
        Err(error) => {
            folder.discard();
            return match error {
                MergeError::Folder(_) => infra(&error.to_string()),
                MergeError::Unlike { .. } | MergeError::Twice { .. } => bad_input(&error.to_string()),
            };
        }
    }
    if let Err(error) = folder.make_latest() {
        return infra(&error.to_string());
    }
    finish(
        &folder,
        |_| compared(&folder),
        |_, results| {
            if args.json {
                print_json(results);
            } else {
                print!("{}", summary(results));
            }
        },
    )
}

/// How the traffic of the whole compares. The shards have compared their parts, but what a run makes of its cells is not kept.
fn compared(folder: &RunFolder) -> Compared {
    match replay(folder, &folder.inputs()) {
        Ok(replay) => compare_replayed(replay, Pending::Tell),
        Err(error) => {
            eprintln!("warning: snapshots are not compared: {error}");
            Compared::default()
        }
    }
}
