use crate::model::{BackendKind, Tier};
use crate::plan::{Filter, FilterError, Shard};
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// Runs every gRPC client against every gRPC server and judges the result on the wire.
#[derive(Debug, Parser)]
#[command(name = "interop", version, disable_help_subcommand = true)]
#[command(after_help = "\
Exit codes: 0 as expected; 1 fail, timeout, xpass or a changed snapshot; 2 bad input; 3 nothing ran; 4 no engine; 5 infra-error; 130 interrupted.")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the matrix, or the part of it that the filters leave.
    Run(RunArgs),
    /// Say which cells a run would have, and why the others are absent.
    Plan(PlanArgs),
    /// List what there is.
    List(ListArgs),
    /// Print one cell's traffic.
    Show(ShowArgs),
    /// Say what a wire rule means, with traffic that keeps and breaks it, and who broke it in the last run.
    Explain(ExplainArgs),
    /// Judge a run again from its folder, with no engine.
    Replay(ReplayArgs),
    /// Tell of a run in another form, from its folder.
    Report(ReportArgs),
    /// Say what differs between two runs: verdicts, and the traffic in gRPC terms.
    Diff(DiffArgs),
    /// Run a peer and a variant of it, and say what differs.
    Upgrade(UpgradeArgs),
    /// Make one run of the shards of one plan.
    Merge(MergeArgs),
    /// Run cells of a run again.
    Rerun(RerunArgs),
    /// Hold this program's decoder against tshark, over one cell of each case of a run.
    VerifyWire(VerifyArgs),
    /// Record anybody's connections on their way to a server, and say which rules they break.
    Tap(TapArgs),
    /// Build the peers' images that changed.
    Images(ImagesArgs),
    /// Help to write a peer.
    #[command(subcommand)]
    Peer(PeerCommand),
    /// Run a program of this host that ends when standard input does: how the harness starts its own.
    #[command(hide = true)]
    Guard(GuardArgs),
    /// Remove containers and networks that dead runs left.
    Clean,
    /// Measure: cells per second beside a container per cell, and the tap beside a direct connection.
    Bench,
}

#[derive(Debug, Subcommand)]
pub(super) enum PeerCommand {
    /// Run a peer's canary, proofs and a small core, and say what is missing, in order.
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The peer's folder, inside `images/` or anywhere.
    #[arg(value_name = "DIR")]
    pub(super) peer: PathBuf,
    #[command(flatten)]
    pub(super) backend: BackendArgs,
}

/// Filters, the same for all commands: globs, repeatable.
#[derive(Debug, Default, Args)]
pub(super) struct CellArgs {
    /// Only these clients (glob, repeatable).
    #[arg(long, value_name = "GLOB")]
    client: Vec<String>,
    /// Only these servers (glob, repeatable).
    #[arg(long, value_name = "GLOB")]
    server: Vec<String>,
    /// Only these cases (glob, repeatable).
    #[arg(long, value_name = "GLOB")]
    case: Vec<String>,
    /// Only these transports (glob, repeatable).
    #[arg(long, value_name = "GLOB")]
    transport: Vec<String>,
}

/// Which cells of the matrix.
#[derive(Debug, Default, Args)]
pub(super) struct FilterArgs {
    #[command(flatten)]
    cells: CellArgs,
    /// Which tier of cases: `default`, or `extended` for those of documented sizes, which take long.
    #[arg(long, value_name = "TIER", default_value_t)]
    pub(super) tier: Tier,
    /// Only one part of what is left: 2/3 is the second of three, which `interop merge` puts together again.
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Shard>,
    #[command(flatten)]
    pub(super) foreign: ForeignArgs,
}

/// Peers from elsewhere, the same for all commands.
#[derive(Debug, Default, Args)]
pub(super) struct ForeignArgs {
    /// A peer's folder outside `images/`, taken in like those inside (repeatable).
    #[arg(long, value_name = "DIR")]
    pub(super) peer: Vec<PathBuf>,
}

impl CellArgs {
    pub(super) fn filter(&self) -> Result<Filter, FilterError> {
        Filter::new(&self.client, &self.server, &self.case, &self.transport)
    }
}

impl FilterArgs {
    pub(super) fn filter(&self) -> Result<Filter, FilterError> {
        self.cells.filter()
    }
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) filter: FilterArgs,
    #[command(flatten)]
    pub(super) backend: BackendArgs,
    /// Run each cell so often, and count how it comes out.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) repeat: u32,
    /// Print results.json to standard output instead of the matrix.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) pending: PendingArgs,
}

/// What is done about snapshots that are not as accepted, the same for all commands that compare.
#[derive(Debug, Default, Args)]
pub(super) struct PendingArgs {
    /// Leave a `.snap.new` for each snapshot that is not as accepted: `cargo insta review` shows and accepts them.
    #[arg(long)]
    pub(super) write_pending: bool,
}

