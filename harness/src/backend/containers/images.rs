use super::base::Base;
use super::engine::Engine;
use super::error::engine_failed;
use super::naming::LABEL_IMAGE;
use crate::backend::command::{HostCommand, Progress};
use crate::backend::context::{digest, pack, peer_context};
use crate::backend::error::infra;
use crate::backend::{Artifact, BackendError, Failure, Guard};
use crate::model::Peer;
use bollard::errors::Error;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use tokio::sync::{OnceCell, Semaphore};

/// Where images are made from and written about, and how.
#[derive(Debug, Clone)]
pub struct ImagePlaces {
    /// The checkout: it has `images/base` and `proto`.
    pub root: PathBuf,
    /// Where whole build outputs are put.
    pub logs: PathBuf,
    /// Ends a build where the harness dies.
    pub guard: Guard,
}

/// Builds images, or finds them built: an image's tag is the hash of all it is made from. Images of other hashes are left alone.
#[derive(Debug)]
pub struct Images {
    pub(super) engine: Engine,
    pub(super) places: ImagePlaces,
    base: OnceCell<Base>,
    /// One for each peer whose image may be built at the same time.
    turns: Semaphore,
}

impl Images {
    /// Nothing is built yet.
    pub fn new(engine: Engine, places: ImagePlaces) -> Self {
        // Builds mostly compile and unpack: beyond one for each core they only hold each other up.
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self { engine, places, base: OnceCell::new(), turns: Semaphore::new(cores) }
    }

    /// The image of a peer in `folder`. May be asked for several peers at once: the base is made by the first, and as many
    /// build at the same time as there are cores, in the order in which they were asked for.
    pub async fn prepare(&self, peer: &Peer, folder: &Path, progress: Progress<'_>) -> Result<Artifact, BackendError> {
        if let Some(image) = &peer.image {
            return self.ready_made(image, progress).await;
        }
        let turn = self.turns.acquire().await;
        let _turn = turn.map_err(|error| infra(format!("the image of {} has no turn: {error}", peer.name)))?;
        let base = self.base(progress).await?;
        let context = pack(image_context, folder.to_owned(), self.places.root.join("proto")).await?;
        // A variant's image is told apart by its hash: `@` is not for names of images.
        let image = peer.name.base();
        let base = ("BASE", base.name.as_str());
        let variant = peer.build_args.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let arguments: Vec<(&str, &str)> = [base].into_iter().chain(variant).collect();
        let hashed = arguments.iter().skip(1).flat_map(|(key, value)| [*key, *value]);
        let parts: Vec<&[u8]> =
            [context.as_slice(), base.1.as_bytes()].into_iter().chain(hashed.map(str::as_bytes)).collect();
        let hash = digest(&parts);
        self.build(Build { image: image.as_str(), hash, context, arguments }, progress).await
    }

    /// What all images are built on.
    pub(super) async fn base(&self, progress: Progress<'_>) -> Result<&Base, BackendError> {
        self.base.get_or_try_init(|| Base::prepare(self, progress)).await
    }

    /// An image that somebody else made: here already, or pulled.
    async fn ready_made(&self, image: &str, progress: Progress<'_>) -> Result<Artifact, BackendError> {
        // A colon before the last slash belongs to a registry's port.
        let tagged = image.rsplit('/').next().is_some_and(|last| last.contains(':'));
        let name = if tagged { image.to_owned() } else { format!("{image}:latest") };
        if self.id(&name).await?.is_some() {
            return Ok(Artifact { name, cached: true });
        }
        progress(&format!("pulling {name}"));
        let pull = HostCommand {
            program: "docker".into(),
            args: ["--host", self.engine.host(), "pull", &name].map(OsString::from).to_vec(),
            folder: None,
            stdin: Vec::new(),
            log: self.places.logs.join("pull.log"),
            within: None,
        };
        let pulled = pull.run(&self.places.guard, progress).await?;
        match self.id(&name).await? {
            Some(_) => Ok(Artifact { name, cached: false }),
            None => {
                let what = format!("the image {name} is not here and cannot be pulled: {}", pulled.account());
                Err(BackendError { failure: Failure::Build, what })
            }
        }
    }

