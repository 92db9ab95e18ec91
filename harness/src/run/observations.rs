use crate::proto::v1::Observation;
use bytes::{Buf, BytesMut};
use prost::Message;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Largest observation a client may write, in bytes: bodies are not part of it, so that this is far more than enough. Two bytes can
/// stand for a call, which takes some hundred of them in memory.
pub(crate) const LIMIT: usize = 1 << 20;

/// Reads the observations of one client process as they come.
pub(super) struct Observations<R> {
    pipe: R,
    parser: Parser,
}

/// Takes observations off bytes that come split anyhow. Nothing is allocated by the length that stands before one: what is held grows
/// with what came.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    buffer: BytesMut,
}

/// What is wrong with a client's output.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("its standard output ended")]
    Ended,
    #[error("its standard output ended in the middle of an observation: {0}")]
    Truncated(String),
    #[error("it wrote something else than an observation to standard output: {0}")]
    NotAnObservation(String),
    #[error("it announced an observation of {length} bytes, and {LIMIT} is the most: {shown}")]
    TooLarge { length: usize, shown: String },
    #[error("its standard output cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

impl<R: AsyncRead + Unpin> Observations<R> {
    pub(super) fn new(pipe: R) -> Self {
        Self { pipe, parser: Parser::default() }
    }

    /// The next observation.
    pub(super) async fn next(&mut self) -> Result<Observation, OutputError> {
        loop {
            if let Some(observation) = self.parser.next()? {
                return Ok(observation);
            }
            if self.pipe.read_buf(self.parser.buffer()).await? == 0 {
                return Err(self.parser.ended());
            }
        }
    }

    /// How many bytes come after the last observation, to the end.
    pub(super) async fn rest(&mut self) -> usize {
        let buffer = self.parser.buffer();
        let mut rest = buffer.len();
        buffer.clear();
        while let Ok(length @ 1..) = self.pipe.read_buf(buffer).await {
            rest += length;
            buffer.clear();
        }
        rest
    }
}

impl Parser {
    /// Where the next bytes go.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// A whole observation from what has been read, if there is one.
    pub(crate) fn next(&mut self) -> Result<Option<Observation>, OutputError> {
        let mut view = &self.buffer[..];
        let Ok(length) = prost::decode_length_delimiter(&mut view) else {
            // A varint has ten bytes at most; fewer may just be incomplete.
            return if self.buffer.len() < 10 { Ok(None) } else { Err(self.not_an_observation()) };
        };
        if length > LIMIT {
            return Err(OutputError::TooLarge { length, shown: self.shown() });
        }
        if view.remaining() < length {
            return Ok(None);
        }
        let prefix = self.buffer.len() - view.remaining();
        let observation = Observation::decode(&view[..length]).map_err(|_| self.not_an_observation())?;
        self.buffer.advance(prefix + length);
        Ok(Some(observation))
    }

    /// What it means that nothing more comes.
    pub(crate) fn ended(&self) -> OutputError {
        if self.buffer.is_empty() { OutputError::Ended } else { OutputError::Truncated(self.shown()) }
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