/// Where peers run, the same for all commands that run any.
#[derive(Debug, Args)]
pub(super) struct BackendArgs {
    /// Where peers run: `containers`, or `process` for those with a `local` section in peer.yaml, which need no engine.
    #[arg(long = "backend", value_name = "BACKEND", default_value_t)]
    pub(super) kind: BackendKind,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) filter: FilterArgs,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
    /// Print so many shards as a line for `$GITHUB_OUTPUT`: `shards`, the matrix of the jobs that run them.
    #[arg(long, value_name = "N", conflicts_with_all = ["json", "shard"], value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) github: Option<u16>,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// What to list.
    #[arg(value_enum)]
    pub(super) what: Listed,
    #[command(flatten)]
    pub(super) foreign: ForeignArgs,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Listed {
    /// The cases in `cases/`.
    Cases,
    /// The peers in `images/`.
    Peers,
    /// The wire rules.
    Rules,
}

#[derive(Debug, Args)]
pub(super) struct TapArgs {
    /// Where clients connect: address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen: String,
    /// Where the server is: address or name, and port.
    #[arg(long, value_name = "HOST:PORT")]
    pub(super) to: String,
    /// The file to record into; interop-tap-<time>.zst if absent. `interop show --capture FILE` shows it again.
    #[arg(long, value_name = "FILE")]
    pub(super) capture: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The cell's id: case/client/server/transport.
    #[arg(required_unless_present = "capture", default_value = "", hide_default_value = true)]
    pub(super) cell: String,
    /// What `interop tap` recorded, in place of a cell.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cell", "round", "run"])]
    pub(super) capture: Option<PathBuf>,
    /// Which round of a repeated run, from 0; the first with the cell's verdict if absent.
    #[arg(long, value_name = "R")]
    pub(super) round: Option<u32>,
    /// The run's folder; the last run's if absent.
    #[arg(long, value_name = "DIR")]
    pub(super) run: Option<PathBuf>,
    /// Every HTTP/2 frame in order, in place of call by call.
    #[arg(long)]
    pub(super) frames: bool,
    /// Print the same as JSON.
    #[arg(long)]
    pub(super) json: bool,
    /// Write it to a file that Wireshark opens, in place of printing it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["frames", "json"])]
    pub(super) pcapng: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    pub(super) cells: CellArgs,
    /// The run's folder; the last run's if absent.
    #[arg(long, value_name = "DIR")]
    pub(super) run: Option<PathBuf>,
    /// Print the differences as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule's id, such as W8; `interop list rules` lists them.
    pub(super) rule: String,
}

#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// The run's folder; the last run's if absent.
    pub(super) run: Option<PathBuf>,
    /// Judge by the cases, peers and ledger of this checkout instead of those the run was made from.
    #[arg(long)]
    pub(super) current: bool,
    /// Print the results as JSON instead of the matrix.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) pending: PendingArgs,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The folder of the run before.
    pub(super) from: PathBuf,
    /// The folder of the run after. A variant in it, as in `python@1.67.1`, stands for its peer.
    pub(super) to: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct UpgradeArgs {
    /// The peer.
    pub(super) peer: String,
    /// The name of the variant, as in its peer.yaml.
    #[arg(long, value_name = "NAME")]
    pub(super) to: String,
    #[command(flatten)]
    pub(super) cells: CellArgs,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// The folders of the shards' runs.
    #[arg(required = true)]
    pub(super) runs: Vec<PathBuf>,
    /// Print results.json to standard output instead of the matrix.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct RerunArgs {
    /// The run's folder; the last run's if absent.
    pub(super) run: Option<PathBuf>,
    /// Those that were not as expected.
    #[arg(long, required = true)]
    pub(super) failed: bool,
    /// Print results.json to standard output instead of the matrix.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The run's folder; the last run's if absent.
    pub(super) run: Option<PathBuf>,
    /// In which form.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: ReportFormat,
}

/// Forms of a report. Each goes to standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ReportFormat {
    /// What a run prints.
    #[default]
    Text,
    /// results.json.
    Json,
    /// JUnit XML.
    Junit,
    /// A page for GitHub's summary of a job.
    Markdown,
    /// GitHub's workflow commands: what is not as expected, at the lines of cases and ledger.
    Annotations,
    /// cases/durations.yaml: how long each case takes, by which shards are made equal.
    Durations,
}

#[derive(Debug, Args)]
pub(super) struct GuardArgs {
    /// How many bytes of standard input are the program's.
    pub(super) input: u64,
    /// The program and its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    pub(super) argv: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct ImagesArgs {
    /// Only these peers; all if absent.
    pub(super) peers: Vec<String>,
    /// Save them, and what they are built on, to a file: another machine loads it and builds nothing.
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
    /// Load images from such a file, in place of building them.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["save", "peers"])]
    pub(super) load: Option<PathBuf>,
    #[command(flatten)]
    pub(super) foreign: ForeignArgs,
}
