//! The server: the standard test service.

mod end;
mod headers;
mod service;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use futures::future::{Either, select};
use futures_timer::Delay;
use grpcio::{ChannelBuilder, EnvBuilder, Server, ServerBuilder, ServerCredentials};

use crate::{proto::grpc::testing::create_test_service, with_limits};

/// Time for open calls to end, and then for cancelled ones; the process has to be gone within a second.
const GRACE: Duration = Duration::from_millis(400);

/// Calls that a connection may have at once: what the contract asks for. C core's own limit is none.
const MAX_STREAMS: i32 = 100;

/// Starts a server on all addresses, and tells its port: with 0 a free one is taken. It has a completion queue with its
/// thread for each processor.
pub fn start(port: u16, credentials: ServerCredentials) -> Result<(Server, u16)> {
    let environment = Arc::new(EnvBuilder::new().build());
    // Two servers could else share a port, and each get some of the connections.
    let builder = with_limits(ChannelBuilder::new(environment.clone())).max_concurrent_stream(MAX_STREAMS);
    let arguments = builder.reuse_port(false).build_args();
    let mut server = ServerBuilder::new(environment)
        .channel_args(arguments)
        .register_service(create_test_service(service::TestService))
        .build()?;
    // C core takes this to be all addresses of IPv4 too, and makes do with those where there is no IPv6.
    let bound = server.add_listening_port(format!("[::]:{port}"), credentials);
    let port = bound.with_context(|| format!("cannot listen on port {port}"))?;
    server.start();
    Ok((server, port))
}

/// Lets calls end, and cancels those that do not.
pub async fn stop(server: &mut Server) {
    let shutdown = select(server.shutdown(), Delay::new(GRACE)).await;
    if let Either::Right(((), shutdown)) = shutdown {
        server.cancel_all_calls();
        select(shutdown, Delay::new(GRACE)).await;
    }
}
