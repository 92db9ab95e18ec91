use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $type(String);

        impl $type {
            /// A name as written.
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether it is a slug, which is what keeps cell ids and file names unambiguous: lower-case letters,
            /// digits and `separator`, a letter first.
            pub fn is_slug(&self, separator: char) -> bool {
                self.0.starts_with(|c: char| c.is_ascii_lowercase())
                    && self.0.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == separator)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name! {
    /// Id of a case, as in `large_unary`.
    CaseId
}
name! {
    /// Name of a peer, as in `rust-tonic`.
    PeerId
}

impl PeerId {
    /// The peer that a variant is one of; of any other its own name.
    pub fn base(&self) -> PeerId {
        PeerId::new(self.0.split('@').next().unwrap_or_default())
    }

    /// Whether it names a variant.
    pub fn is_variant(&self) -> bool {
        self.0.contains('@')
    }
}

/// What runs below HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// TCP alone, prior knowledge.
    Plaintext,
    /// TLS from end to end, with ALPN.
    Tls,
}

impl Transport {
    /// All of them, in the order of the matrix.
    pub const ALL: [Transport; 2] = [Transport::Plaintext, Transport::Tls];

    /// Its name, as in cell ids.
    pub fn name(self) -> &'static str {
        match self {
            Transport::Plaintext => "plaintext",
            Transport::Tls => "tls",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One cell of the matrix, written `case/client/server/transport`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CellId {
    /// The case.
    pub case: CaseId,
    /// Whose client.
    pub client: PeerId,
    /// Whose server.
    pub server: PeerId,
    /// Over what.
    pub transport: Transport,
}

impl fmt::Display for CellId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}/{}/{}", self.case, self.client, self.server, self.transport))
    }
}
