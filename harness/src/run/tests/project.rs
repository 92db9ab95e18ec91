use crate::input::Project;
use crate::model::Tier;
use crate::plan::{Filter, Plan, plan};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The recorded run that the fakes' play and their declarations are from.
pub(super) fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/tests/data/run")
}

/// The peers of [`SmallProject`].
pub(super) const PEERS: [&str; 2] = ["acorn", "birch"];
/// Its cases, in the order in which a pair runs them.
pub(super) const CASES: [&str; 3] = ["first", "second", "third"];

/// A checkout of two peers, which declare what the recorded one does, and of cases that are all the recorded call.
pub(super) struct SmallProject {
    root: TempDir,
    pub(super) project: Project,
}

impl SmallProject {
    /// Jobs of the case `short` have little time; those of the others have so much that a busy machine does not matter.
    pub(super) fn new(cases: &[&str], short: Option<&str>) -> SmallProject {
        let root = tempfile::tempdir().unwrap();
        let declared = std::fs::read_to_string(recorded().join("inputs/images/go/peer.yaml")).unwrap();
        for peer in PEERS {
            let folder = root.path().join("images").join(peer);
            std::fs::create_dir_all(&folder).unwrap();
            let declared = declared.replace("\nname: go\n", &format!("\nname: {peer}\n"));
            std::fs::write(folder.join("peer.yaml"), declared).unwrap();
        }
        let folder = root.path().join("cases");
        std::fs::create_dir_all(&folder).unwrap();
        let call = std::fs::read_to_string(recorded().join("inputs/cases/empty_unary.yaml")).unwrap();
        for case in cases {
            let timeout_ms = if Some(*case) == short { 2_000 } else { 60_000 };
            let call = call.replace("id: empty_unary\n", &format!("id: {case}\n"));
            let case_file = format!("{call}timeout_ms: {timeout_ms}\ntransports: [plaintext]\n");
            std::fs::write(folder.join(format!("{case}.yaml")), case_file).unwrap();
        }
        let project = Project::load(root.path()).unwrap();
        SmallProject { root, project }
    }

    pub(super) fn root(&self) -> &Path {
        self.root.path()
    }

    /// The cells of these clients and servers; of all where none are named.
    pub(super) fn plan(&self, clients: &[&str], servers: &[&str]) -> Plan {
        let globs = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let filter = Filter::new(&globs(clients), &globs(servers), &[], &[]).unwrap();
        plan(&self.project, Tier::Default, &filter).unwrap()
    }
}
