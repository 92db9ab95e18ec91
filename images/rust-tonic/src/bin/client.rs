//! `client --scripts DIR --job CASE=IP:PORT ...`: runs scripts, writes observations to standard output.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Parser;
use peer::{
    client::job::Job,
    describe::{CLIENT_FEATURES, describe},
};
use prost::Message;
use tokio::time::sleep;

/// How long the process lives after its last job. Dropping a call or channel only tells a task of tonic to write
/// RST_STREAM or GOAWAY; a process that ends at once loses that frame, and there is no event to wait for.
const LINGER: Duration = Duration::from_millis(100);

/// Runs scripts against a gRPC server and reports what it sees.
#[derive(Parser)]
struct Args {
    /// Print what this client is and can do
    #[arg(long)]
    describe: bool,
    /// The folder with the scripts
    #[arg(long, value_name = "DIR", required_unless_present = "describe")]
    scripts: Option<PathBuf>,
    /// A script to run and where; repeatable
    #[arg(long = "job", value_name = "CASE=IP:PORT")]
    jobs: Vec<Job>,
}

// A single thread starts the calls of a group in the order of the script.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args = Args::parse();
    if args.describe {
        println!("{}", describe(CLIENT_FEATURES));
        return Ok(());
    }
    let scripts = args.scripts.context("--scripts is missing")?;
    for job in &args.jobs {
        let observation = job.run(&scripts).await.encode_length_delimited_to_vec();
        let mut stdout = io::stdout().lock();
        stdout
            .write_all(&observation)
            .and_then(|()| stdout.flush())
            .with_context(|| format!("cannot write the observation of {}", job.case))?;
    }
    sleep(LINGER).await;
    Ok(())
}
