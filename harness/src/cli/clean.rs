use super::Exit;
use super::commands::{backend_failed, block_on, root};
use crate::backend::containers::{Engine, sweep};
use crate::report::plural;
use crate::run::RunFolder;

/// Removes what dead runs left on the engine.
pub(super) fn clean() -> Exit {
    let root = match root() {
        Ok(root) => root,
        Err(exit) => return exit,
    };
    block_on(async {
        let engine = match Engine::connect().await {
            Ok(engine) => engine,
            Err(error) => return backend_failed(&error),
        };
        match sweep(&engine, |run| RunFolder::is_live(&root, run)).await {
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
