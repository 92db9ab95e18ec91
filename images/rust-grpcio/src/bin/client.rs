//! `client --scripts DIR --job CASE=IP:PORT ...`: runs scripts, writes observations to standard output.

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use futures::executor::block_on;
use grpcio::EnvBuilder;
use lexopt::prelude::*;
use peer::{
    client::job::Job,
    describe::{CLIENT_FEATURES, describe},
};
use prost::Message;

/// How long the process lives after its last job, for what C core has still to write; nothing tells when it has.
const LINGER: Duration = Duration::from_millis(100);

/// Runs scripts against a gRPC server and reports what it sees.
struct Args {
    /// Print what this client is and can do.
    describe: bool,
    /// The folder with the scripts.
    scripts: Option<PathBuf>,
    /// The scripts to run and where.
    jobs: Vec<Job>,
}

impl Args {
    fn parse() -> Result<Self, lexopt::Error> {
        let mut args = Self { describe: false, scripts: None, jobs: Vec::new() };
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("describe") => args.describe = true,
                Long("scripts") => args.scripts = Some(parser.value()?.into()),
                Long("job") => args.jobs.push(parser.value()?.parse()?),
                other => return Err(other.unexpected()),
            }
        }
        Ok(args)
    }
}

fn main() -> Result<()> {
    let args = Args::parse()?;
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
