//! `client --scripts DIR --job CASE=IP:PORT ...`: runs scripts, writes observations to standard output.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result};
use lexopt::prelude::*;
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

// A single thread starts the calls of a group in the order of the script.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args = Args::parse()?;
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
