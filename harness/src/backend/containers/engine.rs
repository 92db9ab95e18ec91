use crate::backend::{BackendError, Failure};
use bollard::Docker;
use std::error::Error;
use std::fmt::Display;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;
use testcontainers::core::client::docker_client_instance;

/// The oldest API that is tried out: Docker 20.10.
const OLDEST_API: (u32, u32) = (1, 41);
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// A container engine that answers and is new enough.
#[derive(Debug, Clone)]
pub struct Engine {
    docker: Docker,
    host: String,
    version: String,
}

impl Engine {
    /// Connects to where `DOCKER_HOST` points, or to the first of the usual sockets.
    pub async fn connect() -> Result<Self, BackendError> {
        let host = engine_host();
        if asks_for_tls(&host) && std::env::var_os("DOCKER_CERT_PATH").is_none() {
            // testcontainers panics over it ("cert path not found").
            return Err(no_engine(&host, "DOCKER_TLS_VERIFY or https asks for certificates", "set DOCKER_CERT_PATH"));
        }
        let docker = docker_client_instance().await.map_err(|error| unreachable_engine(&host, &error))?;
        let version = match tokio::time::timeout(ANSWERS_WITHIN, docker.version()).await {
            Err(_) => {
                let took = format!("no answer within {} s", ANSWERS_WITHIN.as_secs());
                return Err(no_engine(&host, &took, "restart the engine"));
            }
            Ok(answer) => answer.map_err(|error| unreachable_engine(&host, &error))?,
        };
        let api = version.api_version.unwrap_or_default();
        new_enough(&host, &api)?;
        let version = format!("{} (API {api})", version.version.unwrap_or_default());
        Ok(Self { docker, host, version })
    }

    /// The engine's version and that of its API.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where it listens. The Docker command line is pointed to it: its own contexts may name another engine.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn docker(&self) -> &Docker {
        &self.docker
    }
}

/// The address that testcontainers takes, which it does not tell. Its documented order:
/// <https://rust.testcontainers.org/features/configuration/>.
fn engine_host() -> String {
    if let Ok(host) = std::env::var("DOCKER_HOST") {
        return host;
    }
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let home = std::env::home_dir();
    let sockets = [
        Some(PathBuf::from("/var/run/docker.sock")),
        runtime.map(|dir| dir.join(".docker/run/docker.sock")),
        home.as_ref().map(|dir| dir.join(".docker/run/docker.sock")),
        home.as_ref().map(|dir| dir.join(".docker/desktop/docker.sock")),
    ];
    let socket = sockets.into_iter().flatten().find(|socket| socket.exists());
    format!("unix://{}", socket.as_deref().unwrap_or(Path::new("/var/run/docker.sock")).display())
}

fn asks_for_tls(host: &str) -> bool {
    let verify = std::env::var("DOCKER_TLS_VERIFY").is_ok_and(|value| value == "1");
    host.starts_with("https:") || (verify && (host.starts_with("tcp:") || host.starts_with("http:")))
}

fn new_enough(host: &str, api: &str) -> Result<(), BackendError> {
    let parsed = api.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    match parsed {
        Some(version) if version >= OLDEST_API => Ok(()),
        _ => {
            let (major, minor) = OLDEST_API;
            let why = format!("it speaks API {api:?}, {major}.{minor} is the oldest that will do");
            Err(no_engine(host, &why, "use Docker 20.10 or newer"))
        }
    }
}

fn unreachable_engine(host: &str, error: &(dyn Error + 'static)) -> BackendError {
    match io_kind(error) {
        Some(ErrorKind::PermissionDenied) => {
            let next = "let this user use the engine (group docker), or set DOCKER_HOST to a rootless one";
            no_engine(host, "no permission", next)
        }
        Some(ErrorKind::NotFound | ErrorKind::ConnectionRefused) => no_engine(host, "nothing listens there", START_IT),
        _ if error.to_string().contains("Socket not found") => no_engine(host, "nothing listens there", START_IT),
        _ => no_engine(host, error.to_string(), "check that the engine runs, and DOCKER_HOST (unix, tcp or https)"),
    }
}

const START_IT: &str = "start the engine, or set DOCKER_HOST (`docker context inspect` shows where others listen)";

/// The kind of the input or output error at the bottom, if there is one.
fn io_kind(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    let mut next = Some(error);
    let mut kind = None;
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            kind = Some(io.kind());
        }
        next = error.source();
    }
    kind
}

fn no_engine(host: &str, why: impl Display, next: &str) -> BackendError {
    BackendError { failure: Failure::NoEngine, what: format!("no container engine at {host}: {why}; {next}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] io::Error);

    fn told(kind: ErrorKind) -> String {
        let error = unreachable_engine("unix:///x.sock", &Outer(io::Error::from(kind)));
        assert_eq!(error.failure, Failure::NoEngine);
        error.what
    }

    #[test]
    fn a_stopped_engine_and_a_forbidden_one_are_told_apart() {
        assert!(told(ErrorKind::ConnectionRefused).contains("unix:///x.sock: nothing listens there; start the engine"));
        assert!(told(ErrorKind::NotFound).contains("nothing listens there"));
        assert!(told(ErrorKind::PermissionDenied).contains("no permission; let this user"));
        assert!(told(ErrorKind::TimedOut).contains("outer"));
    }

    #[test]
    fn an_old_api_is_refused() {
        assert!(new_enough("h", "1.41").is_ok());
        assert!(new_enough("h", "1.100").is_ok());
        assert!(new_enough("h", "2.0").is_ok());
        for old in ["1.40", "1.9", "", "x"] {
            let error = new_enough("h", old).unwrap_err();
            assert_eq!(error.failure, Failure::NoEngine);
            assert!(error.what.contains("Docker 20.10"), "{}", error.what);
        }
    }
}
