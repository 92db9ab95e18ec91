//! What was on the wire in a cell, for a person or as data: both are made from one [`Shown`], so that they say the same.

mod body;
mod calls;
mod cell;
mod data;
mod frames;
mod lanes;
mod text;
mod tls;

pub(super) use cell::shown_subject;
pub use cell::{ShowCell, View, shown};
pub use data::Shown;
pub(super) use text::connections_text;
pub use text::show;

#[cfg(test)]
mod tests;
