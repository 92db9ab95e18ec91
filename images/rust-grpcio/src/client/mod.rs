//! The client: runs scripts and reports what it saw.

mod call;
mod channel;
pub mod job;
mod kinds;
mod methods;
mod observe;
mod plan;
