use super::Recorder;
use crate::model::Side;
use crate::proto::v1::capture_record::Kind;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Most bytes taken from a socket at once.
const CHUNK: usize = 512 << 10;

/// The recording relay of one cell: listens, and for each client dials the server.
pub struct Tap {
    address: SocketAddr,
    stop: watch::Sender<Stop>,
    relay: JoinHandle<()>,
    recorder: Recorder,
}

/// What a relay is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// Accept and relay.
    No,
    /// Accept no more; end with the last connection.
    Drain,
    /// Drop everything.
    Now,
}

/// Where a server is. It may move: one that dies is started again somewhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upstream {
    /// On its way up: connections wait for it.
    Awaited,
    /// Here.
    At(SocketAddr),
    /// Nowhere, and it will not be.
    Gone,
}

impl Tap {
    /// Listens on a free port of `listen` for clients of `server`, recording to `capture`.
    pub async fn open(listen: IpAddr, server: watch::Receiver<Upstream>, capture: PathBuf) -> std::io::Result<Tap> {
        Tap::on(TcpListener::bind((listen, 0)).await?, server, capture)
    }

    /// The same with a listener that is there already.
    pub fn on(listener: TcpListener, server: watch::Receiver<Upstream>, capture: PathBuf) -> std::io::Result<Tap> {
        let address = listener.local_addr()?;
        let recorder = Recorder::start(capture);
        let (stop, stopped) = watch::channel(Stop::No);
        let relay = tokio::spawn(accept(listener, server, recorder.clone(), stopped));
        Ok(Tap { address, stop, relay, recorder })
    }

    /// Where clients are to connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the open connections to end, `grace` at most, drops what is left, and completes the capture.
    pub async fn seal(self, grace: Duration) -> std::io::Result<()> {
        self.stop.send_replace(Stop::Drain);
        let mut relay = self.relay;
        if tokio::time::timeout(grace, &mut relay).await.is_err() {
            self.stop.send_replace(Stop::Now);
            relay.await.map_err(std::io::Error::other)?;
        }
        self.recorder.seal().await
    }
}

async fn accept(
    listener: TcpListener,
    server: watch::Receiver<Upstream>,
    recorder: Recorder,
    mut stop: watch::Receiver<Stop>,
) {
    let mut connections = JoinSet::new();
    let mut accepted = 0;
    loop {
        let client = tokio::select! {
            client = listener.accept() => client,
            Some(_) = connections.join_next() => continue,
            _ = stop.wait_for(|stop| *stop != Stop::No) => break,
        };
        if let Ok((client, _)) = client {
            // Here, so that connections open in the order of their numbers, one whose server is not there among them.
            recorder.event(Kind::Opened, accepted, None, "").await;
            connections.spawn(connection(accepted, client, server.clone(), recorder.clone()));
            accepted += 1;
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    tokio::select! {
        () = drained => {}
        _ = stop.wait_for(|stop| *stop == Stop::Now) => {}
    }
}

/// Connects to the server, waiting where it is on its way up.
async fn dial(mut server: watch::Receiver<Upstream>) -> std::io::Result<TcpStream> {
    let there = server.wait_for(|server| *server != Upstream::Awaited).await.map(|server| *server);
    match there {
        Ok(Upstream::At(address)) => TcpStream::connect(address).await,
        Ok(Upstream::Awaited | Upstream::Gone) | Err(_) => Err(std::io::Error::other("the server is gone")),
    }
}

/// Relays one connection until both directions have ended or one of them broke.
async fn connection(id: u32, mut client: TcpStream, server: watch::Receiver<Upstream>, recorder: Recorder) {
    let mut upstream = match dial(server).await {
        Ok(upstream) => upstream,
        Err(error) => {
            recorder.event(Kind::Broken, id, Some(Side::Server), &format!("cannot be reached: {error}")).await;
            return;
        }
    };
    // What the peers wrote at once travels at once: no coalescing of ours.
    let _ = client.set_nodelay(true);
    let _ = upstream.set_nodelay(true);
    let (client_read, client_write) = client.split();
    let (server_read, server_write) = upstream.split();
    let requests =
        Direction { connection: id, side: Side::Client, from: client_read, to: server_write, recorder: &recorder };
    let responses =
        Direction { connection: id, side: Side::Server, from: server_read, to: client_write, recorder: &recorder };
    let ended = {
        let (mut requests, mut responses) = (pin!(requests.relay()), pin!(responses.relay()));
        tokio::select! {
            first = &mut requests => both(first, responses).await,
            first = &mut responses => both(first, requests).await,
        }
    };
    if let Err(Broke { side, error, .. }) = ended {
        recorder.event(Kind::Broken, id, Some(side), &error.to_string()).await;
        // The other peer is to see a reset too, not an orderly end.
        let survivor = match side {
            Side::Client => &upstream,
            Side::Server => &client,
        };
        let _ = survivor.set_zero_linger();
    }
}

/// How a connection ends whose one direction has ended. A side that takes no more may have said something before: that is read first.
async fn both(first: Result<(), Broke>, other: impl Future<Output = Result<(), Broke>>) -> Result<(), Broke> {
    match first {
        Err(Broke { on: On::Read, .. }) => first,
        Err(Broke { on: On::Write, .. }) => other.await.and(first),
        Ok(()) => other.await,
    }
}

/// One direction of one connection.
struct Direction<'a> {
    connection: u32,
    side: Side,
    from: ReadHalf<'a>,
    to: WriteHalf<'a>,
    recorder: &'a Recorder,
}

/// That a side broke its connection.
struct Broke {
    side: Side,
    on: On,
    error: std::io::Error,
}

/// What the tap did when it found a connection broken.
enum On {
    /// It read, and has all that came.
    Read,
    /// It wrote.
    Write,
}

impl Direction<'_> {
    async fn relay(mut self) -> Result<(), Broke> {
        let mut chunk = Vec::with_capacity(CHUNK);
        loop {
            chunk.clear();
            match self.from.read_buf(&mut chunk).await {
                Ok(0) => {
                    self.recorder.event(Kind::HalfClosed, self.connection, Some(self.side), "").await;
                    let _ = self.to.shutdown().await;
                    return Ok(());
                }
                Ok(_) => self.forward(&chunk).await?,
                Err(error) => return Err(Broke { side: self.side, on: On::Read, error }),
            }
        }
    }

    /// Records before it forwards, so that causes stand before effects.
    async fn forward(&mut self, data: &[u8]) -> Result<(), Broke> {
        self.recorder.bytes(self.connection, self.side, data).await;
        let written = self.to.write_all(data).await;
        written.map_err(|error| Broke { side: self.side.other(), on: On::Write, error })
    }
}

#[cfg(test)]
mod tests;