    pub(super) async fn build(&self, build: Build<'_>, progress: Progress<'_>) -> Result<Artifact, BackendError> {
        let Build { image, hash, context, arguments } = build;
        let name = format!("interop/{image}:{hash}");
        if self.id(&name).await?.is_some() {
            return Ok(Artifact { name, cached: true });
        }
        let command = HostCommand {
            program: "docker".into(),
            args: build_argv(self.engine.host(), image, &name, &arguments),
            folder: None,
            stdin: context,
            log: self.places.logs.join(format!("{image}-{hash}.log")),
            within: None,
        };
        let ended = command.run(&self.places.guard, progress).await?;
        if !ended.success() {
            let what = format!("the image of {image} does not build: {}", ended.account());
            return Err(BackendError { failure: Failure::Build, what });
        }
        match self.id(&name).await? {
            Some(_) => Ok(Artifact { name, cached: false }),
            // A buildx builder of its own keeps what it builds to itself.
            None => {
                Err(infra(format!("{name} was built but the engine lacks it; `docker buildx use default` may help")))
            }
        }
    }

    /// The id of an image the engine has.
    pub(super) async fn id(&self, name: &str) -> Result<Option<String>, BackendError> {
        match self.engine.docker().inspect_image(name).await {
            Ok(image) => Ok(image.id),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(error) => Err(engine_failed(format!("the image {name} cannot be read"), error)),
        }
    }
}

/// An image to be built.
pub(super) struct Build<'a> {
    /// The peer's name, or `base`.
    pub(super) image: &'a str,
    pub(super) hash: String,
    /// A tar.
    pub(super) context: Vec<u8>,
    /// Build arguments: what it is built on, and what makes it a variant.
    pub(super) arguments: Vec<(&'a str, &'a str)>,
}

fn build_argv(host: &str, image: &str, name: &str, arguments: &[(&str, &str)]) -> Vec<OsString> {
    let label = format!("{LABEL_IMAGE}={image}");
    // The classic builder keeps the container of a step that failed otherwise: --force-rm.
    let argv = ["--host", host, "build", "--force-rm", "--label", &label, "--tag", name];
    let arguments = arguments.iter().flat_map(|(key, value)| ["--build-arg".to_owned(), format!("{key}={value}")]);
    let argv = argv.into_iter().map(str::to_owned).chain(arguments).chain(["-".to_owned()]);
    argv.map(OsString::from).collect()
}

/// A peer's folder and the checkout's `proto`, as [`peer_context`] packs them; what becomes an image needs a Dockerfile.
fn image_context(folder: &Path, proto: &Path) -> Result<Vec<u8>, BackendError> {
    if !folder.join("Dockerfile").exists() {
        let what = format!("{} has no Dockerfile, and its peer.yaml no `image`", folder.display());
        return Err(BackendError { failure: Failure::Build, what });
    }
    peer_context(folder, proto)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_peer_needs_a_dockerfile_and_leaves_proto_to_us() {
        let (peer, proto) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(proto.path().join("a.proto"), "").unwrap();
        let error = image_context(peer.path(), proto.path()).unwrap_err();
        assert!(error.failure == Failure::Build && error.what.contains("no Dockerfile"), "{error}");
        fs::write(peer.path().join("Dockerfile"), "").unwrap();
        assert!(image_context(peer.path(), proto.path()).is_ok());
        fs::create_dir(peer.path().join("proto")).unwrap();
        let error = image_context(peer.path(), proto.path()).unwrap_err();
        assert!(error.failure == Failure::Build && error.what.contains("proto of its own"), "{error}");
    }

    #[test]
    fn the_contract_is_part_of_a_peers_hash() {
        let (peer, proto) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(peer.path().join("Dockerfile"), "").unwrap();
        fs::write(proto.path().join("a.proto"), "1").unwrap();
        let before = image_context(peer.path(), proto.path()).unwrap();
        fs::write(proto.path().join("a.proto"), "2").unwrap();
        assert_ne!(digest(&[&before]), digest(&[&image_context(peer.path(), proto.path()).unwrap()]));
    }
}
