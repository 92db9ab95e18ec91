//! `server --port=8080 [--use_tls=true --tls_cert_file=FILE --tls_key_file=FILE]`: serves until SIGTERM.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, Result, bail};
use futures::executor::block_on;
use grpcio::{ServerCredentials, ServerCredentialsBuilder};
use lexopt::prelude::*;
use peer::{
    describe::{SERVER_FEATURES, describe},
    server,
};
use signal_hook::{consts::SIGTERM, iterator::Signals};

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

fn main() -> Result<()> {
    let args = Args::parse()?;
    if args.describe {
        println!("{}", describe(SERVER_FEATURES));
        return Ok(());
    }
    let mut signals = Signals::new([SIGTERM]).context("cannot listen for SIGTERM")?;
    let (mut server, port) = server::start(args.port, credentials(&args)?)?;
    eprintln!("listening on port {port}");
    signals.forever().next();
    block_on(server::stop(&mut server));
    // Not by returning: a server dropped before its shutdown is complete aborts the process.
    process::exit(0);
}

fn credentials(args: &Args) -> Result<ServerCredentials> {
    Ok(match (args.use_tls, &args.tls_cert_file, &args.tls_key_file) {
        (false, ..) => ServerCredentials::insecure(),
        (true, Some(certificate), Some(key)) => {
            ServerCredentialsBuilder::new().add_cert(read(certificate)?, read(key)?).build()
        }
        _ => bail!("--use_tls=true needs --tls_cert_file and --tls_key_file"),
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
