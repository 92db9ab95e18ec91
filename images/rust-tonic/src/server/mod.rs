//! The server: the standard test service.

mod compression;
mod echo;
mod service;
mod trailers;

use std::future::Future;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tonic::{
    codec::CompressionEncoding,
    transport::{Server, ServerTlsConfig, server::TcpIncoming},
};
use tower::util::{MapRequestLayer, MapResponseLayer};

use crate::{MAX_HEADER_LIST_SIZE, MAX_MESSAGE_SIZE, proto::grpc::testing::test_service_server::TestServiceServer};

/// Calls that a connection may have at once: what the contract asks for.
const MAX_STREAMS: u32 = 100;

/// Serves until `shutdown` is ready and all connections have ended.
pub async fn serve(
    listener: TcpListener,
    tls: Option<ServerTlsConfig>,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let service = TestServiceServer::new(service::TestService)
        .max_decoding_message_size(MAX_MESSAGE_SIZE)
        .max_encoding_message_size(MAX_MESSAGE_SIZE)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
    let mut server =
        Server::builder().http2_max_header_list_size(MAX_HEADER_LIST_SIZE).max_concurrent_streams(MAX_STREAMS);
    if let Some(tls) = tls {
        server = server.tls_config(tls).context("TLS")?;
    }
    server
        .layer(MapRequestLayer::new(compression::observe))
        .layer(MapResponseLayer::new(trailers::append))
        .add_service(service)
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), shutdown)
        .await
        .context("cannot serve")
}
