//! `server --port=8080 [--use_tls=true --tls_cert_file=FILE --tls_key_file=FILE]`: serves until SIGTERM.

use std::{
    fs,
    net::{Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;
use peer::{
    describe::{SERVER_FEATURES, describe},
    server::serve,
};
use tokio::{
    net::TcpListener,
    select,
    signal::unix::{SignalKind, signal},
    sync::Notify,
    time::sleep,
};
use tonic::transport::{Identity, ServerTlsConfig};

/// Time for open calls to end after SIGTERM; the process has to be gone within a second.
const GRACE: Duration = Duration::from_millis(500);

/// Serves grpc.testing.TestService on all addresses.
struct Args {
    /// Print what this server is and can do.
    describe: bool,
    port: u16,
    use_tls: bool,
    /// The certificate chain, PEM.
    tls_cert_file: Option<PathBuf>,
    /// The private key, PEM.
    tls_key_file: Option<PathBuf>,
}

impl Args {
    fn parse() -> Result<Self, lexopt::Error> {
        let mut args = Self { describe: false, port: 8080, use_tls: false, tls_cert_file: None, tls_key_file: None };
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("describe") => args.describe = true,
                Long("port") => args.port = parser.value()?.parse()?,
                Long("use_tls") => args.use_tls = parser.value()?.parse()?,
                Long("tls_cert_file") => args.tls_cert_file = Some(parser.value()?.into()),
                Long("tls_key_file") => args.tls_key_file = Some(parser.value()?.into()),
                other => return Err(other.unexpected()),
            }
        }
        Ok(args)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse()?;
    if args.describe {
        println!("{}", describe(SERVER_FEATURES));
        return Ok(());
    }
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let listener = listen(args.port).await?;
    eprintln!("listening on {}", listener.local_addr()?);

    let drain = Notify::new();
    let stopped = async {
        terminate.recv().await;
        drain.notify_one();
        sleep(GRACE).await;
    };
    select! {
        result = serve(listener, tls(&args)?, drain.notified()) => result,
        () = stopped => Ok(()),
    }
}

/// Listens on all addresses, of IPv4 alone where the host has no IPv6.
async fn listen(port: u16) -> Result<TcpListener> {
    let error = match TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await {
        Ok(listener) => return Ok(listener),
        Err(error) => error,
    };
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await;
    listener.with_context(|| format!("cannot listen on port {port}, nor with IPv6: {error}"))
}

fn tls(args: &Args) -> Result<Option<ServerTlsConfig>> {
    match (args.use_tls, &args.tls_cert_file, &args.tls_key_file) {
        (false, ..) => Ok(None),
        (true, Some(certificate), Some(key)) => {
            let identity = Identity::from_pem(read(certificate)?, read(key)?);
            Ok(Some(ServerTlsConfig::new().identity(identity)))
        }
        _ => bail!("--use_tls=true needs --tls_cert_file and --tls_key_file"),
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
