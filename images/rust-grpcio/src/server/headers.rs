//! The initial metadata of responses.

use grpcio::{Metadata, MetadataBuilder, Result, RpcContext};

use crate::choose_gzip;

const ECHO: &str = "x-grpc-test-echo-initial";

/// What a call asks to have back in its initial metadata. What it asks to have in the trailing ones cannot be sent:
/// https://github.com/tikv/grpc-rs/issues/460
#[derive(Default)]
pub struct Headers {
    echo: Vec<String>,
}

impl Headers {
    pub fn of(ctx: &RpcContext<'_>) -> Self {
        let entries = ctx.request_headers().iter().filter(|(key, _)| *key == ECHO);
        Self { echo: entries.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect() }
    }

    /// The metadata for a response whose messages may be compressed or are not.
    pub fn build(&self, gzip: bool) -> Result<Metadata> {
        let mut headers = MetadataBuilder::new();
        for value in &self.echo {
            headers.add_str(ECHO, value)?;
        }
        if gzip {
            choose_gzip(&mut headers)?;
        }
        Ok(headers.build())
    }
}
