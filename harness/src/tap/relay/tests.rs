use super::{Tap, Upstream};
use crate::proto::v1::CaptureRecord;
use crate::proto::v1::capture_record::{Kind, Side};
use crate::tap::read_capture;
use crate::wire::{PREFACE, decode, decode_tls};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const GRACE: Duration = Duration::from_secs(5);

/// A server that takes one connection and does as told with it.
async fn server<F>(serve: impl FnOnce(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind((LOCAL, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { serve(listener.accept().await.unwrap().0).await });
    address
}

async fn open(folder: &Path, server: SocketAddr) -> (Tap, PathBuf) {
    let path = folder.join("capture.zst");
    let (_, server) = watch::channel(Upstream::At(server));
    (Tap::open(LOCAL, server, path.clone()).await.unwrap(), path)
}

fn bytes(records: &[CaptureRecord], side: Side) -> Vec<u8> {
    records.iter().filter(|record| record.side() == side).flat_map(|record| record.data.to_vec()).collect()
}

fn records(path: &std::path::Path) -> Vec<CaptureRecord> {
    read_capture(path).unwrap().collect()
}

#[tokio::test]
async fn forwards_every_byte_and_keeps_half_close() {
    let folder = tempfile::tempdir().unwrap();
    // The server answers only after the client's end: without half-close both would wait for ever.
    let address = server(|mut stream| async move {
        let mut request = Vec::new();
        stream.read_to_end(&mut request).await.unwrap();
        request.reverse();
        stream.write_all(&request).await.unwrap();
    })
    .await;
    let (tap, path) = open(folder.path(), address).await;
    let request: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
    let mut client = TcpStream::connect(tap.address()).await.unwrap();
    let (mut read, mut write) = client.split();
    let mut response = Vec::new();
    let send = async {
        write.write_all(&request).await.unwrap();
        write.shutdown().await.unwrap();
    };
    let (_, received) = tokio::join!(send, read.read_to_end(&mut response));
    received.unwrap();
    response.reverse();
    assert!(response == request, "what came back is not what was sent");
    tap.seal(GRACE).await.unwrap();

    let records = records(&path);
    assert!(bytes(&records, Side::Client) == request);
    assert_eq!(bytes(&records, Side::Server).len(), request.len());
    let at = |kind, side| records.iter().position(|record| record.kind() == kind && record.side() == side).unwrap();
    assert!(at(Kind::HalfClosed, Side::Client) < at(Kind::Bytes, Side::Server), "the cause stands before the effect");
    assert_eq!(records.last().unwrap().kind(), Kind::Sealed);
    assert!(records.windows(2).all(|pair| pair[0].at_us <= pair[1].at_us), "times run with the sequence");
}

#[tokio::test]
async fn a_slow_reader_slows_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let address = server(|mut stream| async move {
        wait.await.unwrap();
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.unwrap();
    })
    .await;
    let (tap, _) = open(folder.path(), address).await;
    let mut client = TcpStream::connect(tap.address()).await.unwrap();
    let total = 64 << 20;
    let mut sent = 0;
    let chunk = vec![0; 1 << 16];
    // Writes until nothing moves: only buffers of the system and one chunk of the tap's are in between.
    while let Ok(written) = tokio::time::timeout(Duration::from_millis(500), client.write(&chunk)).await {
        sent += written.unwrap();
        assert!(sent < total, "the tap took everything although nobody read it");
    }
    go.send(()).unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    tap.seal(GRACE).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    // Bound and not listening: a port merely let go could be the tap's own a moment later.
    let unheard = TcpSocket::new_v4().unwrap();
    unheard.bind((LOCAL, 0).into()).unwrap();
    let nobody = unheard.local_addr().unwrap();
    let (tap, path) = open(folder.path(), nobody).await;
    let mut client = TcpStream::connect(tap.address()).await.unwrap();
    assert_eq!(client.read(&mut [0; 1]).await.unwrap_or(0), 0);
    tap.seal(GRACE).await.unwrap();
    let records = records(&path);
    let broken = records.iter().find(|record| record.kind() == Kind::Broken).unwrap();
    assert_eq!(broken.side(), Side::Server);
    assert!(broken.detail.contains("cannot be reached"), "{}", broken.detail);
    let transcript = crate::wire::decode(records).unwrap();
    assert_eq!(transcript.connections.len(), 1, "it is a capture like any other");
}

#[tokio::test]
async fn a_capture_with_a_server_that_refuses_at_first_is_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let unheard = TcpSocket::new_v4().unwrap();
    unheard.bind((LOCAL, 0).into()).unwrap();
    let (upstream, server_place) = watch::channel(Upstream::At(unheard.local_addr().unwrap()));
    let path = folder.path().join("capture.zst");
    let tap = Tap::open(LOCAL, server_place, path.clone()).await.unwrap();
    let mut refused = TcpStream::connect(tap.address()).await.unwrap();
    assert_eq!(refused.read(&mut [0; 1]).await.unwrap_or(0), 0);
    let there = server(|mut stream| async move {
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    })
    .await;
    upstream.send_replace(Upstream::At(there));
    let mut client = TcpStream::connect(tap.address()).await.unwrap();
    client.write_all(PREFACE).await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    tap.seal(GRACE).await.unwrap();

    let records = records(&path);
    let transcript = decode(records.clone()).unwrap();
    let seen: Vec<_> = transcript.connections.iter().map(|made| (made.index, made.preface)).collect();
    assert_eq!(seen, [(0, false), (1, true)]);
    assert!(transcript.sealed);
    assert_eq!(decode_tls(records).unwrap().connections.len(), 2);
}

