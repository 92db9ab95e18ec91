use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where peers run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackendKind {
    /// In containers, on an engine.
    #[default]
    Containers,
    /// As processes of this host: peers whose peer.yaml has a `local` section.
    Process,
}

impl BackendKind {
    /// Its name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            BackendKind::Containers => "containers",
            BackendKind::Process => "process",
        }
    }
}

impl FromStr for BackendKind {
    type Err = String;

    fn from_str(name: &str) -> Result<BackendKind, String> {
        let kinds = [BackendKind::Containers, BackendKind::Process];
        kinds.into_iter().find(|kind| kind.name() == name).ok_or_else(|| "there are containers and process".to_owned())
    }
}

impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
