//! Generates the protobuf types with protox, so that no protoc is needed on the host, and keeps the descriptors, by which `show` reads
//! messages.

use std::error::Error;
use std::path::PathBuf;

const PROTOS: [&str; 5] = [
    "testing/messages.proto",
    "testing/test.proto",
    "interop/v1/script.proto",
    "interop/v1/observation.proto",
    "interop/v1/capture.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let mut protos = protox::Compiler::new(["proto"])?;
    protos.include_imports(true).open_files(PROTOS)?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    std::fs::write(out.join("proto.descriptors"), protos.encode_file_descriptor_set())?;
    prost_build::Config::new().bytes(["."]).include_file("proto.rs").compile_fds(protos.file_descriptor_set())?;
    Ok(())
}
