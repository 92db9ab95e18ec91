//! README.md says what is so.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use interop::input::Project;
use interop::report::peer_table;
use std::path::Path;

const BEGIN: &str = "<!-- peers: made from images/*/peer.yaml, see harness/tests/readme.rs -->\n";
const END: &str = "<!-- end of peers -->";

/// With `INTEROP_UPDATE=1` the table is written anew.
#[test]
fn the_table_of_peers_is_what_their_files_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::load(root).unwrap();
    let table = peer_table(project.peers.iter().map(|folder| &folder.peer));
    let path = root.join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the table's beginning is marked");
    let (found, after) = rest.split_once(END).expect("the table's end is marked");
    if std::env::var_os("INTEROP_UPDATE").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(found, table, "README.md is behind images/*/peer.yaml: INTEROP_UPDATE=1 cargo test --test readme");
    }
}
