use crate::proto::v1::Observation;
use bytes::{Buf, BytesMut};
use prost::Message;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Largest observation a client may write, in bytes: bodies are not part of it, so that this is far more than enough.
pub(super) const LIMIT: usize = 16 << 20;

/// Reads the observations of one client process as they come.
pub(super) struct Observations<R> {
    pipe: R,
    buffer: BytesMut,
}

/// What is wrong with a client's output.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutputError {
    #[error("its standard output ended")]
    Ended,
    #[error("its standard output ended in the middle of an observation: {0}")]
    Truncated(String),
    #[error("it wrote something else than an observation to standard output: {0}")]
    NotAnObservation(String),
    #[error("its standard output cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

impl<R: AsyncRead + Unpin> Observations<R> {
    pub(super) fn new(pipe: R) -> Self {
        Self { pipe, buffer: BytesMut::new() }
    }

    /// The next observation.
    pub(super) async fn next(&mut self) -> Result<Observation, OutputError> {
        loop {
            if let Some(observation) = self.take()? {
                return Ok(observation);
            }
            if self.pipe.read_buf(&mut self.buffer).await? == 0 {
                return Err(if self.buffer.is_empty() {
                    OutputError::Ended
                } else {
                    OutputError::Truncated(self.shown())
                });
            }
        }
    }

    /// How many bytes come after the last observation, to the end.
    pub(super) async fn rest(&mut self) -> usize {
        let mut rest = self.buffer.len();
        self.buffer.clear();
        while let Ok(length @ 1..) = self.pipe.read_buf(&mut self.buffer).await {
            rest += length;
            self.buffer.clear();
        }
        rest
    }

    /// A whole observation from what has been read, if there is one.
    fn take(&mut self) -> Result<Option<Observation>, OutputError> {
        let mut view = &self.buffer[..];
        let Ok(length) = prost::decode_length_delimiter(&mut view) else {
            // A varint has ten bytes at most; fewer may just be incomplete.
            return if self.buffer.len() < 10 { Ok(None) } else { Err(self.not_an_observation()) };
        };
        if length > LIMIT {
            return Err(self.not_an_observation());
        }
        if view.remaining() < length {
            return Ok(None);
        }
        let prefix = self.buffer.len() - view.remaining();
        let observation = Observation::decode(&view[..length]).map_err(|_| self.not_an_observation())?;
        self.buffer.advance(prefix + length);
        Ok(Some(observation))
    }

    fn not_an_observation(&self) -> OutputError {
        OutputError::NotAnObservation(self.shown())
    }

    /// The beginning of what it wrote, safe to print.
    fn shown(&self) -> String {
        format!("\"{}\"", self.buffer[..self.buffer.len().min(60)].escape_ascii())
    }
}

#[cfg(test)]
mod tests;
