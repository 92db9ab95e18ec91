use super::Exit;
use super::commands::{backend_failed, block_on};
use super::run::infra;
use crate::backend::containers::{Engine, sweep, sweep_scratch};
use crate::report::plural;
use crate::run::RunFolder;

/// Removes what dead runs left on the engine.
pub(super) fn clean() -> Exit {
    block_on(async {
        let engine = match Engine::connect().await {
            Ok(engine) => engine,
            Err(error) => return backend_failed(&error),
        };
        let scratch = match sweep_scratch(&std::env::temp_dir()) {
            Ok(scratch) => scratch,
            Err(error) => return infra(&format!("temporary folders: {error}")),
        };
        scratch.iter().for_each(|folder| println!("removed {}", folder.display()));
        match sweep(&engine, RunFolder::is_live).await {
            Ok(swept) => {
                for name in swept.containers.iter().chain(&swept.networks) {
                    println!("removed {name}");
                }
                let (containers, networks) = (swept.containers.len(), swept.networks.len());
                println!("{}, {} removed", plural(containers, "container"), plural(networks, "network"));
                Exit::AsExpected
            }
            Err(error) => backend_failed(&error),
        }
    })
}
