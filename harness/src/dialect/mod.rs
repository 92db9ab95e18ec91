//! What a case's traffic is in gRPC terms, and how a peer's differs: the normal form of a transcript ([`observed`]), what the case file
//! predicts of it without a run ([`canonical`]), and the difference in layers ([`Dialects`]): habits of a peer, what it does in one
//! case, what only a pair does. Pure functions.

mod canonical;
mod compose;
mod encode;
mod factor;
mod folded;
mod form;
mod layers;
mod names;
mod normal;
mod observed;
mod read;
mod said;
mod write;

pub use canonical::{canonical, is_compared};
pub use factor::{Observed, factor};
pub use form::{Form, Key, Name, Text};
pub use layers::{Delta, Dialects, Pair, Scope, Trait, Who};
pub use observed::observed;
pub use read::{Unreadable, read_case, read_peer};
pub use write::{write_case, write_peer};

#[cfg(test)]
mod tests;
