//! Outputs, each a function of a run's events.

mod failure;
mod matrix;
mod progress;
mod results;
mod show;
mod summary;
mod text;

pub use failure::failure_text;
pub use matrix::matrix;
pub use progress::Progress;
pub use results::{CellResult, Results, results};
pub use show::{ShowCell, show};
pub use summary::summary;
pub use text::{escape, plural};

#[cfg(test)]
mod tests;
