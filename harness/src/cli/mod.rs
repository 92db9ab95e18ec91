//! The command line: arguments in, exit code out. The only place that prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this module is for")]

mod args;
mod backend;
mod bench;
mod check;
mod clean;
mod commands;
mod exit;
mod guard;
mod list;
mod plan;
mod run;
mod show;

pub use commands::main;
pub use exit::Exit;
