//! Channels.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use grpcio::{Channel, ChannelBuilder, ChannelCredentialsBuilder, Environment};

use crate::{
    proto::interop::v1::{self as script, Tls, channel::Connect},
    with_limits,
};

/// Time for an eager channel to connect.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Where a script's channels lead, and how they are opened.
pub struct Target {
    environment: Arc<Environment>,
    address: SocketAddr,
    tls: Option<Tls>,
    connect: Connect,
}

impl Target {
    pub fn new(environment: Arc<Environment>, address: SocketAddr, channel: script::Channel) -> Result<Self> {
        let connect = Connect::try_from(channel.connect).context("connect")?;
        if let Some(Tls { ca_pem, server_name }) = &channel.tls {
            // C core takes both as C strings, and grpcio panics over a NUL in one.
            ensure!(!ca_pem.contains(&0) && !server_name.contains('\0'), "there is a NUL in the TLS settings");
        }
        Ok(Self { environment, address, tls: channel.tls, connect })
    }

    /// Opens a channel. It closes when its last clone is dropped.
    pub async fn open(&self) -> Result<Channel> {
        let mut builder = with_limits(ChannelBuilder::new(self.environment.clone()))
            .enable_retry(false)
            .enable_http_proxy(false)
            // Else channels with the same address and settings share one connection.
            .use_local_subchannel_pool(true);
        if let Some(Tls { ca_pem, server_name }) = &self.tls {
            let credentials = ChannelCredentialsBuilder::new().root_cert(ca_pem.clone()).build();
            // The name to verify, and with it SNI and :authority.
            builder = builder.set_credentials(credentials).override_ssl_target(server_name.as_str());
        }
        let channel = builder.connect(&self.address.to_string());
        if self.connect == Connect::Eager {
            ensure!(channel.wait_for_connected(CONNECT_LIMIT).await, "not connected after {CONNECT_LIMIT:?}");
        }
        Ok(channel)
    }
}
