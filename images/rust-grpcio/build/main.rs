//! Generates the messages and the stubs from `proto/`, without protoc.

mod stubs;

use std::{error::Error, fs, path::Path};

const FILES: [&str; 3] = ["testing/test.proto", "interop/v1/script.proto", "interop/v1/observation.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    // In the image's build context proto/ stands in this folder, in a checkout at the root.
    let proto = ["proto", "../../proto"]
        .into_iter()
        .find(|folder| Path::new(folder).is_dir())
        .ok_or("there is neither ./proto nor ../../proto")?;
    println!("cargo::rerun-if-changed={proto}");
    prost_build::Config::new()
        .bytes([".grpc.testing.Payload"])
        .service_generator(Box::new(stubs::Generator))
        .compile_fds(protox::compile(FILES, [proto])?)?;

    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = fs::read_to_string("Cargo.lock")?;
    let version = locked_version(&lock, "grpcio").ok_or("Cargo.lock does not name grpcio")?;
    println!("cargo::rustc-env=GRPCIO_VERSION={version}");
    Ok(())
}

/// The version of a package in a lock file, where it stands on the line after the name.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let (_, entry) = lock.split_once(&name)?;
    entry.trim_start().strip_prefix("version = \"")?.split('"').next()
}
