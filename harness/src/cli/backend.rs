use crate::backend::containers::{Containers, ContainersConfig, ImagePlaces};
use crate::backend::processes::{Processes, ProcessesConfig};
use crate::backend::{Backend, BackendError, Failure, Guard};
use crate::model::BackendKind;
use crate::run::RunFolder;
use std::path::Path;

/// The backend that was asked for, for the run of this folder.
pub(super) async fn connect(
    root: &Path,
    folder: &RunFolder,
    kind: BackendKind,
) -> Result<Box<dyn Backend>, BackendError> {
    let path = folder.path().to_owned();
    Ok(match kind {
        BackendKind::Containers => {
            let (run_id, is_live) = (folder.run().to_owned(), RunFolder::is_live as fn(&Path) -> bool);
            let config = ContainersConfig { run_id, folder: path, images: places(root)?, is_live };
            Box::new(Containers::connect(config).await?)
        }
        BackendKind::Process => {
            Box::new(Processes::new(ProcessesConfig { root: root.to_owned(), folder: path, guard: guard()? })?)
        }
    })
}

/// Where images are made, of a checkout.
pub(super) fn places(root: &Path) -> Result<ImagePlaces, BackendError> {
    Ok(ImagePlaces { root: root.to_owned(), logs: RunFolder::all(root).join("builds"), guard: guard()? })
}

fn guard() -> Result<Guard, BackendError> {
    let unknown = |error| format!("the path of this program is not to be had: {error}");
    Guard::current().map_err(|error| BackendError { failure: Failure::Infra, what: unknown(error) })
}
