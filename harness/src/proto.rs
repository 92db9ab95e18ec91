//! Types generated from `proto/`: the test service's messages, the peer contract and the capture format.

mod generated {
    #![allow(missing_docs, unreachable_pub, clippy::all, reason = "generated; documented in proto/")]
    include!(concat!(env!("OUT_DIR"), "/proto.rs"));
}

/// `package grpc.testing`: messages of the standard interop services.
pub use generated::grpc::testing;
/// `package interop.v1`: Script and Observation (the peer contract) and the capture format.
pub use generated::interop::v1;

/// The descriptors of all of `proto/`: an encoded `FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/proto.descriptors"));
