//! The `interop` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::cli::main()
}
