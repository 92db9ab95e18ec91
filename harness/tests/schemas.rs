//! The schemas in `harness/schemas` are what the types say.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use interop::input::{case_schema, ledger_schema, peer_schema};
use interop::report::results_schema;
use interop::run::json_pretty;
use std::path::Path;

/// With `INTEROP_UPDATE=1` they are written anew.
#[test]
fn the_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/schemas");
    let schemas =
        [("case", case_schema()), ("peer", peer_schema()), ("ledger", ledger_schema()), ("results", results_schema())];
    for (name, schema) in schemas {
        let path = folder.join(format!("{name}.json"));
        let text = json_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("INTEROP_UPDATE").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, text).unwrap();
        } else {
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(found == text, "{name}.json is behind the types: INTEROP_UPDATE=1 cargo test --test schemas");
        }
    }
}
