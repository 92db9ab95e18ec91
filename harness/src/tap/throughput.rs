use super::{Tap, Upstream};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// What either end hands over or takes at once.
const CHUNK: usize = 256 << 10;

/// Zero bytes on one connection: so many calls, one after another.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// How many.
    pub calls: u32,
    /// Bytes that the client sends in each.
    pub request: u64,
    /// Bytes that the server sends when it has read them.
    pub response: u64,
}

impl Traffic {
    /// Bytes of both directions.
    pub fn bytes(&self) -> u64 {
        u64::from(self.calls) * (self.request + self.response)
    }
}

/// How long the same traffic takes over loopback, directly and through a tap.
pub struct Throughput {
    /// Without a tap.
    pub direct: Duration,
    /// With one, its capture written but for the last batch.
    pub tapped: Duration,
}

/// Measures both ways of connecting, the tap's capture going to `folder`.
pub async fn throughput(traffic: Traffic, folder: &Path) -> std::io::Result<Throughput> {
    let direct = transfer(traffic, |server| async move { Ok((server, None)) }).await?;
    let capture = folder.join("throughput.zst");
    let tapped = transfer(traffic, |server| async move {
        let (_keep, server) = watch::channel(Upstream::At(server));
        let tap = Tap::open(LOCAL, server, capture).await?;
        Ok((tap.address(), Some(tap)))
    });
    Ok(Throughput { direct, tapped: tapped.await? })
}

/// Time from the first byte until the client knows that the server has read the last.
async fn transfer<F>(traffic: Traffic, route: impl FnOnce(SocketAddr) -> F) -> std::io::Result<Duration>
where
    F: Future<Output = std::io::Result<(SocketAddr, Option<Tap>)>>,
{
    let listener = TcpListener::bind((LOCAL, 0)).await?;
    let (address, tap) = route(listener.local_addr()?).await?;
    let server = tokio::spawn(async move {
        let mut end = End::new(listener.accept().await?.0)?;
        for _ in 0..traffic.calls {
            end.read(traffic.request).await?;
            end.write(traffic.response).await?;
        }
        end.stream.shutdown().await
    });
    let mut end = End::new(TcpStream::connect(address).await?)?;
    let began = Instant::now();
    for _ in 0..traffic.calls {
        end.write(traffic.request).await?;
        end.read(traffic.response).await?;
    }
    end.stream.shutdown().await?;
    end.stream.read_to_end(&mut Vec::new()).await?;
    let took = began.elapsed();
    server.await.map_err(std::io::Error::other)??;
    if let Some(tap) = tap {
        tap.seal(Duration::from_secs(10)).await?;
    }
    Ok(took)
}

/// One end of the connection.
struct End {
    stream: TcpStream,
    chunk: Vec<u8>,
}

impl End {
    fn new(stream: TcpStream) -> std::io::Result<End> {
        stream.set_nodelay(true)?;
        Ok(End { stream, chunk: vec![0; CHUNK] })
    }

    async fn write(&mut self, bytes: u64) -> std::io::Result<()> {
        let mut left = bytes;
        while left > 0 {
            let part = self.part(left);
            self.stream.write_all(self.chunk.get(..part).unwrap_or_default()).await?;
            left -= part as u64;
        }
        Ok(())
    }

    async fn read(&mut self, bytes: u64) -> std::io::Result<()> {
        let mut left = bytes;
        while left > 0 {
            let part = self.part(left);
            match self.stream.read(self.chunk.get_mut(..part).unwrap_or_default()).await? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                read => left -= read as u64,
            }
        }
        Ok(())
    }

    fn part(&self, left: u64) -> usize {
        self.chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX))
    }
}
