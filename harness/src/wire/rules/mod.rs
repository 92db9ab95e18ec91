//! What must hold on the wire: [`RULES`] on every call, and the rules that one case adds ([`case`]). Pure functions of
//! decoded connections; each rule has fixtures that break exactly it ([`fixtures`]).

pub mod case;
mod ending;
mod events;
pub mod fixtures;
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
mod view;

pub use list::RULES;
pub use rule::{Binds, Broken, Context, Rule, evaluate};
pub use timeout::timeout_ns;
