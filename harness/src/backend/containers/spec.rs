use crate::backend::{BackendError, Failure};
use crate::model::Side;
use bollard::models::{HostConfig, HostConfigLogConfig};
use std::collections::HashMap;

/// The user `peer` of `images/base`, by number: it holds whatever an image's Dockerfile says.
pub(super) const USER: &str = "10001:10001";

/// A client's container has a process for each pair that runs at once, and a case of a thousand large calls at once takes most of a GiB.
const MEMORY: i64 = 4 << 30;
/// Threads count: some libraries take two a call, and a case may have a thousand calls at once.
const PROCESSES: i64 = 16_384;

/// What a container's own process is.
pub(super) fn argv(role: Side, argv: Vec<String>) -> Result<(String, Vec<String>), BackendError> {
    let argv = match role {
        Side::Client => vec!["sleep".to_owned(), "infinity".to_owned()],
        Side::Server => argv,
    };
    let mut argv = argv.into_iter();
    match argv.next() {
        Some(program) => Ok((program, argv.collect())),
        None => Err(BackendError { failure: Failure::Peer, what: "a server without a command".to_owned() }),
    }
}

/// Limits, and no rights. The root file system stays writable, because an engine puts no files into a container whose root
/// is read-only; a user without rights writes to `/tmp` and the like only.
pub(super) fn restrict(host: &mut HostConfig, network: &str, role: Side) {
    host.cap_drop = Some(vec!["ALL".to_owned()]);
    host.security_opt = Some(vec!["no-new-privileges".to_owned()]);
    host.memory = Some(MEMORY);
    host.memory_swap = Some(MEMORY);
    host.pids_limit = Some(PROCESSES);
    // testcontainers publishes all ports otherwise.
    host.publish_all_ports = Some(false);
    // Not by testcontainers' `with_network`, which makes a network without labels where the named one has gone.
    host.network_mode = Some(network.to_owned());
    // A client's execs leave orphans to the first process. A server is the first process itself, so that the engine says at once
    // that its program is missing.
    host.init = Some(role == Side::Client);
    // Logs are read back, which not all drivers can, and a chatty peer must not fill the disk.
    let limits = [("max-size", "64m"), ("max-file", "1")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    host.log_config =
        Some(HostConfigLogConfig { typ: Some("json-file".to_owned()), config: Some(HashMap::from(limits)) });
}

/// Whose fault a failed start is: the engine's run-time could not run the peer's program, or anything else.
pub(super) fn blame(message: &str) -> Failure {
    let not_run = ["executable file not found", "no such file or directory", "permission denied", "exec format error"];
    let runtime = message.contains("OCI runtime") || message.contains("runc");
    if runtime && not_run.iter().any(|cause| message.contains(cause)) { Failure::Peer } else { Failure::Infra }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_idles_and_a_server_needs_a_command() {
        let idle = argv(Side::Client, vec!["ignored".to_owned()]).unwrap();
        assert_eq!(idle, ("sleep".to_owned(), vec!["infinity".to_owned()]));
        let server = argv(Side::Server, ["s", "--port=1"].map(str::to_owned).to_vec()).unwrap();
        assert_eq!(server, ("s".to_owned(), vec!["--port=1".to_owned()]));
        assert_eq!(argv(Side::Server, Vec::new()).unwrap_err().failure, Failure::Peer);
    }

    #[test]
    fn nothing_is_published_and_no_right_is_left() {
        let mut host = HostConfig { publish_all_ports: Some(true), ..HostConfig::default() };
        restrict(&mut host, "net", Side::Server);
        assert_eq!(host.publish_all_ports, Some(false));
        assert_eq!(host.cap_drop.as_deref(), Some(["ALL".to_owned()].as_slice()));
        assert_eq!((host.memory, host.memory_swap), (Some(MEMORY), Some(MEMORY)));
        assert_eq!((host.network_mode.as_deref(), host.init), (Some("net"), Some(false)));
    }

    #[test]
    fn a_missing_program_is_the_peers_fault_and_a_full_disk_is_not() {
        let missing = "OCI runtime create failed: container_linux.go:380: starting container process caused: exec: \"/nope\": \
            stat /nope: no such file or directory: unknown";
        assert_eq!(blame(missing), Failure::Peer);
        assert_eq!(blame("OCI runtime create failed: no space left on device"), Failure::Infra);
        assert_eq!(blame("network x: no such file or directory"), Failure::Infra);
    }
}
