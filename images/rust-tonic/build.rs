//! Generates the messages, stubs and service traits from `proto/`, without protoc.

use std::{error::Error, fs, path::Path};

const FILES: [&str; 3] = ["testing/test.proto", "interop/v1/script.proto", "interop/v1/observation.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    // In the image's build context proto/ stands beside this file, in a checkout at the root.
    let proto = ["proto", "../../proto"]
        .into_iter()
        .find(|folder| Path::new(folder).is_dir())
        .ok_or("there is neither ./proto nor ../../proto")?;
    println!("cargo::rerun-if-changed={proto}");
    tonic_prost_build::configure()
        // Methods the server leaves out answer UNIMPLEMENTED.
        .generate_default_stubs(true)
        // Bodies can then share one block of zeros.
        .bytes(".grpc.testing.Payload")
        .compile_fds(protox::compile(FILES, [proto])?)?;

    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = fs::read_to_string("Cargo.lock")?;
    let version = locked_version(&lock, "tonic").ok_or("Cargo.lock does not name tonic")?;
    println!("cargo::rustc-env=TONIC_VERSION={version}");
    Ok(())
}

/// The version of a package in a lock file, where it stands on the line after the name.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let (_, entry) = lock.split_once(&name)?;
    entry.trim_start().strip_prefix("version = \"")?.split('"').next()
}
