//! What runs under guard ends with its guard's standard input, and tells its exit code until then.

#![allow(clippy::unwrap_used, reason = "clippy spares test functions, not their helpers")]

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A guarded shell that is given so much of its input.
fn guarded(input: usize, script: &str) -> Child {
    let input = input.to_string();
    Command::new(env!("CARGO_BIN_EXE_interop"))
        .args(["guard", &input, "/bin/sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Whether a process runs: one that was ended and that nobody has asked for is a zombie.
fn runs(pid: &str) -> bool {
    let status = std::fs::read_to_string(PathBuf::from("/proc").join(pid).join("status"));
    status.is_ok_and(|status| !status.contains("\nState:\tZ"))
}

fn is_gone_soon(pid: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while runs(pid) && Instant::now() < deadline {
        std::thread::yield_now();
    }
    !runs(pid)
}

/// A guarded shell that has started a child, and both their numbers.
fn family() -> (Child, Vec<String>) {
    let mut guard = guarded(0, "sleep 1000 & echo $$ $!; wait");
    let mut line = String::new();
    BufReader::new(guard.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let pids: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    assert!(pids.len() == 2 && pids.iter().all(|pid| runs(pid)), "{line}");
    (guard, pids)
}

#[test]
fn the_end_of_its_input_ends_a_program_and_its_children() {
    let (mut guard, pids) = family();
    drop(guard.stdin.take());
    assert_eq!(guard.wait().unwrap().code(), Some(128 + 9));
    assert!(pids.iter().all(|pid| is_gone_soon(pid)));
}

#[test]
fn children_do_not_outlive_the_program() {
    let mut guard = guarded(0, "sleep 1000 >/dev/null 2>&1 & echo $!");
    let _held = guard.stdin.take();
    let output = guard.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(is_gone_soon(String::from_utf8(output.stdout).unwrap().trim()));
}

#[test]
fn input_is_passed_on_and_so_is_the_exit_code() {
    let mut guard = guarded(4, "cat; exit 3");
    // Two bytes more than are the program's: they are not passed on.
    let mut leash = guard.stdin.take().unwrap();
    leash.write_all(b"fed\n++").unwrap();
    let output = guard.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), b"fed\n".as_slice()));
}

#[test]
fn a_signal_and_a_missing_program_have_the_shells_codes() {
    let code = |mut guard: Child| {
        let _held = guard.stdin.take();
        guard.wait().unwrap().code()
    };
    assert_eq!(code(guarded(0, "kill -SEGV $$")), Some(139));
    let missing = Command::new(env!("CARGO_BIN_EXE_interop"))
        .args(["guard", "0", "/no/such/program"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = missing.unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(127));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("/no/such/program does not start: "), "{said}");
}
