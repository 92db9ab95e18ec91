//! The grpcio peer: what the binaries `client` and `server` are made of.

pub mod client;
pub mod codec;
pub mod describe;
pub mod proto;
pub mod server;

use grpcio::{ChannelBuilder, MetadataBuilder};

/// Largest message accepted, in bytes; C core's own limit is 4 MiB, and none for what is sent.
const MAX_MESSAGE_SIZE: i32 = 16 << 20;

/// Largest metadata accepted: 64 KiB, what base64 adds, and 32 bytes for each entry.
const MAX_METADATA_SIZE: i32 = 256 << 10;

/// Sets the limits of both roles.
fn with_limits(builder: ChannelBuilder) -> ChannelBuilder {
    builder
        .max_receive_message_len(MAX_MESSAGE_SIZE)
        // Newer cores know the second as well: from the first to it they refuse at random.
        .raw_cfg_int(c"grpc.max_metadata_size".to_owned(), MAX_METADATA_SIZE)
        .raw_cfg_int(c"grpc.absolute_max_metadata_size".to_owned(), MAX_METADATA_SIZE)
}

/// Chooses gzip for the messages of one call. grpcio has a setting for a whole channel only; this entry is how C core is
/// told by all libraries that wrap it, and it never leaves the process:
/// https://github.com/grpc/grpc/blob/v1.51.1/include/grpc/impl/codegen/compression_types.h
fn choose_gzip(headers: &mut MetadataBuilder) -> grpcio::Result<()> {
    headers.add_str("grpc-internal-encoding-request", "gzip")?;
    Ok(())
}
