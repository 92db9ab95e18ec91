//! `interop` runs every gRPC client against every gRPC server and judges the result on the wire.
//!
//! The flow is one direction, and so is the order in which the modules may use each other: [`model`] (pure types), then
//! [`input`], [`plan`], [`wire`], [`judge`] and [`dialect`] (functions of them), then [`backend`] and [`tap`] (I/O), then
//! [`run`], then [`snapshot`] and [`report`] (functions of what a run shows), [`verify`] (the decoder held against another
//! one) and [`cli`].

pub mod backend;
pub mod cli;
pub mod dialect;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod input;
pub mod judge;
pub mod model;
pub mod plan;
pub mod proto;
pub mod report;
pub mod run;
pub mod snapshot;
pub mod tap;
pub mod verify;
pub mod wire;
