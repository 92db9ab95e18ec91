use crate::backend::Pipe;
use bollard::container::LogOutput;
use bollard::errors::Error;
use bytes::Bytes;
use futures::stream::{Stream, StreamExt, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::io::StreamReader;

/// Most bytes of a pipe that wait for their reader: some of the largest observations there may be.
const UNREAD: usize = 4 << 20;

/// What the engine sends of a process: both pipes in one stream.
pub(super) type Output = Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>>;

/// The writing end of a pipe. It never waits, so that a pipe nobody reads yet does not hold up the other; what its reader leaves
/// too long breaks it instead.
pub(super) struct Feed {
    chunks: UnboundedSender<io::Result<Bytes>>,
    unread: Arc<AtomicUsize>,
    broken: bool,
}

/// The reading end of a pipe.
#[derive(Debug)]
pub(super) struct Reader {
    chunks: UnboundedReceiver<io::Result<Bytes>>,
    unread: Arc<AtomicUsize>,
}

/// Both ends of a pipe.
pub(super) fn pipe() -> (Feed, Reader) {
    let (chunks, taken) = unbounded_channel();
    let unread = Arc::new(AtomicUsize::new(0));
    (Feed { chunks, unread: Arc::clone(&unread), broken: false }, Reader { chunks: taken, unread })
}

impl Reader {
    pub(super) fn pipe(mut self) -> Pipe {
        let chunks = poll_fn(move |context| {
            let next = self.chunks.poll_recv(context);
            if let Poll::Ready(Some(Ok(chunk))) = &next {
                self.unread.fetch_sub(chunk.len(), Ordering::Relaxed);
            }
            next
        });
        Box::pin(StreamReader::new(chunks))
    }
}

impl Feed {
    fn give(&mut self, chunk: Bytes) {
        if self.broken {
            return;
        }
        let length = chunk.len();
        if self.unread.fetch_add(length, Ordering::Relaxed) + length > UNREAD {
            let what = format!("more than {} MiB of it waited to be read; the rest is dropped", UNREAD >> 20);
            return self.fail(io::Error::other(what));
        }
        // That fails when the reader has gone.
        if self.chunks.send(Ok(chunk)).is_err() {
            self.broken = true;
        }
    }

    fn fail(&mut self, error: io::Error) {
        let _ = self.chunks.send(Err(error));
        self.broken = true;
    }
}

/// Takes the engine's one stream apart, to its end: a process is not stopped by a full pipe.
pub(super) async fn pump(mut output: Output, mut stdout: Feed, mut stderr: Feed) {
    while let Some(chunk) = output.next().await {
        match chunk {
            Ok(LogOutput::StdOut { message } | LogOutput::Console { message }) => stdout.give(message),
            Ok(LogOutput::StdErr { message }) => stderr.give(message),
            Ok(LogOutput::StdIn { .. }) => {}
            Err(error) => {
                stdout.fail(io::Error::other(error.to_string()));
                stderr.fail(io::Error::other(error.to_string()));
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    const CHUNK: usize = 1 << 20;

    fn out(length: usize) -> LogOutput {
        LogOutput::StdOut { message: Bytes::from(vec![b'o'; length]) }
    }

    fn err(text: &'static str) -> LogOutput {
        LogOutput::StdErr { message: Bytes::from_static(text.as_bytes()) }
    }

    fn output(chunks: impl Iterator<Item = LogOutput> + Send + 'static) -> Output {
        Box::pin(futures::stream::iter(chunks.map(Ok)))
    }

    #[tokio::test]
    async fn a_pipe_nobody_reads_is_cut_and_holds_up_no_other() {
        let ((stdout, from_stdout), (stderr, from_stderr)) = (pipe(), pipe());
        let unread = Arc::clone(&stdout.unread);
        let gibibyte = (0..1024).map(|_| out(CHUNK)).chain([err("the last word")]);
        pump(output(gibibyte), stdout, stderr).await;
        assert!(unread.load(Ordering::Relaxed) <= UNREAD + CHUNK);
        let mut said = String::new();
        from_stderr.pipe().read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "the last word");
        let mut kept = Vec::new();
        let error = from_stdout.pipe().read_to_end(&mut kept).await.unwrap_err();
        assert_eq!(kept.len(), UNREAD);
        assert_eq!(error.to_string(), "more than 4 MiB of it waited to be read; the rest is dropped");
    }

    #[tokio::test]
    async fn a_pipe_that_is_read_carries_any_amount() {
        let ((stdout, from_stdout), (stderr, _from_stderr)) = (pipe(), pipe());
        let chunks = futures::stream::iter((0..100).map(|_| out(CHUNK)));
        let chunks = chunks.then(|chunk| async move {
            tokio::task::yield_now().await;
            Ok(chunk)
        });
        let read = async {
            let (mut from_stdout, mut total, mut buffer) = (from_stdout.pipe(), 0, vec![0; CHUNK]);
            loop {
                match from_stdout.read(&mut buffer).await.unwrap() {
                    0 => return total,
                    length => total += length,
                }
            }
        };
        let ((), total) = tokio::join!(pump(Box::pin(chunks), stdout, stderr), read);
        assert_eq!(total, 100 * CHUNK);
    }

    #[tokio::test]
    async fn an_engine_that_breaks_off_breaks_both_pipes() {
        let ((stdout, from_stdout), (stderr, from_stderr)) = (pipe(), pipe());
        let broken = std::iter::once(Err(Error::RequestTimeoutError));
        pump(Box::pin(futures::stream::iter(broken)), stdout, stderr).await;
        for pipe in [from_stdout, from_stderr] {
            assert!(pipe.pipe().read_to_end(&mut Vec::new()).await.is_err());
        }
    }
}
