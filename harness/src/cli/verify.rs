use super::Exit;
use super::args::VerifyArgs;
use super::backend::places;
use super::commands::{backend_failed, bad_input, block_on, print_json, root};
use super::show::{folder, server_speaks, warn};
use crate::backend::BackendError;
use crate::backend::containers::{Engine, Images, run_tool};
use crate::plan::Filter;
use crate::report::{CellResult, Origin, Packets, ShowCell, results};
use crate::run::{RunFolder, read_recording, read_run};
use crate::tap::read_capture;
use crate::verify::{ARGUMENTS, Compared, Said, Verified, compare, ours, sample, theirs};
use std::collections::BTreeSet;
use std::path::Path;

/// The folder in `images/` of the other decoder.
const TOOL: &str = "tshark";

/// Reads a sample of a run's captures by both decoders and says where they differ, which is red.
pub(super) fn verify(args: &VerifyArgs) -> Exit {
    let read = args.cells.filter().map_err(|error| error.to_string());
    let read = read.and_then(|filter| read_ours(args.run.as_deref(), &filter));
    let (verified, read) = match read {
        Ok(read) => read,
        Err(what) => return bad_input(&what),
    };
    if verified.compared.frames == 0 {
        eprintln!("error: nothing to verify: run {} has no cell with evidence that the filters leave", verified.run);
        return Exit::NothingRan;
    }
    let root = match root() {
        Ok(root) => root,
        Err(exit) => return exit,
    };
    block_on(async {
        match read_theirs(&root, &read).await {
            Ok(theirs) => tell(Verified { differences: compare(&read.ours, &theirs), ..verified }, args),
            Err(error) => backend_failed(&error),
        }
    })
}

fn tell(verified: Verified, args: &VerifyArgs) -> Exit {
    if args.json {
        print_json(&verified);
    } else {
        print!("{}", verified.text());
    }
    if verified.differences.is_empty() { Exit::AsExpected } else { Exit::NotAsExpected }
}

/// A sample as this program reads it, and as a file for the other.
struct Read {
    ours: Said,
    file: Vec<u8>,
    origins: Vec<Origin>,
}

fn read_ours(run: Option<&Path>, filter: &Filter) -> Result<(Verified, Read), String> {
    let folder = folder(run)?;
    let past = read_run(&folder.events()).map_err(|error| error.to_string())?;
    warn(&folder, &past.gaps);
    let results = results(&past.events);
    let left: Vec<&CellResult> = results.cells.iter().filter(|cell| filter.leaves_out(&cell.cell).is_none()).collect();
    let cells = sample(left.iter().copied());
    let mut said = Said::new();
    let mut packets = Packets::new().map_err(|error| error.to_string())?;
    for (at, cell) in cells.iter().enumerate() {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", cell.id);
        add((at, cell), &folder, (&mut said, &mut packets)).map_err(|error| failed(&error))?;
    }
    let (file, origins) = packets.finish();
    let verified = Verified {
        run: results.run.clone(),
        cells: cells.iter().map(|cell| cell.id.clone()).collect(),
        without: without(&left, &cells),
        compared: Compared::of(&said),
        differences: Vec::new(),
    };
    Ok((verified, Read { ours: said, file, origins }))
}

/// Cases with no cell in the sample.
fn without(all: &[&CellResult], cells: &[&CellResult]) -> Vec<String> {
    let there: BTreeSet<_> = cells.iter().map(|cell| &cell.cell.case).collect();
    let cases: BTreeSet<_> = all.iter().map(|cell| &cell.cell.case).collect();
    cases.difference(&there).map(ToString::to_string).collect()
}

fn add(
    (at, cell): (usize, &CellResult),
    folder: &RunFolder,
    (said, packets): (&mut Said, &mut Packets),
) -> Result<(), String> {
    let of = (&cell.cell, cell.round);
    let recording = read_recording(folder, of, server_speaks(folder, cell)).map_err(|error| error.to_string())?;
    ours(said, at, &recording);
    let records = read_capture(&folder.capture(of.0, of.1)).map_err(|error| error.to_string())?;
    let shown = ShowCell { id: &cell.id, verdict: cell.verdict.name(), recording: &recording, findings: &[] };
    packets.add(&shown, records).map_err(|error| error.to_string())
}

async fn read_theirs(root: &Path, read: &Read) -> Result<Said, BackendError> {
    let engine = Engine::connect().await?;
    let host = engine.host().to_owned();
    let images = Images::new(engine, places(root)?);
    let progress = |line: &str| eprintln!("[{TOOL}] {}", crate::report::escape(line));
    let image = images.tool(TOOL, &progress).await?;
    run_tool(&host, (&image, &ARGUMENTS), &read.file, |printed| theirs(printed, &read.origins))
}
