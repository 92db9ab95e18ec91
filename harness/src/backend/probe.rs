//! Whether a server is there, and whether a client reaches a tap.

use super::any_certificate::connector;
use super::{BackendError, Failure, Instance, Pipe};
use crate::model::{SERVER_NAME, Transport};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tokio_rustls::rustls::pki_types::ServerName;

/// The client's side of a connection's start: preface and an empty SETTINGS frame (RFC 9113, 3.4).
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
const FRAME_HEADER: usize = 9;
const SETTINGS: u8 = 0x4;
const ACK: u8 = 0x1;
/// Most that is read of what a client's shell says, in bytes.
const SAID: u64 = 64 << 10;
const INTERVAL: Duration = Duration::from_millis(20);

/// Waits until a server has sent its first SETTINGS, connecting again until then. The error says what last happened.
pub async fn ready(addr: SocketAddr, over: Transport, within: Duration) -> Result<(), String> {
    let deadline = Instant::now() + within;
    let mut again = interval(INTERVAL);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut step, mut before) = ("waiting", String::new());
    while timeout_at(deadline, again.tick()).await.is_ok() {
        match timeout_at(deadline, greet(addr, over, &mut step)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => before = format!("; before that: {step}: {error}"),
            Err(_) => break,
        }
    }
    Err(format!("{addr} was not ready within {} ms: {step} when the time was up{before}", within.as_millis()))
}

/// One attempt; `step` names what is being done.
async fn greet(addr: SocketAddr, over: Transport, step: &mut &str) -> io::Result<()> {
    *step = "connecting";
    let stream = TcpStream::connect(addr).await?;
    match over {
        Transport::Plaintext => settings(stream, step).await,
        Transport::Tls => {
            *step = "the TLS handshake";
            let name = ServerName::try_from(SERVER_NAME).map_err(io::Error::other)?;
            let stream = connector().map_err(io::Error::other)?.connect(name, stream).await?;
            settings(stream, step).await
        }
    }
}

/// The start of HTTP/2 as a client has it.
async fn settings(mut stream: impl AsyncRead + AsyncWrite + Unpin, step: &mut &str) -> io::Result<()> {
    *step = "sending the HTTP/2 preface";
    stream.write_all(HELLO).await?;
    *step = "reading the server's SETTINGS";
    let mut header = [0; FRAME_HEADER];
    stream.read_exact(&mut header).await?;
    if header[3] == SETTINGS && header[4] & ACK == 0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        format!("this is not HTTP/2: {:?}", String::from_utf8_lossy(&header)),
    ))
}

