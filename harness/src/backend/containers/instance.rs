use super::error::engine_failed;
use super::exec::{Exec, ExecSpec};
use super::logs;
use super::naming::ContainerId;
use super::removal::remove_container;
use super::spec::{USER, argv, blame, restrict};
use crate::backend::archive::{Archive, Run, archive_path};
use crate::backend::error::infra;
use crate::backend::proxy::PROXY_VARIABLES;
use crate::backend::{BackendError, Failure, Instance, Job, Start};
use crate::model::Side;
use bollard::Docker;
use bollard::errors::Error;
use bollard::query_parameters::{InspectContainerOptions, UploadToContainerOptionsBuilder, WaitContainerOptions};
use futures::StreamExt;
use futures::future::BoxFuture;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use testcontainers::core::error::{ClientError, TestcontainersError};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, ContainerRequest, CopyTargetOptions, GenericImage, ImageExt};

/// A container that runs.
pub(super) struct ContainerInstance {
    docker: Docker,
    /// Until it is stopped.
    container: Mutex<Option<ContainerAsync<GenericImage>>>,
    name: String,
    address: SocketAddr,
    execs: AtomicUsize,
}

/// Where a container is started.
pub(super) struct Place<'a> {
    pub(super) docker: &'a Docker,
    pub(super) network: &'a str,
    /// Where files are put.
    pub(super) files: &'a Path,
    pub(super) id: ContainerId<'a>,
}

impl ContainerInstance {
    pub(super) async fn start(place: Place<'_>, start: Start<'_>) -> Result<Self, BackendError> {
        let Place { docker, .. } = place;
        let name = place.id.name();
        let image = &start.artifact.name;
        // testcontainers would ask a registry for it.
        docker.inspect_image(image).await.map_err(|error| {
            infra(format!("the image {image} is not to be had: {error}; `interop images` builds it"))
        })?;
        match Self::create(&place, start).await {
            Ok(instance) => Ok(instance),
            Err(error) => {
                // testcontainers leaves a container behind whose start failed: its guard is made after the start only.
                // What cannot be removed here has the run's label; the first error is the one to tell.
                let _ = remove_container(docker, &name).await;
                Err(error)
            }
        }
    }

    async fn create(place: &Place<'_>, start: Start<'_>) -> Result<Self, BackendError> {
        let docker = place.docker;
        let name = place.id.name();
        let (role, port) = (start.role, start.port);
        let (before, after) = match role {
            // It reads them as it starts. testcontainers has an upload for each file, and a server has two files at most.
            Side::Server => (start.files, Vec::new()),
            // It idles, so that they can come after: all in one upload.
            Side::Client => (Vec::new(), start.files),
        };
        let request = request(place, &start.artifact.name, argv(role, start.argv)?)?;
        let request = before.into_iter().try_fold(request, |request, (path, content)| {
            let target =
                CopyTargetOptions::new(format!("{}/{}", place.files.display(), relative(&path)?)).with_mode(0o644);
            Ok(request.with_copy_to(target, content))
        })?;
        let started = request.start().await.map_err(|error| start_failed(&name, &error))?;
        let ip = match upload(place, after).await {
            Ok(()) => address(docker, &name, place.network).await,
            Err(error) => Err(error),
        };
        match ip {
            Ok(ip) => {
                let container = Mutex::new(Some(started));
                Ok(Self {
                    docker: docker.clone(),
                    container,
                    name,
                    address: SocketAddr::new(ip, port),
                    execs: AtomicUsize::new(0),
                })
            }
            Err(error) => {
                let _ = remove(docker, started, &name).await;
                Err(error)
            }
        }
    }
}

