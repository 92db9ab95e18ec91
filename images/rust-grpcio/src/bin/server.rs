//! `server --port=8080 [--use_tls=true --tls_cert_file=FILE --tls_key_file=FILE]`: serves until SIGTERM.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, Result};
use clap::{ArgAction, Parser};
use futures::executor::block_on;
use grpcio::{ServerCredentials, ServerCredentialsBuilder};
use peer::{
    describe::{SERVER_FEATURES, describe},
    server,
};
use signal_hook::{consts::SIGTERM, iterator::Signals};

/// Serves grpc.testing.TestService on all addresses.
#[derive(Parser)]
#[command(rename_all = "snake_case")]
struct Args {
    /// Print what this server is and can do
    #[arg(long)]
    describe: bool,
    #[arg(long, default_value_t = 8080)]
    port: u16,
    #[arg(
        long,
        value_name = "true|false",
        default_value_t = false,
        action = ArgAction::Set,
        requires_if("true", "tls_cert_file"),
        requires_if("true", "tls_key_file")
    )]
    use_tls: bool,
    /// The certificate chain, PEM
    #[arg(long, value_name = "FILE")]
    tls_cert_file: Option<PathBuf>,
    /// The private key, PEM
    #[arg(long, value_name = "FILE")]
    tls_key_file: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if args.describe {
        println!("{}", describe(SERVER_FEATURES));
        return Ok(());
    }
    let mut signals = Signals::new([SIGTERM]).context("cannot listen for SIGTERM")?;
    let mut server = server::start(args.port, credentials(&args)?)?;
    eprintln!("listening on port {}", args.port);
    signals.forever().next();
    block_on(server::stop(&mut server));
    // Not by returning: a server dropped before its shutdown is complete aborts the process.
    process::exit(0);
}

fn credentials(args: &Args) -> Result<ServerCredentials> {
    Ok(match (args.use_tls, &args.tls_cert_file, &args.tls_key_file) {
        (true, Some(certificate), Some(key)) => {
            ServerCredentialsBuilder::new().add_cert(read(certificate)?, read(key)?).build()
        }
        _ => ServerCredentials::insecure(),
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
