//! Channels.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result};
use tokio::time::timeout;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use crate::{
    MAX_HEADER_LIST_SIZE,
    proto::interop::v1::{self as script, channel::Connect},
};

/// Time for an eager channel to connect.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Where a script's channels lead, and how they are opened.
pub struct Target {
    endpoint: Endpoint,
    connect: Connect,
}

impl Target {
    pub fn new(address: SocketAddr, channel: &script::Channel) -> Result<Self> {
        let scheme = if channel.tls.is_some() { "https" } else { "http" };
        let mut endpoint =
            Endpoint::from_shared(format!("{scheme}://{address}"))?.http2_max_header_list_size(MAX_HEADER_LIST_SIZE);
        if let Some(tls) = &channel.tls {
            let authority = format!("https://{}", tls.server_name)
                .parse()
                .with_context(|| format!("server name {:?}", tls.server_name))?;
            let config =
                ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&tls.ca_pem)).domain_name(&tls.server_name);
            endpoint = endpoint.tls_config(config).context("TLS")?.origin(authority);
        }
        let connect = Connect::try_from(channel.connect).context("connect")?;
        Ok(Self { endpoint, connect })
    }

    /// Opens a channel. It closes when its last clone is dropped.
    pub async fn open(&self) -> Result<Channel> {
        match self.connect {
            Connect::Lazy => Ok(self.endpoint.connect_lazy()),
            Connect::Eager => timeout(CONNECT_LIMIT, self.endpoint.connect())
                .await
                .with_context(|| format!("not connected after {CONNECT_LIMIT:?}"))?
                .context("cannot connect"),
        }
    }
}
