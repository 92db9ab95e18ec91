use super::BackendError;
use super::error::infra;
use super::guard::{Guard, Guarded};
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};

/// Where lines of output go.
pub(super) type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// How many lines of output an error repeats.
const LAST_LINES: usize = 60;

/// Longest line, in bytes; more of it is another line.
const LINE: u64 = 64 << 10;

/// A program of the host, run to its end with its output shown.
pub(super) struct HostCommand {
    pub(super) program: OsString,
    pub(super) args: Vec<OsString>,
    /// Where it runs; in the harness's own folder if absent.
    pub(super) folder: Option<PathBuf>,
    pub(super) stdin: Vec<u8>,
    pub(super) log: PathBuf,
    pub(super) within: Option<Duration>,
}

/// How it ended.
pub(super) struct Ended {
    /// Nothing if its time was up.
    pub(super) status: Option<ExitStatus>,
    last: VecDeque<String>,
    log: PathBuf,
}

impl Ended {
    pub(super) fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// How it ended, its last lines and where all of them are.
    pub(super) fn account(&self) -> String {
        let how = match self.status {
            Some(status) => status.to_string(),
            None => "its time was up".to_owned(),
        };
        let lines: String = self.last.iter().map(|line| format!("\n    {line}")).collect();
        format!("{how}; the whole output is in {}{lines}", self.log.display())
    }
}

impl HostCommand {
    /// Runs it. It is killed if the future is dropped, its time is up or the harness dies.
    pub(super) async fn run(self, guard: &Guard, progress: Progress<'_>) -> Result<Ended, BackendError> {
        let Self { program, args, folder, stdin, log, within } = self;
        let name = program.to_string_lossy().into_owned();
        if !is_installed(&program, folder.as_deref()) {
            return Err(infra(format!("{name} does not start: no such program; is it installed, and on PATH?")));
        }
        let failed = |error: std::io::Error| infra(format!("{}: {error}", log.display()));
        if let Some(folder) = log.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(failed)?;
        }
        let mut file = File::create(&log).await.map_err(failed)?;
        let mut command = guard.command(&program, &args, stdin.len());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(folder) = folder {
            command.current_dir(folder);
        }
        let started = Guard::start(command);
        let Guarded { mut child, mut leash } =
            started.map_err(|error| infra(format!("{name} does not start: {error}")))?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(infra(format!("{name} has no pipes")));
        };

        let last = Mutex::new(VecDeque::new());
        let (lines, mut written) = tokio::sync::mpsc::channel::<String>(LAST_LINES);
        let show = |line: &str| {
            progress(line);
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.len() == LAST_LINES {
                last.pop_front();
            }
            last.push_back(line.to_owned());
        };
        let read_out = read_lines(stdout, lines.clone());
        let read_err = read_lines(stderr, lines);
        let keep = async {
            while let Some(line) = written.recv().await {
                // The classic builder paints what steps write to standard error.
                let line = console::strip_ansi_codes(&line);
                show(&line);
                file.write_all(line.as_bytes()).await?;
                file.write_all(b"\n").await?;
            }
            file.flush().await
        };
        let all = async {
            let ((), (), (), kept) = tokio::join!(leash.feed(&stdin), read_out, read_err, keep);
            kept?;
            child.wait().await
        };
        let status = match within {
            None => Some(all.await),
            Some(within) => tokio::time::timeout(within, all).await.ok(),
        };
        let status = status.transpose().map_err(|error| infra(format!("{name} cannot be followed: {error}")))?;
        Ok(Ended { status, last: last.into_inner().unwrap_or_else(PoisonError::into_inner), log })
    }
}

/// Whether a program is there: the guard, which starts it, could only say so in words.
fn is_installed(program: &OsStr, folder: Option<&Path>) -> bool {
    if program.as_encoded_bytes().contains(&b'/') {
        return folder.unwrap_or(Path::new("")).join(program).is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

async fn read_lines(pipe: impl AsyncRead + Unpin, lines: tokio::sync::mpsc::Sender<String>) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut pipe).take(LINE).read_until(b'\n', &mut line).await {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        if lines.send(text).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// What the guard does of a program that is let end by itself, in shell: tests of the library have no program `interop`.
    const STAND_IN: &str = "#!/bin/sh\ninput=$2\nshift 2\nhead -c \"$input\" | \"$@\"\n";

    struct Stage(tempfile::TempDir);

    impl Stage {
        fn new() -> Stage {
            let folder = tempfile::tempdir().unwrap();
            let stand_in = folder.path().join("guard");
            std::fs::write(&stand_in, STAND_IN).unwrap();
            std::fs::set_permissions(&stand_in, std::fs::Permissions::from_mode(0o755)).unwrap();
            Stage(folder)
        }

        fn sh(&self, script: &str) -> HostCommand {
            HostCommand {
                program: "/bin/sh".into(),
                args: ["-c", script].map(OsString::from).to_vec(),
                folder: None,
                stdin: b"fed".to_vec(),
                log: self.0.path().join("deep/log"),
                within: None,
            }
        }

        async fn run(&self, command: HostCommand) -> Result<(Ended, Vec<String>), BackendError> {
            let shown = Mutex::new(Vec::new());
            let show = |line: &str| shown.lock().unwrap().push(line.to_owned());
            let ended = command.run(&Guard::new(self.0.path().join("guard")), &show).await?;
            Ok((ended, shown.into_inner().unwrap()))
        }
    }

    #[tokio::test]
    async fn output_is_shown_kept_and_repeated() {
        let stage = Stage::new();
        let (ended, shown) = stage.run(stage.sh("cat; echo; seq 100; exit 3")).await.unwrap();
        assert!(!ended.success());
        let account = ended.account();
        assert!(account.contains("exit status: 3") && account.contains("deep/log"), "{account}");
        assert!(account.ends_with("\n    100") && !account.contains("\n    40\n"), "{account}");
        assert_eq!(shown[..2], ["fed", "1"]);
        assert!(std::fs::read_to_string(stage.0.path().join("deep/log")).unwrap().starts_with("fed\n1\n2\n"));
    }

    #[tokio::test]
    async fn time_is_limited_and_unread_input_is_no_error() {
        let stage = Stage::new();
        let mut command = stage.sh("exec sleep 60");
        command.within = Some(Duration::from_millis(50));
        command.stdin = vec![0; 1 << 20];
        let (ended, _) = stage.run(command).await.unwrap();
        assert!(!ended.success() && ended.account().contains("time was up"));
        let mut command = stage.sh("exit 0");
        command.stdin = vec![0; 1 << 20];
        assert!(stage.run(command).await.unwrap().0.success());
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let stage = Stage::new();
        for missing in ["no-such-program", "/no/such/program"] {
            let command = HostCommand { program: missing.into(), ..stage.sh("") };
            let error = stage.run(command).await.err().unwrap();
            assert!(error.what.contains(&format!("{missing} does not start")), "{}", error.what);
        }
    }
}
