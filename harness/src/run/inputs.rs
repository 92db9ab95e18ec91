use super::certificates::Certificates;
use super::scripts::{Files, client_files};
use super::{RunError, RunSettings};

/// What is made for one run: certificates, and the files for clients.
pub(super) struct Inputs {
    pub(super) certificates: Certificates,
    pub(super) files: Files,
}

impl Inputs {
    pub(super) fn make(settings: &RunSettings<'_>) -> Result<Inputs, RunError> {
        let unmade = |error: &dyn std::fmt::Display| {
            RunError::Unmade(format!("certificates and scripts cannot be made: {error}"))
        };
        let certificates = Certificates::mint().map_err(|error| unmade(&error))?;
        let cells = settings.plan.cells.iter().filter(|planned| planned.runs()).map(|planned| &planned.cell);
        let files = client_files(settings.project, cells, &certificates).map_err(|error| unmade(&error))?;
        Ok(Inputs { certificates, files })
    }
}
