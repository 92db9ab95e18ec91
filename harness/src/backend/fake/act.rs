use crate::model::Side;
use crate::proto::v1::capture_record::{Kind, Side as Recorded};
use crate::proto::v1::{CaptureRecord, Observation};
use crate::tap::read_capture;
use bytes::Bytes;
use prost::Message;
use std::io;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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
    pub(super) async fn play_client(&self, stream: TcpStream) -> io::Result<()> {
        let mut player = Player { stream, heard: 0 };
        for chunk in self.of(Side::Client) {
            player.say(chunk).await?;
        }
        player.hear(self.of(Side::Server).map(|chunk| chunk.data.len()).sum()).await?;
        player.end().await
    }

    /// Plays the server until the client has closed; one that only greets is answered so far. With a request in hand, `breaks`
    /// ends the play there: the stream comes back as it is then.
    pub(super) async fn play_server(&self, stream: TcpStream, breaks: bool) -> io::Result<Option<TcpStream>> {
        let mut player = Player { stream, heard: 0 };
        let greeting = self.of(Side::Server).next().map_or(0, |chunk| chunk.after);
        for chunk in self.of(Side::Server) {
            if breaks && chunk.after > greeting {
                player.hear(chunk.after).await?;
                return Ok(Some(player.stream));
            }
            player.say(chunk).await?;
        }
        player.end().await?;
        Ok(None)
    }
}

fn bytes(capture: &Path) -> impl Iterator<Item = CaptureRecord> {
    let records = read_capture(capture).unwrap();
    records.filter(|record| record.kind() == Kind::Bytes).inspect(|record| assert_eq!(record.connection, 0))
}

/// One side of a connection.
struct Player {
    stream: TcpStream,
    /// Bytes read so far.
    heard: usize,
}

impl Player {
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
