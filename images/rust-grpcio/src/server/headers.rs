//! The metadata of requests, and the initial ones of responses.

use grpcio::{Error, Metadata, MetadataBuilder, Result, RpcContext};

use crate::choose_gzip;

const ECHO: &str = "x-grpc-test-echo-initial";

/// What a call asks to have back in its initial metadata. What it asks to have in the trailing ones cannot be sent:
/// https://github.com/tikv/grpc-rs/issues/460
pub fn echo(ctx: &RpcContext<'_>) -> Result<MetadataBuilder> {
    let mut headers = MetadataBuilder::new();
    for (key, value) in ctx.request_headers().iter() {
        if key == ECHO {
            // The library sends printable ASCII, and nothing else.
            let value = str::from_utf8(value).map_err(|error| Error::InvalidMetadata(format!("{key}: {error}")))?;
            headers.add_str(key, value)?;
        }
    }
    Ok(headers)
}

/// The user whom a call's bearer token authenticates. For these tests a token is its user's name.
pub fn username(ctx: &RpcContext<'_>) -> Option<String> {
    let (_, credentials) = ctx.request_headers().iter().find(|(key, _)| *key == "authorization")?;
    Some(str::from_utf8(credentials).ok()?.strip_prefix("Bearer ")?.to_owned())
}

/// The metadata of a call whose messages may be compressed, or are not.
pub fn finish(mut headers: MetadataBuilder, gzip: bool) -> Result<Metadata> {
    if gzip {
        choose_gzip(&mut headers)?;
    }
    Ok(headers.build())
}