/// Proves that a client reaches a listener on the address of the taps.
pub async fn reachable(client: &dyn Instance, tap: IpAddr) -> Result<(), BackendError> {
    let failed = |what: String| BackendError { failure: Failure::Infra, what };
    let listener = TcpListener::bind(SocketAddr::new(tap, 0)).await;
    let listener = listener.map_err(|error| failed(format!("a tap cannot listen on {tap}: {error}")))?;
    let port = listener.local_addr().map_err(|error| failed(format!("a tap on {tap} has no port: {error}")))?.port();
    let dial = ["timeout", "3", "bash", "-c", r#"exec 3<>"/dev/tcp/$0/$1""#, &tap.to_string(), &port.to_string()];
    let mut job = client.exec(dial.map(str::to_owned).to_vec()).await?;
    let (out, err) = tokio::join!(read(job.stdout()), read(job.stderr()));
    match job.exit_code().await? {
        0 => Ok(()),
        code => Err(failed(format!(
            "a client does not reach {tap}, where taps listen (exit code {code}: {}{}); a firewall of this host may be in the way: \
             let in TCP from the containers' network to {tap}",
            out.trim(),
            err.trim()
        ))),
    }
}

async fn read(pipe: Option<Pipe>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // Whatever came before an error is what there is to show.
        let _ = pipe.take(SAID).read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Job;
    use futures::future::BoxFuture;
    use std::path::PathBuf;
    use tokio::net::TcpSocket;

    /// Time for what is to fail: enough for several attempts, also on a busy machine.
    const SHORT: Duration = Duration::from_secs(1);
    const LONG: Duration = Duration::from_secs(20);

    /// A server that answers each connection so, after reading what a client says first.
    async fn serve(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut hello = vec![0; HELLO.len()];
                stream.read_exact(&mut hello).await.unwrap();
                assert_eq!(hello, HELLO);
                stream.write_all(answer).await.unwrap();
            }
        });
        addr
    }

    #[tokio::test]
    async fn settings_mean_ready() {
        let addr = serve(b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00").await;
        assert_eq!(ready(addr, Transport::Plaintext, LONG).await, Ok(()));
    }

    /// An address that is ours and that nobody listens on: a port merely let go could be another test's a moment later.
    fn bound() -> (TcpSocket, SocketAddr) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let addr = socket.local_addr().unwrap();
        (socket, addr)
    }

    async fn failure(addr: SocketAddr) -> String {
        let mut step = "waiting";
        let error = greet(addr, Transport::Plaintext, &mut step).await.unwrap_err();
        format!("{step}: {error}")
    }

    #[tokio::test]
    async fn a_failure_names_its_step() {
        let error = failure(serve(b"HTTP/1.1 400 Bad Request").await).await;
        assert_eq!(error, "reading the server's SETTINGS: this is not HTTP/2: \"HTTP/1.1 \"");
        let error = failure(serve(b"").await).await;
        assert!(error.starts_with("reading the server's SETTINGS: "), "{error}");
        let (_socket, addr) = bound();
        let error = failure(addr).await;
        assert!(error.starts_with("connecting: ") && error.contains("refused"), "{error}");
    }

    #[tokio::test]
    async fn the_last_failure_is_told() {
        let (_socket, addr) = bound();
        let error = ready(addr, Transport::Plaintext, SHORT).await.unwrap_err();
        assert!(
            error.contains(" was not ready within 1000 ms: ") && error.contains("; before that: connecting: "),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_server_that_comes_later_is_found() {
        let (socket, addr) = bound();
        let server = async {
            // The probe was polled first, so its first connection was refused.
            let (mut stream, _) = socket.listen(1).unwrap().accept().await.unwrap();
            stream.write_all(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00").await.unwrap();
            stream
        };
        let (ready, _stream) = tokio::join!(ready(addr, Transport::Plaintext, LONG), server);
        assert_eq!(ready, Ok(()));
    }

    #[tokio::test]
    async fn silence_ends_with_the_time() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = ready(listener.local_addr().unwrap(), Transport::Plaintext, SHORT).await.unwrap_err();
        assert!(error.ends_with("ms: reading the server's SETTINGS when the time was up"), "{error}");
    }

    /// A client whose execs end with this code and complaint.
    struct Client(i64, &'static [u8]);

    impl Instance for Client {
        fn address(&self, port: u16) -> SocketAddr {
            SocketAddr::from(([127, 0, 0, 1], port))
        }

        fn exec(&self, argv: Vec<String>) -> BoxFuture<'_, Result<Box<dyn Job>, BackendError>> {
            assert_eq!(argv[5], "127.0.0.1");
            let job = Ended(self.0, self.1);
            Box::pin(async { Ok(Box::new(job) as Box<dyn Job>) })
        }

        fn ended(&self) -> BoxFuture<'_, String> {
            Box::pin(std::future::pending())
        }

        fn stop(&self, _: PathBuf) -> BoxFuture<'_, Result<(), BackendError>> {
            Box::pin(async { Ok(()) })
        }
    }

    struct Ended(i64, &'static [u8]);

    impl Job for Ended {
        fn stdout(&mut self) -> Option<Pipe> {
            None
        }

        fn stderr(&mut self) -> Option<Pipe> {
            Some(Box::pin(self.1))
        }

        fn exit_code(&mut self) -> BoxFuture<'_, Result<i64, BackendError>> {
            Box::pin(async { Ok(self.0) })
        }

        fn kill(&self) -> BoxFuture<'_, Result<(), BackendError>> {
            Box::pin(async { Ok(()) })
        }
    }

    #[tokio::test]
    async fn a_client_that_reaches_no_tap_names_firewall_and_address() {
        let tap = IpAddr::from([127, 0, 0, 1]);
        assert!(reachable(&Client(0, b""), tap).await.is_ok());
        let error = reachable(&Client(124, b"cut off\n"), tap).await.unwrap_err();
        assert_eq!(error.failure, Failure::Infra);
        let told = ["127.0.0.1", "firewall", "exit code 124: cut off"].map(|part| error.what.contains(part));
        assert_eq!(told, [true; 3], "{error}");
    }
}
