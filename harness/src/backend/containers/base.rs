use super::images::{Build, Images};
use crate::backend::BackendError;
use crate::backend::archive::{Archive, Run};
use crate::backend::command::{HostCommand, Progress};
use crate::backend::context::{add_folder, digest, pack};
use crate::backend::error::infra;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The OS image that `images/base/bootstrap` makes.
const OWN_OS: &str = "interop/os:trixie";
/// The one that a registry has.
const PULLED_OS: &str = "debian:trixie-slim";
/// Where no registry answers, that may take long to show.
const PULLED_WITHIN: Duration = Duration::from_secs(60);
/// Debian's place for certificates that the machine's owner added.
const HOST_CERTIFICATES: &str = "/usr/local/share/ca-certificates";

/// The image that all peers are built on.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) name: String,
    /// The image that it is itself built on.
    pub(super) os: &'static str,
}

impl Base {
    pub(super) async fn prepare(images: &Images, progress: Progress<'_>) -> Result<Self, BackendError> {
        let (os, id) = operating_system(images, progress).await?;
        let folder = images.places.root.join("images/base");
        let context = pack(base_context, folder, PathBuf::from(HOST_CERTIFICATES)).await?;
        let hash = digest(&[&context, id.as_bytes()]);
        let build = Build { image: "base", hash, context, arguments: vec![("OS", os)] };
        Ok(Self { name: images.build(build, progress).await?.name, os })
    }
}

/// Name and id of Debian trixie: what is there, else what a registry has, else made here.
async fn operating_system(images: &Images, progress: Progress<'_>) -> Result<(&'static str, String), BackendError> {
    for os in [OWN_OS, PULLED_OS] {
        if let Some(id) = images.id(os).await? {
            return Ok((os, id));
        }
    }
    progress(&format!("pulling {PULLED_OS}"));
    let pull = HostCommand {
        program: "docker".into(),
        args: ["--host", images.engine.host(), "pull", PULLED_OS].map(OsString::from).to_vec(),
        folder: None,
        stdin: Vec::new(),
        log: images.places.logs.join("pull.log"),
        within: Some(PULLED_WITHIN),
    };
    let pulled = pull.run(&images.places.guard, progress).await?;
    if pulled.success()
        && let Some(id) = images.id(PULLED_OS).await?
    {
        return Ok((PULLED_OS, id));
    }
    progress(&format!("{PULLED_OS} cannot be pulled; making {OWN_OS}"));
    let bootstrap = HostCommand {
        program: images.places.root.join("images/base/bootstrap").into(),
        args: vec![OWN_OS.into()],
        folder: None,
        stdin: Vec::new(),
        log: images.places.logs.join("bootstrap.log"),
        within: None,
    };
    let made = bootstrap.run(&images.places.guard, progress).await?;
    match images.id(OWN_OS).await? {
        Some(id) if made.success() => Ok((OWN_OS, id)),
        _ => Err(infra(format!("{PULLED_OS} cannot be pulled and {OWN_OS} was not made: {}", made.account()))),
    }
}

/// The base's folder, with the host's extra certificates in `certs`.
fn base_context(folder: &Path, certificates: &Path) -> Result<Vec<u8>, BackendError> {
    let pack = || {
        let mut archive = Archive::default();
        add_folder(&mut archive, "", folder)?;
        archive.folder("certs");
        for (name, content) in host_certificates(certificates)? {
            archive.file(&format!("certs/{name}"), content, Run::Data);
        }
        archive.tar()
    };
    pack().map_err(|error: io::Error| infra(format!("the base image's context: {error}")))
}

fn host_certificates(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // What links lead to is wanted, not the link.
        if name.ends_with(".crt") && path.is_file() {
            found.push((name.to_owned(), fs::read(&path)?));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_certificates_are_part_of_the_base() {
        let (base, host) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(base.path().join("Dockerfile"), "").unwrap();
        let without = base_context(base.path(), &host.path().join("missing")).unwrap();
        fs::write(host.path().join("readme.txt"), "").unwrap();
        assert_eq!(without, base_context(base.path(), host.path()).unwrap());
        fs::write(host.path().join("proxy.crt"), "pem").unwrap();
        assert_ne!(without, base_context(base.path(), host.path()).unwrap());
        assert_eq!(host_certificates(host.path()).unwrap(), [("proxy.crt".to_owned(), b"pem".to_vec())]);
    }
}
