use super::{Tap, Upstream};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// What a writer hands over at once.
const CHUNK: usize = 256 << 10;

/// How long so many zero bytes take over loopback, directly and through a tap.
pub struct Throughput {
    /// Without a tap.
    pub direct: Duration,
    /// With one, its capture written.
    pub tapped: Duration,
}

/// Sends `bytes` both ways of connecting, the tap's capture going to `folder`.
pub async fn throughput(bytes: u64, folder: &Path) -> std::io::Result<Throughput> {
    let direct = transfer(bytes, |server| async move { Ok((server, None)) }).await?;
    let capture = folder.join("throughput.zst");
    let tapped = transfer(bytes, |server| async move {
        let (_keep, server) = watch::channel(Upstream::At(server));
        let tap = Tap::open(LOCAL, server, capture).await?;
        Ok((tap.address(), Some(tap)))
    });
    Ok(Throughput { direct, tapped: tapped.await? })
}

/// Time until the server has read everything, from the first byte on.
async fn transfer<F>(bytes: u64, route: impl FnOnce(SocketAddr) -> F) -> std::io::Result<Duration>
where
    F: Future<Output = std::io::Result<(SocketAddr, Option<Tap>)>>,
{
    let listener = TcpListener::bind((LOCAL, 0)).await?;
    let (address, tap) = route(listener.local_addr()?).await?;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let mut buffer = vec![0; CHUNK];
        while stream.read(&mut buffer).await? > 0 {}
        stream.shutdown().await
    });
    let mut client = TcpStream::connect(address).await?;
    let began = Instant::now();
    let chunk = vec![0; CHUNK];
    let mut left = bytes;
    while left > 0 {
        let now = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        client.write_all(chunk.get(..now).unwrap_or_default()).await?;
        left -= now as u64;
    }
    client.shutdown().await?;
    client.read_to_end(&mut Vec::new()).await?;
    let took = began.elapsed();
    server.await.map_err(std::io::Error::other)??;
    if let Some(tap) = tap {
        tap.seal(Duration::from_secs(10)).await?;
    }
    Ok(took)
}
