use crate::backend::{BackendError, Failure};
use bollard::Docker;
use std::error::Error;
use std::fmt::{self, Display};
use std::io::ErrorKind;
use std::path::PathBuf;
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
        let place = Place::of_engine();
        if asks_for_tls(&place.host) && std::env::var_os("DOCKER_CERT_PATH").is_none() {
            // testcontainers panics over it ("cert path not found").
            return Err(no_engine(&place, "DOCKER_TLS_VERIFY or https asks for certificates", "set DOCKER_CERT_PATH"));
        }
        let docker = docker_client_instance().await.map_err(|error| unreachable_engine(&place, &error))?;
        let version = version(&docker, &place, ANSWERS_WITHIN).await?;
        Ok(Self { docker, host: place.host, version })
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

/// The version of an engine and of its API, if it answers in time and is new enough.
async fn version(docker: &Docker, place: &Place, within: Duration) -> Result<String, BackendError> {
    let version = match tokio::time::timeout(within, docker.version()).await {
        Err(_) => {
            let took = format!("it does not answer within {} s", within.as_secs());
            return Err(no_engine(place, &took, "restart the engine"));
        }
        Ok(answer) => answer.map_err(|error| unreachable_engine(place, &error))?,
    };
    let api = version.api_version.unwrap_or_default();
    new_enough(place, &api)?;
    Ok(format!("{} (API {api})", version.version.unwrap_or_default()))
}

/// Where an engine is looked for, and why there.
#[derive(Debug)]
struct Place {
    host: String,
    why: String,
}

impl Place {
    /// The address that testcontainers takes, which it does not tell. Its documented order:
    /// <https://rust.testcontainers.org/features/configuration/>.
    fn of_engine() -> Place {
        if let Ok(host) = std::env::var("DOCKER_HOST") {
            return Place { host, why: "as DOCKER_HOST says".to_owned() };
        }
        let sockets = usual_sockets();
        let tried = sockets.iter().map(|socket| socket.display().to_string()).collect::<Vec<_>>().join(", ");
        let socket = sockets.iter().find(|socket| socket.exists()).or(sockets.first());
        let host = format!("unix://{}", socket.map_or(String::new(), |socket| socket.display().to_string()));
        Place { host, why: format!("DOCKER_HOST is not set; the first that exists of {tried}") }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.host, self.why)
    }
}

fn usual_sockets() -> Vec<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let home = std::env::home_dir();
    let sockets = [
        Some(PathBuf::from("/var/run/docker.sock")),
        runtime.map(|dir| dir.join(".docker/run/docker.sock")),
        home.as_ref().map(|dir| dir.join(".docker/run/docker.sock")),
        home.as_ref().map(|dir| dir.join(".docker/desktop/docker.sock")),
    ];
    sockets.into_iter().flatten().collect()
}

fn asks_for_tls(host: &str) -> bool {
    let verify = std::env::var("DOCKER_TLS_VERIFY").is_ok_and(|value| value == "1");
    host.starts_with("https:") || (verify && (host.starts_with("tcp:") || host.starts_with("http:")))
}

fn new_enough(place: &Place, api: &str) -> Result<(), BackendError> {
    let parsed = api.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    match parsed {
        Some(version) if version >= OLDEST_API => Ok(()),
        _ => {
            let (major, minor) = OLDEST_API;
            let speaks = if api.is_empty() { "it does not say which API it speaks" } else { "it speaks API " };
            let why = format!("{speaks}{api}, {major}.{minor} is the oldest that will do");
            Err(no_engine(place, &why, "use Docker 20.10 or newer"))
        }
    }
}

fn unreachable_engine(place: &Place, error: &(dyn Error + 'static)) -> BackendError {
    match io_kind(error) {
        Some(ErrorKind::PermissionDenied) => {
            let next = "let this user use the engine (group docker), or set DOCKER_HOST to a rootless one";
            no_engine(place, "no permission", next)
        }
        Some(ErrorKind::NotFound | ErrorKind::ConnectionRefused) => no_engine(place, "nothing listens there", START_IT),
        _ if error.to_string().contains("Socket not found") => no_engine(place, "nothing listens there", START_IT),
        _ => no_engine(
            place,
            in_full(error),
            "check that this is a running engine, and DOCKER_HOST (unix, tcp or https)",
        ),
    }
}

const START_IT: &str = "start the engine, or set DOCKER_HOST (`docker context inspect` shows where others listen)";

/// What an error says, and what the one at its bottom does.
fn in_full(error: &(dyn Error + 'static)) -> String {
    let mut bottom = error.source();
    while let Some(deeper) = bottom.and_then(Error::source) {
        bottom = Some(deeper);
    }
    let (top, bottom) = (error.to_string(), bottom.map(ToString::to_string).unwrap_or_default());
    if top.contains(&bottom) { top } else { format!("{top}: {bottom}") }
}

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

/// Ends with the other way to see something run.
fn no_engine(place: &Place, why: impl Display, next: &str) -> BackendError {
    let what = format!("no container engine at {place}: {why}; {next}; or {WITHOUT}");
    BackendError { failure: Failure::NoEngine, what }
}

const WITHOUT: &str = "run the peers that build on this host with no engine: `make interop BACKEND=process`";

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] io::Error);

    fn place() -> Place {
        Place { host: "unix:///x.sock".to_owned(), why: "as DOCKER_HOST says".to_owned() }
    }

    fn told(kind: ErrorKind) -> String {
        let error = unreachable_engine(&place(), &Outer(io::Error::from(kind)));
        assert_eq!(error.failure, Failure::NoEngine);
        error.what
    }

    #[test]
    fn a_stopped_engine_and_a_forbidden_one_are_told_apart() {
        assert!(
            told(ErrorKind::ConnectionRefused)
                .contains("unix:///x.sock (as DOCKER_HOST says): nothing listens there; start the engine")
        );
        assert!(told(ErrorKind::NotFound).contains("nothing listens there"));
        assert!(told(ErrorKind::PermissionDenied).contains("no permission; let this user"));
        assert!(told(ErrorKind::TimedOut).contains("outer"));
        assert!(told(ErrorKind::NotFound).ends_with("`make interop BACKEND=process`"));
    }

    #[tokio::test]
    async fn an_engine_that_never_answers_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("silent.sock");
        let _silent = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let docker = Docker::connect_with_unix(socket.to_str().unwrap(), 60, bollard::API_DEFAULT_VERSION).unwrap();
        let error = version(&docker, &place(), Duration::from_millis(100)).await.unwrap_err();
        assert_eq!(error.failure, Failure::NoEngine);
        assert!(error.what.contains("it does not answer within 0 s; restart the engine"), "{error}");
    }

    #[test]
    fn an_old_api_is_refused() {
        for new in ["1.41", "1.100", "2.0"] {
            assert!(new_enough(&place(), new).is_ok());
        }
        for old in ["1.40", "1.9", "", "x"] {
            let error = new_enough(&place(), old).unwrap_err();
            assert_eq!(error.failure, Failure::NoEngine);
            assert!(error.what.contains("Docker 20.10"), "{}", error.what);
        }
    }
}
