use crate::report::printable;
use std::io::{Write, stderr, stdout};

/// Prints to standard output.
pub(super) fn out(text: &str) {
    write(stdout().lock(), text);
}

/// Prints to standard error.
pub(super) fn err(text: &str) {
    write(stderr().lock(), text);
}

fn write(mut to: impl Write, text: &str) {
    // A reader that went away is no failure of what was asked.
    let _ = to.write_all(printable(text).as_bytes());
}