#[tokio::test]
async fn a_reset_arrives_as_a_reset() {
    let folder = tempfile::tempdir().unwrap();
    let (told, seen) = tokio::sync::oneshot::channel();
    let address = server(|mut stream| async move {
        stream.read_exact(&mut [0; 5]).await.unwrap();
        let _ = told.send(stream.read(&mut [0; 1]).await);
    })
    .await;
    let (tap, path) = open(folder.path(), address).await;
    let mut client = TcpStream::connect(tap.address()).await.unwrap();
    client.write_all(b"hello").await.unwrap();
    client.set_zero_linger().unwrap();
    drop(client);
    assert_eq!(seen.await.unwrap().unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    tap.seal(GRACE).await.unwrap();
    let records = records(&path);
    let broken = records.iter().find(|record| record.kind() == Kind::Broken).unwrap();
    assert_eq!(broken.side(), Side::Client);
}

/// A client that closes with something unread resets its connection, and what it said before is worth as much as ever.
#[tokio::test]
async fn what_a_client_said_before_it_closed_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let (full, is_full) = tokio::sync::oneshot::channel::<()>();
    let (closed, is_closed) = tokio::sync::oneshot::channel::<()>();
    let address = server(|mut stream| async move {
        is_full.await.unwrap();
        stream.write_all(b"unread").await.unwrap();
        is_closed.await.unwrap();
        stream.write_all(b"too late").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let (tap, path) = open(folder.path(), address).await;
    let mut client = TcpStream::connect(tap.address()).await.unwrap();
    // The server does not read yet, so that the tap is left with something of the client's to read.
    while let Ok(written) = tokio::time::timeout(Duration::from_millis(200), client.write(&[7; 100_000])).await {
        written.unwrap();
    }
    full.send(()).unwrap();
    client.readable().await.unwrap();
    drop(client);
    closed.send(()).unwrap();
    tap.seal(GRACE).await.unwrap();
    let records = records(&path);
    let at = |wanted: &[u8]| records.iter().position(|record| record.data == wanted).unwrap();
    let (late, last) = (at(b"too late"), records.len() - 1);
    assert!(records[late..].iter().any(|record| record.side() == Side::Client && record.kind() == Kind::Bytes));
    assert_eq!((records[last].kind(), records[last - 1].kind()), (Kind::Sealed, Kind::Broken));
    assert_eq!(records.iter().filter(|record| record.kind() == Kind::Broken).count(), 1);
}

#[tokio::test]
async fn sealing_ends_connections_that_outlive_the_grace() {
    let folder = tempfile::tempdir().unwrap();
    let (arrived, wait) = tokio::sync::oneshot::channel();
    let address = server(|mut stream| async move {
        stream.read_exact(&mut [0; 5]).await.unwrap();
        arrived.send(()).unwrap();
        let _ = stream.read(&mut [0; 16]).await;
    })
    .await;
    let (tap, path) = open(folder.path(), address).await;
    let mut client = TcpStream::connect(tap.address()).await.unwrap();
    client.write_all(b"hello").await.unwrap();
    wait.await.unwrap();
    tap.seal(Duration::from_millis(50)).await.unwrap();
    let records = records(&path);
    assert_eq!(bytes(&records, Side::Client), b"hello");
    assert_eq!(client.read(&mut [0; 1]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_capture_that_breaks_off_is_read_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let address = server(|mut stream| async move {
        let _ = stream.read(&mut [0; 16]).await;
    })
    .await;
    let (tap, path) = open(folder.path(), address).await;
    TcpStream::connect(tap.address()).await.unwrap().write_all(b"hello").await.unwrap();
    tap.seal(GRACE).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, b"not a capture").unwrap();
    assert!(read_capture(&path).is_err());
    std::fs::write(&path, &whole[..whole.len() - 3]).unwrap();
    // A zstd frame that lacks its end may give nothing at all; what it gives has no seal unless it is complete.
    if let Ok(mut records) = read_capture(&path) {
        assert_eq!(records.next().unwrap().kind(), Kind::Header);
    }
}

#[tokio::test]
async fn a_server_on_its_way_up_is_waited_for_and_one_that_is_gone_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (moves, server_is) = watch::channel(Upstream::Awaited);
    let path = folder.path().join("capture.zst");
    let tap = Tap::open(LOCAL, server_is, path.clone()).await.unwrap();
    let mut early = TcpStream::connect(tap.address()).await.unwrap();
    early.write_all(b"hello").await.unwrap();
    let address = server(|mut stream| async move {
        stream.read_exact(&mut [0; 5]).await.unwrap();
        stream.write_all(b"late").await.unwrap();
    })
    .await;
    moves.send_replace(Upstream::At(address));
    let mut answer = [0; 4];
    early.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"late");
    moves.send_replace(Upstream::Gone);
    let mut late = TcpStream::connect(tap.address()).await.unwrap();
    assert_eq!(late.read(&mut [0; 1]).await.unwrap_or(0), 0);
    tap.seal(GRACE).await.unwrap();
    let records = records(&path);
    assert!(records.iter().any(|record| record.kind() == Kind::Broken && record.detail.contains("the server is gone")));
}
