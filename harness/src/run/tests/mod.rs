//! Whole runs with fake peers. Wherever one breaks, each cell gets the verdict it should, and nothing is left running.

mod before;
mod deaths;
mod disk;
mod ends;
mod floods;
mod interrupted;
mod jobs;
mod midstream;
mod played;
mod project;
mod rounds;
mod row;
mod stage;
