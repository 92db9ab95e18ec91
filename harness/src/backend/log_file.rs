use std::path::Path;
use tokio::fs::File;
use tokio::io::{AsyncWriteExt, BufWriter};

/// Most bytes that a peer's log keeps. What a peer writes beyond is read, so that it is not held up, and dropped.
const LIMIT: u64 = 16 << 20;

/// A log of what a peer writes, added to what is there already and cut at a limit with a line that says so.
pub(crate) struct LogFile {
    file: BufWriter<File>,
    room: u64,
}

impl LogFile {
    /// Opens a log, with the folder it is in.
    pub(crate) async fn open(path: &Path) -> std::io::Result<LogFile> {
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        let file = File::options().create(true).append(true).open(path).await?;
        let room = LIMIT.saturating_sub(file.metadata().await?.len());
        Ok(LogFile { file: BufWriter::new(file), room })
    }

    /// Adds bytes, as far as there is room.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if self.room == 0 {
            return Ok(());
        }
        let kept = bytes.len().min(usize::try_from(self.room).unwrap_or(usize::MAX));
        self.room -= kept as u64;
        self.file.write_all(&bytes[..kept]).await?;
        if self.room == 0 {
            let cut = format!("\n[interop: a log ends at {} MiB; the rest is not kept]\n", LIMIT >> 20);
            self.file.write_all(cut.as_bytes()).await?;
        }
        Ok(())
    }

    /// Leaves it complete on disk.
    pub(crate) async fn close(mut self) -> std::io::Result<()> {
        self.file.flush().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_log_is_cut_once_however_often_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/log");
        for _ in 0..3 {
            let mut log = LogFile::open(&path).await.unwrap();
            for _ in 0..9 {
                log.write(&[b'x'; 1 << 20]).await.unwrap();
            }
            log.close().await.unwrap();
        }
        let kept = std::fs::read(&path).unwrap();
        let cut = &kept[usize::try_from(LIMIT).unwrap()..];
        assert_eq!(cut, b"\n[interop: a log ends at 16 MiB; the rest is not kept]\n");
    }
}
