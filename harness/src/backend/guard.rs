use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};

/// Starts programs of this host that must not outlive the harness, however it ends: between the two stands a guard, a process of
/// `interop` itself, which holds the reading end of a pipe. When the writing end is closed, by us or by the death of the
/// harness, it kills the program's process group.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The program `interop`.
    interop: PathBuf,
}

/// The pipe to a guard. Dropped, the guarded program and its children are killed.
#[derive(Debug)]
pub(super) struct Leash(ChildStdin);

impl Leash {
    /// Gives a program the input that its command promised. One that ends early does not read it; its exit code then tells why.
    pub(super) async fn feed(&mut self, input: &[u8]) {
        let _ = self.0.write_all(input).await;
    }
}

/// A program that runs under guard.
pub(super) struct Guarded {
    /// The guard, which ends as the program does: with its exit code, or 128 and the number of the signal that ended it.
    pub(super) child: Child,
    /// What holds it.
    pub(super) leash: Leash,
}

impl Guard {
    /// The guard that the program at this path is, when it is told to be.
    pub fn new(interop: PathBuf) -> Guard {
        Guard { interop }
    }

    /// The running program itself.
    ///
    /// # Errors
    ///
    /// The system does not tell what program this is.
    pub fn current() -> io::Result<Guard> {
        std::env::current_exe().map(Guard::new)
    }

    /// A command that runs under guard, and is to be fed so many bytes.
    pub(super) fn command(&self, program: &OsStr, args: &[OsString], input: usize) -> Command {
        let mut command = Command::new(&self.interop);
        command.arg("guard").arg(input.to_string()).arg(program).args(args);
        // Ctrl-C at a terminal goes to the harness, and it decides.
        command.process_group(0).stdin(Stdio::piped());
        command
    }

    /// Starts a command made by [`Guard::command`].
    pub(super) fn start(mut command: Command) -> io::Result<Guarded> {
        let mut child = command.spawn()?;
        let leash = child.stdin.take().ok_or_else(|| io::Error::other("a guard without a pipe"))?;
        Ok(Guarded { child, leash: Leash(leash) })
    }
}

/// The guard itself: runs a program with so many bytes of standard input, in a process group of its own, until the program ends
/// or standard input does. Its exit code, or 128 and the number of the signal that ended it.
///
/// # Errors
///
/// The program does not start.
pub fn guard(input: u64, argv: &[OsString]) -> io::Result<u8> {
    guarded(input, argv).map(code)
}

fn guarded(input: u64, argv: &[OsString]) -> io::Result<ExitStatus> {
    let (program, args) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let stdin = if input > 0 { Stdio::piped() } else { Stdio::null() };
    let mut child = std::process::Command::new(program).args(args).stdin(stdin).process_group(0).spawn()?;
    let group = Pid::from_child(&child);
    let feed = child.stdin.take();
    std::thread::spawn(move || {
        let mut leash = io::stdin().lock();
        if let Some(mut feed) = feed {
            let _ = io::copy(&mut (&mut leash).take(input), &mut feed);
        }
        // What a program that ended early did not read, then nothing until the end.
        let _ = io::copy(&mut leash, &mut io::sink());
        let _ = kill_process_group(group, Signal::KILL);
    });
    // Not yet taken off the system's list, its number is no other's, so that the group is still this one.
    waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?;
    let _ = kill_process_group(group, Signal::KILL);
    child.wait()
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    u8::try_from(code).unwrap_or(u8::MAX)
}
