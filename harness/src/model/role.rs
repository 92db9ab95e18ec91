use super::{Side, Transport};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a server is set up. A run starts a server of its own for each setting that its cells need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerConfig {
    /// No TLS.
    Plaintext,
    /// TLS with a certificate that is good for [`SERVER_NAME`].
    Tls,
    /// TLS with a certificate like it that expired yesterday.
    Expired,
}

/// The name that clients ask TLS servers for, where a case says no other. The servers' certificates are for `*.test.google.fr`, as
/// those of the official interop suite, and for the server's own name.
pub const SERVER_NAME: &str = "foo.test.google.fr";

impl ServerConfig {
    /// What runs below HTTP/2.
    pub fn transport(self) -> Transport {
        match self {
            ServerConfig::Plaintext => Transport::Plaintext,
            ServerConfig::Tls | ServerConfig::Expired => Transport::Tls,
        }
    }

    /// The usual server for a transport.
    pub fn usual(transport: Transport) -> ServerConfig {
        match transport {
            Transport::Plaintext => ServerConfig::Plaintext,
            Transport::Tls => ServerConfig::Tls,
        }
    }
}

impl fmt::Display for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ServerConfig::Plaintext => "plaintext",
            ServerConfig::Tls => "tls",
            ServerConfig::Expired => "expired",
        })
    }
}

/// One of the programs that a run starts of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Its client, warm for the whole run.
    Client,
    /// Its server, set up so.
    Server(ServerConfig),
}

impl Role {
    /// Which of the two programs it is.
    pub fn side(self) -> Side {
        match self {
            Role::Client => Side::Client,
            Role::Server(_) => Side::Server,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Client => f.pad("client"),
            Role::Server(config) => f.pad(&format!("server.{config}")),
        }
    }
}
