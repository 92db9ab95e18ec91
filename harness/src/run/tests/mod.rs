//! Whole runs with fake peers. Wherever one breaks, each cell gets the verdict it should, and nothing is left running.

mod before;
mod deaths;
mod disk;
mod ends;
mod interrupted;
mod jobs;
mod played;
mod project;
mod row;
mod stage;
