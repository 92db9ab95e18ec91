use super::args::GuardArgs;
use std::process::ExitCode;

/// What a shell says of a program that it does not find.
const NOT_FOUND: u8 = 127;

/// Runs a program under guard.
pub(super) fn guard(args: &GuardArgs) -> ExitCode {
    match crate::backend::guard(args.input, &args.argv) {
        Ok(code) => code.into(),
        Err(error) => {
            let program = args.argv.first().map(|program| program.display().to_string()).unwrap_or_default();
            eprintln!("{program} does not start: {error}");
            NOT_FOUND.into()
        }
    }
}
