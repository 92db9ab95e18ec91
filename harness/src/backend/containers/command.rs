use super::error::infra;
use crate::backend::BackendError;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

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
    /// Runs it. It is killed if the future is dropped or its time is up.
    pub(super) async fn run(self, progress: Progress<'_>) -> Result<Ended, BackendError> {
        let Self { program, args, stdin, log, within } = self;
        let name = program.to_string_lossy().into_owned();
        let failed = |error: std::io::Error| infra(format!("{}: {error}", log.display()));
        if let Some(folder) = log.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(failed)?;
        }
        let mut file = File::create(&log).await.map_err(failed)?;
        let mut child = Command::new(&program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| infra(format!("{name} does not start: {error}; is it installed?")))?;
        let (Some(mut input), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
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
        let feed = async move {
            // A program that ends early closes its input; its status then tells why.
            let _ = input.write_all(&stdin).await;
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
            let ((), (), (), kept) = tokio::join!(feed, read_out, read_err, keep);
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

    fn sh(script: &str, folder: &tempfile::TempDir) -> HostCommand {
        HostCommand {
            program: "/bin/sh".into(),
            args: ["-c", script].map(OsString::from).to_vec(),
            stdin: b"fed".to_vec(),
            log: folder.path().join("deep/log"),
            within: None,
        }
    }

    #[tokio::test]
    async fn output_is_shown_kept_and_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let shown = Mutex::new(Vec::new());
        let show = |line: &str| shown.lock().unwrap().push(line.to_owned());
        let ended = sh("cat; echo; seq 100; exit 3", &folder).run(&show).await.unwrap();
        assert!(!ended.success());
        let account = ended.account();
        assert!(account.contains("exit status: 3") && account.contains("deep/log"), "{account}");
        assert!(account.ends_with("\n    100") && !account.contains("\n    40\n"), "{account}");
        assert_eq!(shown.into_inner().unwrap()[..2], ["fed", "1"]);
        assert!(std::fs::read_to_string(folder.path().join("deep/log")).unwrap().starts_with("fed\n1\n2\n"));
    }

    #[tokio::test]
    async fn time_is_limited_and_unread_input_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = sh("exec sleep 60", &folder);
        command.within = Some(Duration::from_millis(50));
        command.stdin = vec![0; 1 << 20];
        let ended = command.run(&|_| {}).await.unwrap();
        assert!(!ended.success() && ended.account().contains("time was up"));
        let mut command = sh("exit 0", &folder);
        command.stdin = vec![0; 1 << 20];
        assert!(command.run(&|_| {}).await.unwrap().success());
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = sh("", &folder);
        command.program = "no-such-program".into();
        let error = command.run(&|_| {}).await.err().unwrap();
        assert!(error.what.contains("no-such-program does not start"), "{}", error.what);
    }
}
