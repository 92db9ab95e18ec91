//! Generates the protobuf types with protox, so that no protoc is needed on the host.

use std::error::Error;

const PROTOS: [&str; 5] = [
    "testing/messages.proto",
    "testing/test.proto",
    "interop/v1/script.proto",
    "interop/v1/observation.proto",
    "interop/v1/capture.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let descriptors = protox::compile(PROTOS, ["proto"])?;
    prost_build::Config::new().bytes(["."]).include_file("proto.rs").compile_fds(descriptors)?;
    Ok(())
}
