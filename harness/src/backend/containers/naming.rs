use crate::model::{PeerId, Side};
use bollard::query_parameters::{ListContainersOptions, ListContainersOptionsBuilder};
use std::collections::HashMap;

/// Label of containers and networks: the id of the run that made them.
pub const LABEL_RUN: &str = "interop.run";
/// Label of containers and networks: the folder of that run, whose lock tells whether it lives.
pub const LABEL_FOLDER: &str = "interop.folder";
/// Label of containers: `client` or `server`.
pub const LABEL_ROLE: &str = "interop.role";
/// Label of containers: the peer's name.
pub const LABEL_PEER: &str = "interop.peer";
/// Label of images: the peer's name, or `base`.
pub const LABEL_IMAGE: &str = "interop.image";

/// One container of a run.
pub(super) struct ContainerId<'a> {
    pub(super) run: &'a str,
    /// The run's folder.
    pub(super) folder: &'a str,
    pub(super) peer: &'a PeerId,
    pub(super) role: Side,
    /// How many of this peer and role were started before: a peer has a server for each server configuration.
    pub(super) earlier: usize,
}

impl ContainerId<'_> {
    /// `interop-<run>-<peer>-<role>`, from the second on with its number.
    pub(super) fn name(&self) -> String {
        let name = format!("interop-{}-{}-{}", plain(self.run), plain(self.peer.as_str()), self.role);
        match self.earlier {
            0 => name,
            earlier => format!("{name}-{}", earlier + 1),
        }
    }

    /// What the container calls itself: names are the engine's, host names only the network's, so this one needs no run id.
    pub(super) fn hostname(&self) -> String {
        format!("{}-{}", plain(self.peer.as_str()).replace(['_', '.'], "-"), self.role)
    }

    pub(super) fn labels(&self) -> [(&'static str, String); 4] {
        [
            (LABEL_RUN, self.run.to_owned()),
            (LABEL_FOLDER, self.folder.to_owned()),
            (LABEL_ROLE, self.role.to_string()),
            (LABEL_PEER, self.peer.to_string()),
        ]
    }
}

/// The name of a run's network.
pub(super) fn network_name(run: &str) -> String {
    format!("interop-{}", plain(run))
}

/// Filter for what has a label, or a label of that value.
pub(super) fn labelled(label: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![label.to_owned()])])
}

/// Filter for what belongs to one run.
pub(super) fn of_run(run: &str) -> HashMap<String, Vec<String>> {
    labelled(&format!("{LABEL_RUN}={run}"))
}

/// Containers in whatever state: one whose start failed stays in the state "created".
pub(super) fn containers_in_any_state(filter: &HashMap<String, Vec<String>>) -> ListContainersOptions {
    ListContainersOptionsBuilder::new().all(true).filters(filter).build()
}

/// Engines accept `[a-zA-Z0-9_.-]` in names.
fn plain(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    text.chars().map(|c| if fits(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(peer: &PeerId, earlier: usize) -> ContainerId<'_> {
        ContainerId { run: "20261123-1", folder: "/runs/1", peer, role: Side::Server, earlier }
    }

    #[test]
    fn names_tell_run_peer_and_role() {
        let go = PeerId::new("go");
        assert_eq!(server(&go, 0).name(), "interop-20261123-1-go-server");
        assert_eq!(server(&go, 1).name(), "interop-20261123-1-go-server-2");
        assert_eq!(network_name("a/b c"), "interop-a-b-c");
    }

    #[test]
    fn host_names_have_letters_digits_and_dashes_only() {
        assert_eq!(server(&PeerId::new("rust_tonic.0"), 0).hostname(), "rust-tonic-0-server");
    }

    #[test]
    fn labels_keep_what_names_cannot() {
        let peer = PeerId::new("go");
        let id = ContainerId { run: "a/b", folder: "/runs/1", peer: &peer, role: Side::Client, earlier: 0 };
        let expected = [(LABEL_RUN, "a/b"), (LABEL_FOLDER, "/runs/1"), (LABEL_ROLE, "client"), (LABEL_PEER, "go")];
        assert_eq!(id.labels(), expected.map(|(key, value)| (key, value.to_owned())));
        assert_eq!(of_run("a/b")["label"], ["interop.run=a/b"]);
    }
}
