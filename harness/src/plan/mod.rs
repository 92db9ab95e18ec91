//! From cases, peers and flags to cells: which there are, which will not run and why, which prove that, and the script of each.

mod filter;
mod matrix;
mod names;
mod needs;
mod proofs;
mod script;
mod shard;

pub use filter::{Filter, FilterError};
pub(crate) use matrix::in_scope;
pub use matrix::{Plan, PlanError, plan};
pub(crate) use needs::missing;
pub use proofs::Proof;
pub(crate) use script::script_send;
pub use script::{features, script, server_features};
pub(crate) use shard::ELSEWHERE;
pub use shard::Shard;
