//! Holds this harness's decoder against another one, tshark, over captures of real peers: what both can say of them must be the same.
//! Pure functions; who runs tshark hands over what it prints.

mod compare;
mod node;
mod ours;
mod said;
mod sample;
mod tshark;
mod verified;

pub use compare::{Difference, compare};
pub use ours::ours;
pub use said::{Direction, Field, Said, Sent};
pub use sample::sample;
pub use tshark::{ARGUMENTS, theirs};
pub use verified::{Compared, Verified};

#[cfg(test)]
mod tests;