impl Instance for ContainerInstance {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn exec(&self, argv: Vec<String>) -> BoxFuture<'_, Result<Box<dyn Job>, BackendError>> {
        Box::pin(async move {
            let spec = ExecSpec {
                docker: self.docker.clone(),
                container: self.name.clone(),
                number: self.execs.fetch_add(1, Ordering::Relaxed),
                argv,
            };
            Ok(Box::new(Exec::start(spec).await?) as Box<dyn Job>)
        })
    }

    fn ended(&self) -> BoxFuture<'_, String> {
        Box::pin(async move {
            let mut waiting = self.docker.wait_container(&self.name, None::<WaitContainerOptions>);
            let how = match waiting.next().await {
                Some(Ok(ended)) => format!("exit code {}", ended.status_code),
                // bollard takes a code other than 0 for an error.
                Some(Err(Error::DockerContainerWaitError { code, .. })) => format!("exit code {code}"),
                Some(Err(error)) => format!("it cannot be watched: {error}"),
                None => "it cannot be watched".to_owned(),
            };
            match logs::tail(&self.docker, &self.name).await {
                said if said.is_empty() => how,
                said => format!("{how}: {said}"),
            }
        })
    }

    fn stop(&self, log: PathBuf) -> BoxFuture<'_, Result<(), BackendError>> {
        Box::pin(async move {
            let container = self.container.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(container) = container else { return Ok(()) };
            let saved = logs::save(&self.docker, &self.name, &log).await;
            remove(&self.docker, container, &self.name).await?;
            saved
        })
    }
}

fn request(
    place: &Place<'_>,
    image: &str,
    (program, args): (String, Vec<String>),
) -> Result<ContainerRequest<GenericImage>, BackendError> {
    let (name, tag) = image.rsplit_once(':').ok_or_else(|| infra(format!("{image:?} is no image with a tag")))?;
    let (network, role) = (place.network.to_owned(), place.id.role);
    let request = GenericImage::new(name, tag)
        .with_entrypoint(&program)
        .with_cmd(args)
        .with_container_name(place.id.name())
        .with_hostname(place.id.hostname())
        .with_labels(place.id.labels())
        .with_user(USER)
        .with_host_config_modifier(move |host| restrict(host, &network, role));
    Ok(PROXY_VARIABLES.into_iter().fold(request, |request, variable| request.with_env_var(variable, "")))
}

fn start_failed(name: &str, error: &TestcontainersError) -> BackendError {
    let what = error.to_string();
    let ran = matches!(error, TestcontainersError::Client(ClientError::StartContainer(_)));
    let failure = if ran { blame(&what) } else { Failure::Infra };
    BackendError { failure, what: format!("{name} did not start: {what}") }
}

/// Where it is reached. A peer that ended already has no address.
async fn address(docker: &Docker, name: &str, network: &str) -> Result<IpAddr, BackendError> {
    let inspected = docker.inspect_container(name, None::<InspectContainerOptions>).await;
    let inspected = inspected.map_err(|error| engine_failed(format!("{name} cannot be read"), error))?;
    let state = inspected.state.unwrap_or_default();
    if state.running != Some(true) {
        let code = state.exit_code.map_or_else(|| "?".to_owned(), |code| code.to_string());
        let what = format!("{name} ended by itself with exit code {code}: {}", logs::tail(docker, name).await);
        return Err(BackendError { failure: Failure::Peer, what });
    }
    let networks = inspected.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    let ip = networks.get(network).and_then(|endpoint| endpoint.ip_address.as_deref()?.parse().ok());
    ip.ok_or_else(|| infra(format!("{name} has no address in the network {network}")))
}

async fn upload(place: &Place<'_>, files: Vec<(PathBuf, Vec<u8>)>) -> Result<(), BackendError> {
    let name = place.id.name();
    if files.is_empty() {
        return Ok(());
    }
    let mut archive = Archive::default();
    for (path, content) in files {
        archive.file(&relative(&place.files.join(path))?, content, Run::Data);
    }
    let tar = archive.tar().map_err(|error| infra(format!("files for {name} cannot be packed: {error}")))?;
    // Folders that are there keep their mode.
    let options = UploadToContainerOptionsBuilder::new().path("/").build();
    let uploaded = place.docker.upload_to_container(&name, Some(options), bollard::body_full(tar.into())).await;
    uploaded.map_err(|error| engine_failed(format!("files were not put into {name}"), error))
}

/// A path as archives have it, which begin at the root.
fn relative(path: &Path) -> Result<String, BackendError> {
    archive_path(path.strip_prefix("/").unwrap_or(path)).map_err(|error| infra(error.to_string()))
}

/// By testcontainers, so that its guard knows; where that fails because it is gone, that is as good.
async fn remove(docker: &Docker, container: ContainerAsync<GenericImage>, name: &str) -> Result<(), BackendError> {
    match container.rm().await {
        Ok(()) => Ok(()),
        Err(_) => remove_container(docker, name).await,
    }
}
