//! `client --scripts DIR --job CASE=IP:PORT ...`: runs scripts, writes observations to standard output.

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Parser;
use futures::executor::block_on;
use grpcio::EnvBuilder;
use peer::{
    client::job::Job,
    describe::{CLIENT_FEATURES, describe},
};
use prost::Message;

/// How long the process lives after its last job, for what C core has still to write; nothing tells when it has.
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

fn main() -> Result<()> {
    let args = Args::parse();
    if args.describe {
        println!("{}", describe(CLIENT_FEATURES));
        return Ok(());
    }
    let scripts = args.scripts.context("--scripts is missing")?;
    // One completion queue with its thread, which wakes the futures; they all run here, in the order in which they are polled.
    let environment = Arc::new(EnvBuilder::new().cq_count(1).build());
    for job in &args.jobs {
        let observation = block_on(job.run(&scripts, &environment)).encode_length_delimited_to_vec();
        let mut stdout = io::stdout().lock();
        stdout
            .write_all(&observation)
            .and_then(|()| stdout.flush())
            .with_context(|| format!("cannot write the observation of {}", job.case))?;
    }
    thread::sleep(LINGER);
    Ok(())
}
