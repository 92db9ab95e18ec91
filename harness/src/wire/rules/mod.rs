//! What must hold on the wire: [`RULES`] on every call, and the rules that one case adds ([`case`]). Pure functions of
//! decoded connections, of their frames or of what TLS shows; each rule has fixtures that break exactly it ([`fixtures`]).

pub mod case;
mod closing;
mod compression;
mod ending;
mod events;
pub mod fixtures;
mod flow;
mod framing;
mod limit;
mod list;
mod messages;
mod metadata;
mod multiplexing;
mod request;
mod response;
mod rule;
mod states;
mod text;
mod timeout;
mod tls;
mod tls_hello;
mod view;

pub use list::{LIMIT_RULE, RULES};
pub use rule::{Binds, Broken, Check, Rule, TlsContext, evaluate, evaluate_tls};
pub use timeout::timeout_ns;
