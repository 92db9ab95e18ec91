//! Peers for tests of whole runs: tasks of this process on loopback, which play a recorded connection and break where they are
//! told to.

mod act;
mod backend;
mod client;
mod crash;
mod diary;
mod instance;
mod job;
mod server;

pub(crate) use act::Act;
pub(crate) use backend::{Breaks, Fake};
pub(crate) use crash::{Answer, Crash, Death, Ending, News, Spoil, Told};
pub(crate) use diary::{Diary, Entry};
