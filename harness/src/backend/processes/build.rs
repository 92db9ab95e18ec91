use crate::backend::command::{HostCommand, Progress};
use crate::backend::context::{digest, pack, peer_context};
use crate::backend::error::infra;
use crate::backend::{Artifact, BackendError, Failure, Guard};
use crate::model::{Peer, PeerId};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Builds peers on this host, each in a folder of its own, or finds them built.
#[derive(Debug)]
pub(super) struct Builds {
    /// The checkout.
    pub(super) root: PathBuf,
    pub(super) guard: Guard,
}

/// Where a peer's build has its folder, which is kept from one run to the next.
fn home(root: &Path, peer: &PeerId) -> PathBuf {
    root.join("target/interop/local").join(peer.as_str())
}

/// What `{out}` stands for in a `local` section: where the build is to put its outputs.
pub fn out(root: &Path, peer: &PeerId) -> PathBuf {
    home(root, peer).join("out")
}

impl Builds {
    /// Builds a peer from the same files as its image, unless the last build was from the same.
    pub(super) async fn prepare(
        &self,
        peer: &Peer,
        folder: &Path,
        progress: Progress<'_>,
    ) -> Result<Artifact, BackendError> {
        let name = &peer.name;
        let refused = |what: String| BackendError { failure: Failure::Build, what };
        let local = peer.local.as_ref().ok_or_else(|| refused(format!("{name}'s peer.yaml has no `local`")))?;
        let home = home(&self.root, name);
        let context = pack(peer_context, folder.to_owned(), self.root.join("proto")).await?;
        let hash = digest(&[&context]);
        let artifact = |cached| Artifact { name: format!("{}:{hash}", home.display()), cached };
        // Held until the build is over: runs side by side share it.
        let _lock = lock(&home).await.map_err(|error| infra(format!("{}: {error}", home.display())))?;
        let built = home.join("built");
        if fs::read_to_string(&built).is_ok_and(|built| built == hash) {
            return Ok(artifact(true));
        }
        let [program, args @ ..] = &local.build[..] else {
            return Err(refused(format!("{name}'s `local` has an empty `build`")));
        };
        let sources = home.join("context");
        unpack(&context, &sources, &built).map_err(|error| infra(format!("{}: {error}", sources.display())))?;
        let command = HostCommand {
            program: program.into(),
            args: args.iter().map(OsString::from).collect(),
            folder: Some(sources),
            stdin: Vec::new(),
            log: home.join("build.log"),
            within: None,
        };
        let ended = command.run(&self.guard, progress).await?;
        if !ended.success() {
            return Err(refused(format!("{name} does not build on this host: {}", ended.account())));
        }
        fs::write(&built, &hash).map_err(|error| infra(format!("{}: {error}", built.display())))?;
        Ok(artifact(false))
    }
}

async fn lock(home: &Path) -> io::Result<File> {
    fs::create_dir_all(home)?;
    let file = File::create(home.join("lock"))?;
    tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await?
}

/// Puts the sources where they are built, in place of those of the last build. Their time is now: a build tool that goes by
/// times takes what is older than its last build for unchanged.
fn unpack(context: &[u8], sources: &Path, built: &Path) -> io::Result<()> {
    for gone in [fs::remove_file(built), fs::remove_dir_all(sources)] {
        gone.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    }
    let mut archive = tar::Archive::new(context);
    archive.set_preserve_mtime(false);
    archive.unpack(sources)
}
