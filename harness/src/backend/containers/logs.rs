use super::error::{engine_failed, infra};
use crate::backend::BackendError;
use bollard::Docker;
use bollard::query_parameters::LogsOptionsBuilder;
use futures::StreamExt;
use std::path::Path;
use tokio::io::AsyncWriteExt;

/// Writes all that a container's own process wrote, each line with its time, to a file.
pub(super) async fn save(docker: &Docker, container: &str, path: &Path) -> Result<(), BackendError> {
    let failed = |error: std::io::Error| infra(format!("{} cannot be written: {error}", path.display()));
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(failed)?;
    }
    let mut file = tokio::io::BufWriter::new(tokio::fs::File::create(path).await.map_err(failed)?);
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).timestamps(true).tail("all").build();
    let mut lines = docker.logs(container, Some(options));
    while let Some(line) = lines.next().await {
        let line = line.map_err(|error| engine_failed(format!("the log of {container} cannot be read"), error))?;
        file.write_all(&line.into_bytes()).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)
}

/// Most that is kept of a log's end, in bytes, but for the line that exceeds it.
const TAIL: usize = 64 << 10;

/// The last lines a container's own process wrote, as far as they can be had.
pub(super) async fn tail(docker: &Docker, container: &str) -> String {
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail("20").build();
    let mut lines = docker.logs(container, Some(options));
    let mut text = Vec::new();
    while text.len() < TAIL
        && let Some(Ok(line)) = lines.next().await
    {
        text.extend_from_slice(&line.into_bytes());
    }
    String::from_utf8_lossy(&text).trim_end().to_owned()
}
