use super::Exit;
use super::args::ImagesArgs;
use super::backend::places;
use super::commands::{backend_failed, bad_input, block_on, project};
use crate::backend::containers::{Engine, Images};
use crate::backend::{Artifact, BackendError};
use crate::input::{PeerFolder, Project};
use futures::future::join_all;
use std::path::{Path, PathBuf};

/// Builds the images of all peers, or of those named, and saves them; or loads them as they were saved.
pub(super) fn images(args: &ImagesArgs) -> Exit {
    let (root, project) = match project(&args.foreign) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let known: Vec<&str> = project.peers.iter().map(|folder| folder.peer.name.as_str()).collect();
    if let Some(unknown) = args.peers.iter().find(|name| !known.contains(&name.as_str())) {
        let hint = crate::input::hint(unknown, &known);
        return bad_input(&format!("no peer `{unknown}`{hint} (there are {})", known.join(", ")));
    }
    block_on(async {
        let done = match (&args.load, &args.save) {
            (Some(file), _) => load(root, file).await,
            (None, save) => build(root, &project, &args.peers, save.as_deref()).await,
        };
        done.unwrap_or_else(|error| backend_failed(&error))
    })
}

async fn connect(root: &Path) -> Result<Images, BackendError> {
    Ok(Images::new(Engine::connect().await?, places(root)?))
}

async fn load(root: PathBuf, file: &Path) -> Result<Exit, BackendError> {
    connect(&root).await?.load(file).await?;
    Ok(Exit::AsExpected)
}

async fn build(root: PathBuf, project: &Project, only: &[String], save: Option<&Path>) -> Result<Exit, BackendError> {
    let images = connect(&root).await?;
    let wanted = |name: &str| only.is_empty() || only.iter().any(|peer| peer == name);
    let folders = project.peers.iter().filter(|folder| wanted(folder.peer.name.as_str()));
    let built = join_all(folders.map(|folder| build_one(&images, folder))).await;
    // All that went wrong is told; the first decides the exit code.
    let mut failed = None;
    let mut artifacts = Vec::new();
    for built in built {
        match built {
            Ok(artifact) => artifacts.push(artifact),
            Err(error) => {
                let exit = backend_failed(&error);
                failed = failed.or(Some(exit));
            }
        }
    }
    match (failed, save) {
        (Some(exit), _) => Ok(exit),
        (None, Some(file)) => images.save(&artifacts, file).await.map(|()| Exit::AsExpected),
        (None, None) => Ok(Exit::AsExpected),
    }
}

async fn build_one(images: &Images, folder: &PeerFolder) -> Result<Artifact, BackendError> {
    let name = &folder.peer.name;
    let progress = |line: &str| eprintln!("[{name}] {}", crate::report::escape(line));
    let artifact = images.prepare(&folder.peer, &folder.path, &progress).await?;
    let how = if artifact.cached { "there already" } else { "built" };
    eprintln!("[{name}] {} {how}", artifact.name);
    Ok(artifact)
}
