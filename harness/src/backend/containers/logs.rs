use super::error::engine_failed;
use crate::backend::error::infra;
use crate::backend::{BackendError, LogFile};
use bollard::Docker;
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::query_parameters::LogsOptionsBuilder;
use futures::{Stream, StreamExt};
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

/// Time for a log to come. What holds it up must not keep its container from being removed.
const SAVED_WITHIN: Duration = Duration::from_secs(20);
/// Time for the last lines of one.
const TOLD_WITHIN: Duration = Duration::from_secs(5);
/// Most bytes of the last lines.
const TOLD: usize = 16 << 10;

/// Writes all that a container's own process wrote, each line with its time, to a file.
pub(super) async fn save(docker: &Docker, container: &str, path: &Path) -> Result<(), BackendError> {
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).timestamps(true).tail("all").build();
    let saved = keep(docker.logs(container, Some(options)), container, path);
    let late = || infra(format!("the log of {container} did not come within {} s", SAVED_WITHIN.as_secs()));
    tokio::time::timeout(SAVED_WITHIN, saved).await.map_err(|_| late())?
}

async fn keep(
    lines: impl Stream<Item = Result<LogOutput, Error>>,
    container: &str,
    path: &Path,
) -> Result<(), BackendError> {
    let failed = |error: std::io::Error| infra(format!("{} cannot be written: {error}", path.display()));
    let mut log = LogFile::open(path).await.map_err(failed)?;
    let mut lines = pin!(lines);
    let broke = loop {
        match lines.next().await {
            Some(Ok(line)) => log.write(&line.into_bytes()).await.map_err(failed)?,
            Some(Err(error)) => break Err(engine_failed(format!("the log of {container} cannot be read"), error)),
            None => break Ok(()),
        }
    };
    // What came is kept, however it ended.
    log.close().await.map_err(failed)?;
    broke
}

/// The last lines a container's own process wrote, as far as they can be had.
pub(super) async fn tail(docker: &Docker, container: &str) -> String {
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail("20").build();
    last(docker.logs(container, Some(options))).await
}

async fn last(lines: impl Stream<Item = Result<LogOutput, Error>>) -> String {
    let mut text = Vec::new();
    let mut lines = pin!(lines);
    let read = async {
        while let Some(Ok(line)) = lines.next().await {
            text.extend_from_slice(&line.into_bytes());
            let over = text.len().saturating_sub(TOLD);
            text.drain(..over);
        }
    };
    let _ = tokio::time::timeout(TOLD_WITHIN, read).await;
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn line(text: impl Into<Bytes>) -> Result<LogOutput, Error> {
        Ok(LogOutput::StdErr { message: text.into() })
    }

    #[tokio::test]
    async fn a_log_that_breaks_off_is_kept_so_far_and_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let lines = futures::stream::iter([line("one\n"), Err(Error::RequestTimeoutError), line("two\n")]);
        let error = keep(lines, "x", &path).await.unwrap_err();
        assert!(error.what.starts_with("the log of x cannot be read: "), "{error}");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "one\n");
    }

    #[tokio::test]
    async fn of_a_line_without_an_end_the_end_is_told() {
        let flood = (0..1000).map(|_| line(vec![b'x'; 64 << 10])).chain([line("segmentation fault\n")]);
        let told = last(futures::stream::iter(flood)).await;
        assert!(told.len() <= TOLD && told.ends_with("xsegmentation fault"), "{} bytes", told.len());
    }
}
