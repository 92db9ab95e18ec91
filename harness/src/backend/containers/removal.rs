use super::engine::Engine;
use super::error::engine_failed;
use super::naming::{LABEL_FOLDER, LABEL_RUN, containers_in_any_state, labelled, of_run};
use crate::backend::BackendError;
use bollard::Docker;
use bollard::errors::Error;
use bollard::models::NetworkDisconnectRequest;
use bollard::query_parameters::{InspectNetworkOptions, ListNetworksOptionsBuilder, RemoveContainerOptionsBuilder};
use futures::future::join_all;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, interval};

/// How long a network may still have endpoints after its containers are gone.
const NETWORK_IN_USE: Duration = Duration::from_secs(10);
/// From when on endpoints do not leave by themselves.
const ENDPOINTS_STAY: Duration = Duration::from_secs(2);

/// What runs made on an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Names of containers.
    pub containers: BTreeSet<String>,
    /// Names of networks.
    pub networks: BTreeSet<String>,
}

/// Finds the containers and networks of all runs but those to keep, which is asked of their folders.
pub(super) async fn leftovers(engine: &Engine, keep: impl Fn(&Path) -> bool) -> Result<Leftovers, BackendError> {
    matching(engine.docker(), &labelled(LABEL_RUN), keep).await
}

/// Removes them, and tells what it removed.
pub async fn sweep(engine: &Engine, keep: impl Fn(&Path) -> bool) -> Result<Leftovers, BackendError> {
    let found = leftovers(engine, keep).await?;
    remove(engine.docker(), &found).await?;
    Ok(found)
}

/// Removes what one run made.
pub(super) async fn remove_run(docker: &Docker, run: &str) -> Result<(), BackendError> {
    remove(docker, &matching(docker, &of_run(run), |_| false).await?).await
}

async fn matching(
    docker: &Docker,
    filter: &HashMap<String, Vec<String>>,
    keep: impl Fn(&Path) -> bool,
) -> Result<Leftovers, BackendError> {
    let in_the_way = |labels: &Option<HashMap<String, String>>| {
        let folder = labels.as_ref().and_then(|labels| labels.get(LABEL_FOLDER));
        !folder.is_some_and(|folder| keep(Path::new(folder)))
    };
    let found = docker.list_containers(Some(containers_in_any_state(filter))).await;
    let found = found.map_err(|error| engine_failed("containers cannot be listed", error))?;
    let containers = found
        .into_iter()
        .filter(|container| in_the_way(&container.labels))
        .filter_map(|container| container.names.and_then(|names| names.into_iter().next()).or(container.id))
        .map(|name| name.trim_start_matches('/').to_owned())
        .collect();
    let options = ListNetworksOptionsBuilder::new().filters(filter).build();
    let found = docker.list_networks(Some(options)).await;
    let found = found.map_err(|error| engine_failed("networks cannot be listed", error))?;
    let networks =
        found.into_iter().filter(|network| in_the_way(&network.labels)).filter_map(|network| network.name).collect();
    Ok(Leftovers { containers, networks })
}

/// What can be removed is, whatever happens to the rest; the first error is told.
async fn remove(docker: &Docker, found: &Leftovers) -> Result<(), BackendError> {
    let containers = join_all(found.containers.iter().map(|name| remove_container(docker, name))).await;
    let networks = join_all(found.networks.iter().map(|name| remove_network(docker, name))).await;
    containers.into_iter().chain(networks).collect()
}

/// Kills and removes a container with its anonymous volumes; one that is gone, or being removed by another, is as good as removed.
pub(super) async fn remove_container(docker: &Docker, name: &str) -> Result<(), BackendError> {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    match docker.remove_container(name, Some(options)).await {
        Ok(()) => Ok(()),
        Err(Error::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
        Err(error) => Err(engine_failed(format!("the container {name} was not removed"), error)),
    }
}

/// A container that another removes keeps its place in the network for a moment, so a refusal is not the last word.
async fn remove_network(docker: &Docker, name: &str) -> Result<(), BackendError> {
    let began = Instant::now();
    let mut again = interval(Duration::from_millis(100));
    loop {
        again.tick().await;
        match docker.remove_network(name).await {
            Ok(()) => return Ok(()),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(()),
            Err(error) if began.elapsed() >= NETWORK_IN_USE => {
                return Err(engine_failed(format!("the network {name} was not removed"), error));
            }
            Err(_) if began.elapsed() >= ENDPOINTS_STAY => disconnect_all(docker, name).await,
            Err(_) => {}
        }
    }
}

/// Takes away the endpoints of a network. An engine may keep that of a container which is gone, and knows it by the container's name
/// only (<https://github.com/moby/moby/issues/33156>). Whether it helped is seen as the network is removed.
async fn disconnect_all(docker: &Docker, network: &str) {
    let inspected = docker.inspect_network(network, None::<InspectNetworkOptions>).await;
    let endpoints = inspected.ok().and_then(|network| network.containers).unwrap_or_default();
    for container in endpoints.into_values().filter_map(|endpoint| endpoint.name) {
        let request = NetworkDisconnectRequest { container, force: Some(true) };
        let _ = docker.disconnect_network(network, request).await;
    }
}
