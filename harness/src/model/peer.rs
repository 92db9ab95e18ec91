use super::{CallKind, PeerId, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One gRPC implementation at one version. `images/<peer>/peer.yaml` has exactly this shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Version of the peer contract it speaks.
    pub contract: u32,
    /// Its folder's name.
    pub name: PeerId,
    /// Programming language.
    pub language: String,
    /// gRPC library.
    pub library: String,
    /// The library's version, as `--describe` prints it.
    pub version: String,
    /// Whose HTTP/2 it speaks: its own, or that of a core it is built on, with that one's version.
    #[serde(default)]
    pub core: String,
    /// The library's home.
    pub link: String,
    /// How its client is driven.
    pub driver: Driver,
    /// A ready image to run, in place of the one that the folder's Dockerfile makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The server's own certificate, where it takes none from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<BuiltInTls>,
    /// How it is built and run without an engine, where it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<Local>,
    /// The client.
    pub client: RoleSpec,
    /// The server.
    pub server: RoleSpec,
    /// What the library's API does not show to a client.
    #[serde(default)]
    pub blind: Vec<BlindSpot>,
    /// Features it lacks.
    #[serde(default)]
    pub unsupported: Vec<Unsupported>,
    /// Other builds of the same folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Of a variant: what its image is built with.
    #[serde(skip)]
    pub build_args: BTreeMap<String, String>,
}

/// Another build of a peer's folder, such as one with another version of the library. It is no peer of the matrix: a run has it where a
/// filter names it, as in `python@1.67.1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What stands behind the `@`.
    pub name: String,
    /// The library's version, as `--describe` prints it.
    pub version: String,
    /// Whose HTTP/2 it speaks, where that differs.
    #[serde(default)]
    pub core: Option<String>,
    /// Build arguments for the Dockerfile.
    pub build_args: BTreeMap<String, String>,
}

impl Peer {
    /// How one of its roles is started and what it can do.
    pub fn role(&self, role: Side) -> &RoleSpec {
        match role {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    /// The same, to be changed.
    pub fn role_mut(&mut self, role: Side) -> &mut RoleSpec {
        match role {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Its variants, each as a peer of its own.
    pub fn all_variants(&self) -> impl Iterator<Item = Peer> {
        self.variants.iter().map(|variant| Peer {
            name: PeerId::new(format!("{}@{}", self.name, variant.name)),
            version: variant.version.clone(),
            core: variant.core.clone().unwrap_or_else(|| self.core.clone()),
            build_args: variant.build_args.clone(),
            variants: Vec::new(),
            ..self.clone()
        })
    }

    /// Why a role lacks a feature; nothing if it has it.
    pub fn lacks(&self, role: Side, feature: &str) -> Option<&Unsupported> {
        self.unsupported.iter().find(|entry| entry.role == role && entry.feature == feature)
    }
}

/// How a client is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Driver {
    /// It interprets scripts and reports observations.
    Script,
    /// It has the flags of the official interop suite: one process a case, and an exit code.
    Official,
}

/// How a peer is built and run on the harness's own host. `{out}` in an argument is a folder that is kept from one build to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Local {
    /// The command that builds it, run in a copy of its folder with `proto` beside its files.
    pub build: Vec<String>,
    /// In place of the client's `command`.
    pub client: Vec<String>,
    /// In place of the server's `command`.
    pub server: Vec<String>,
}

/// The certificate that a server of the official suite has built in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BuiltInTls {
    /// The authority that signed it: a PEM file in the peer's folder.
    pub ca: String,
    /// A name it is good for.
    pub name: String,
}

/// How one role of a peer is started and what it can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// Program and leading arguments; with the driver `official` all arguments, and `{port}` and the like in them are filled in.
    pub command: Vec<String>,
    /// Features of this role, by the contract's names. With the driver `official` they are all that is not `unsupported`.
    #[serde(default)]
    pub features: Vec<String>,
}

/// Something a client cannot see because its library does not show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlindSpot {
    /// What is not shown.
    pub field: BlindField,
    /// On which kinds of call.
    pub calls: Vec<CallKind>,
    /// On which outcomes.
    pub when: When,
    /// Why.
    pub reason: String,
    /// Where that is documented.
    pub link: String,
}

/// A part of an observation that can be blind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlindField {
    /// Metadata at the start of the response.
    InitialMetadata,
    /// Metadata at its end.
    TrailingMetadata,
    /// The status.
    Status,
}

/// On which outcomes something is blind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Calls that end with OK.
    Ok,
    /// Calls that end with another status.
    Error,
    /// Calls that the client cancels.
    Cancelled,
    /// All calls.
    Always,
}

/// A feature that a role of a peer lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsupported {
    /// The contract's name of the feature.
    pub feature: String,
    /// Which role lacks it.
    pub role: Side,
    /// Why.
    pub reason: String,
    /// Where that is documented.
    pub link: String,
}
