use crate::model::Side;
use crate::proto::v1::capture_record::{Kind, Side as Recorded};
use crate::proto::v1::{CaptureRecord, Observation};
use crate::tap::read_capture;
use crate::wire::build::frame;
use crate::wire::{code, kind};
use bytes::Bytes;
use prost::Message;
use std::io;
use std::path::Path;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// A recorded cell of one connection, to be played again by fakes of both sides.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    /// Of both sides, in the order they were recorded.
    chunks: Vec<Chunk>,
    /// What the client reported.
    pub(super) observation: Observation,
}

/// Bytes that one side sent at once, and how many the other had sent before.
#[derive(Debug, Clone)]
struct Chunk {
    side: Side,
    after: usize,
    data: Bytes,
}

impl Act {
    /// Reads the folder of a recorded cell.
    pub(crate) fn read(cell: &Path) -> Act {
        let (mut chunks, mut sent) = (Vec::new(), [0, 0]);
        for CaptureRecord { side, data, .. } in bytes(&cell.join("capture.zst")) {
            let (side, own, other) =
                if side == i32::from(Recorded::Client) { (Side::Client, 0, 1) } else { (Side::Server, 1, 0) };
            sent[own] += data.len();
            chunks.push(Chunk { side, after: sent[other], data });
        }
        let observation = std::fs::read(cell.join("observation.binpb")).unwrap();
        Act { chunks, observation: Observation::decode(observation.as_slice()).unwrap() }
    }

    fn of(&self, side: Side) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter().filter(move |chunk| chunk.side == side)
    }

    /// Plays the client to its end: the server has closed too.
    pub(super) async fn play_client(&self, stream: &mut TcpStream) -> io::Result<()> {
        let mut player = Player { stream, heard: 0 };
        for chunk in self.of(Side::Client) {
            player.say(chunk).await?;
        }
        player.hear(self.of(Side::Server).map(|chunk| chunk.data.len()).sum()).await?;
        player.end().await
    }

    /// Cancels the call that a client has begun.
    pub(super) async fn cancel(stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(&frame(kind::RST_STREAM, 0, 1, code::CANCEL.to_be_bytes())).await
    }

    /// Plays the client up to its request, and reads nothing of what is answered.
    pub(super) async fn play_client_without_end(&self, stream: TcpStream) -> io::Result<TcpStream> {
        let mut player = Player { stream, heard: 0 };
        for chunk in self.of(Side::Client) {
            player.say(chunk).await?;
        }
        Ok(player.stream)
    }

    /// Plays the server until it has a request in hand. One that only greets is answered so far.
    pub(super) async fn greet(&self, stream: TcpStream) -> io::Result<Request<'_>> {
        let mut player = Player { stream, heard: 0 };
        let greeting = self.of(Side::Server).next().map_or(0, |chunk| chunk.after);
        let (greetings, answers): (Vec<_>, Vec<_>) = self.of(Side::Server).partition(|chunk| chunk.after <= greeting);
        for chunk in greetings {
            player.say(chunk).await?;
        }
        player.hear(answers.first().map_or(0, |chunk| chunk.after)).await?;
        Ok(Request { player, answers })
    }
}

fn bytes(capture: &Path) -> impl Iterator<Item = CaptureRecord> {
    let records = read_capture(capture).unwrap();
    records.filter(|record| record.kind() == Kind::Bytes).inspect(|record| assert_eq!(record.connection, 0))
}

/// A request that a server has heard, and what it says to it.
pub(super) struct Request<'a> {
    player: Player<TcpStream>,
    answers: Vec<&'a Chunk>,
}

impl Request<'_> {
    /// Answers until the client has closed.
    pub(super) async fn answer(self) -> io::Result<()> {
        self.answered().await?.end().await
    }

    /// Answers until the client has closed, and stays.
    pub(super) async fn answer_and_stay(self) -> io::Result<TcpStream> {
        let mut player = self.answered().await?;
        while player.stream.read(&mut [0; 64]).await? > 0 {}
        Ok(player.stream)
    }

    /// Breaks off in the middle.
    pub(super) async fn answer_half(mut self) -> io::Result<()> {
        if let Some(chunk) = self.answers.first() {
            self.player.stream.write_all(&chunk.data[..chunk.data.len() / 2]).await?;
        }
        self.player.end().await
    }

    /// The connection as it is.
    pub(super) fn unanswered(self) -> TcpStream {
        self.player.stream
    }

    async fn answered(mut self) -> io::Result<Player<TcpStream>> {
        for chunk in self.answers {
            self.player.say(chunk).await?;
        }
        Ok(self.player)
    }
}

/// One side of a connection.
struct Player<S> {
    stream: S,
    /// Bytes read so far.
    heard: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Player<S> {
    /// Reads until the other side has sent so much.
    async fn hear(&mut self, bytes: usize) -> io::Result<()> {
        let mut buffer = vec![0; 4 << 10];
        while self.heard < bytes {
            match self.stream.read(&mut buffer).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => self.heard += length,
            }
        }
        Ok(())
    }

    /// Sends a chunk when what came before it has come.
    async fn say(&mut self, chunk: &Chunk) -> io::Result<()> {
        self.hear(chunk.after).await?;
        self.stream.write_all(&chunk.data).await
    }

    /// Closes, and waits for the other side to do so.
    async fn end(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        while self.stream.read(&mut [0; 64]).await? > 0 {}
        Ok(())
    }
}
