//! The command line: arguments in, exit code out. The only place that prints.

/// In place of the standard library's: nothing is printed here that does anything to a terminal.
macro_rules! print {
    ($($text:tt)*) => { $crate::cli::terminal::out(&format!($($text)*)) };
}
macro_rules! println {
    ($($text:tt)*) => { $crate::cli::terminal::out(&format!("{}\n", format_args!($($text)*))) };
}
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::cli::terminal::err(&format!("{}\n", format_args!($($text)*))) };
}

mod args;
mod backend;
mod bench;
mod check;
mod clean;
mod commands;
mod diff;
mod exit;
mod explain;
mod guard;
mod images;
mod list;
mod merge;
mod output;
mod plan;
mod report;
mod rerun;
mod run;
mod show;
mod snapshots;
mod tap;
mod terminal;
mod upgrade;
mod verify;

pub use commands::main;
pub use exit::Exit;
