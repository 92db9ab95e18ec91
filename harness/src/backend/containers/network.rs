use super::engine::Engine;
use super::error::engine_failed;
use super::naming::{LABEL_FOLDER, LABEL_RUN, network_name};
use crate::backend::BackendError;
use crate::backend::error::infra;
use bollard::models::{NetworkCreateRequest, NetworkInspect};
use bollard::query_parameters::InspectNetworkOptions;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpListener;

/// The network of one run.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) name: String,
    /// The host's own address in it.
    pub(super) gateway: IpAddr,
}

impl Network {
    pub(super) async fn create(engine: &Engine, run: &str, folder: &str) -> Result<Self, BackendError> {
        let name = network_name(run);
        let request = NetworkCreateRequest {
            name: name.clone(),
            driver: Some("bridge".to_owned()),
            labels: Some(HashMap::from(
                [(LABEL_RUN, run), (LABEL_FOLDER, folder)].map(|(k, v)| (k.to_owned(), v.to_owned())),
            )),
            ..NetworkCreateRequest::default()
        };
        let created = engine.docker().create_network(request).await;
        created.map_err(|error| {
            // An engine has about thirty networks to give away.
            let next = "if it has no addresses left, `interop clean` removes the networks of runs that were killed";
            infra(format!("the network {name} was not created: {error}; {next}"))
        })?;
        match usable_gateway(engine, &name).await {
            Ok(gateway) => Ok(Self { name, gateway }),
            Err(error) => {
                // The first error is the one to tell; what cannot be removed is left to `interop clean`.
                let _ = engine.docker().remove_network(&name).await;
                Err(error)
            }
        }
    }
}

async fn usable_gateway(engine: &Engine, name: &str) -> Result<IpAddr, BackendError> {
    let inspected = engine.docker().inspect_network(name, None::<InspectNetworkOptions>).await;
    let network = inspected.map_err(|error| engine_failed(format!("the network {name} cannot be read"), error))?;
    let gateway = gateway_of(&network).ok_or_else(|| infra(format!("the network {name} has no gateway address")))?;
    TcpListener::bind(SocketAddr::new(gateway, 0)).await.map_err(|error| {
        let next = "taps must run on the machine of the engine, in its own network namespace";
        infra(format!("cannot listen on {gateway}, the gateway of the network {name}: {error}; {next}"))
    })?;
    Ok(gateway)
}

fn gateway_of(network: &NetworkInspect) -> Option<IpAddr> {
    let configs = network.ipam.as_ref()?.config.as_ref()?;
    configs.iter().find_map(|config| {
        // Some engines write the gateway with its prefix length.
        let gateway = config.gateway.as_deref()?;
        gateway.split('/').next()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::{Ipam, IpamConfig};

    fn network(gateways: &[Option<&str>]) -> NetworkInspect {
        let config =
            |gateway: &Option<&str>| IpamConfig { gateway: gateway.map(str::to_owned), ..IpamConfig::default() };
        let ipam = Ipam { config: Some(gateways.iter().map(config).collect()), ..Ipam::default() };
        NetworkInspect { ipam: Some(ipam), ..NetworkInspect::default() }
    }

    #[test]
    fn the_first_gateway_counts() {
        let expected = "172.18.0.1".parse().ok();
        assert_eq!(gateway_of(&network(&[None, Some("172.18.0.1"), Some("172.19.0.1")])), expected);
        assert_eq!(gateway_of(&network(&[Some("172.18.0.1/16")])), expected);
        assert_eq!(gateway_of(&network(&[])), None);
        assert_eq!(gateway_of(&NetworkInspect::default()), None);
    }
}
