use super::Exit;
use super::args::{FilterArgs, ForeignArgs};
use super::backend::connect;
use super::commands::{backend_failed, block_on, project};
use super::plan::make;
use super::run::{infra, run_id};
use crate::model::BackendKind;
use crate::report::Progress;
use crate::run::{
    Breakdown, CallTime, EventLog, Forms, Limits, Rate, RunFolder, RunSettings, Share, Work, measure, pairs_at_once,
};
use crate::tap::{Traffic, throughput};
use std::time::Duration;

/// What is sent to measure the tap: a stream, and a call of `large_unary` again and again. Neither is more than a capture holds.
const TRAFFIC: [(&str, Traffic); 2] = [
    ("a stream of 1 GiB", Traffic { calls: 1, request: 1 << 30, response: 0 }),
    ("large_unary 1500 times", Traffic { calls: 1_500, request: 271_828, response: 314_159 }),
];
/// Rounds of each; the best of each way counts, since noise only ever adds.
const ROUNDS: usize = 5;

/// Measures, and prints ratios within this one run.
pub(super) fn bench() -> Exit {
    let (root, project) = match project(&ForeignArgs::default()) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let plan = match make(&project, &FilterArgs::default(), BackendKind::default()) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    block_on(async {
        let run_id = run_id();
        let folder = match RunFolder::create(&root, &run_id) {
            Ok(folder) => folder,
            Err(error) => return infra(&error.to_string()),
        };
        let tap = tap(&folder).await;
        if let Err(error) = tap {
            return infra(&error.to_string());
        }
        let backend = match connect(&root, &folder, BackendKind::default()).await {
            Ok(backend) => backend,
            Err(error) => return backend_failed(&error),
        };
        let log = match EventLog::create(&folder.path().join("bench.jsonl"), vec![Box::new(Progress::stderr())]) {
            Ok(log) => log,
            Err(error) => return infra(&error.to_string()),
        };
        let (parallel, limits, forms) = (pairs_at_once(), Limits::default(), Forms::default());
        let settings =
            RunSettings { root: &root, project: &project, plan: &plan, parallel, limits, repeat: 1, forms: &forms };
        match measure(&settings, backend.as_ref(), &folder, &log).await {
            Ok(rates) => {
                print("warm client, one process a pair", &rates.warm);
                where_time_went(&rates.breakdown);
                rates.calls.iter().for_each(call);
                print("fresh client container a cell", &rates.fresh);
                println!("ratio {:.1}", rates.warm.per_second() / rates.fresh.per_second());
                Exit::AsExpected
            }
            Err(error) => infra(&error.to_string()),
        }
    })
}

fn print(what: &str, rate: &Rate) {
    let (cells, seconds) = (rate.cells, rate.took.as_secs_f64());
    println!("{what:32} {cells:3} cells in {seconds:6.2} s: {:6.1} cells/s", rate.per_second());
}

/// What went on at once counts once on the wall.
fn where_time_went(Breakdown { took, shares, idle }: &Breakdown) {
    println!("  with the start of its peers {:.1} s, of that", took.as_secs_f64());
    for (work, Share { times, sum, wall }) in shares {
        let (wall, sum) = (wall.as_secs_f64(), sum.as_secs_f64());
        println!("  {:28} {wall:6.1} s on the wall, {sum:6.1} s in all, {times:4} times", in_words(*work));
    }
    println!("  {:28} {:6.1} s", "nothing", idle.as_secs_f64());
}

fn call(CallTime { peer, direct, tapped }: &CallTime) {
    let (what, ratio) = (format!("a large call of {peer}"), direct.as_secs_f64() / tapped.as_secs_f64());
    println!(
        "{what:32} {:6} us directly, {:6} through a tap: ratio {ratio:.2}",
        direct.as_micros(),
        tapped.as_micros()
    );
}

fn in_words(work: Work) -> &'static str {
    match work {
        Work::PeerStart => "peers come up",
        Work::Engine => "the engine",
        Work::Wire => "jobs under way",
        Work::Closing => "clients end",
        Work::Sealing => "captures end",
        Work::Judging => "judging",
    }
}

async fn tap(folder: &RunFolder) -> std::io::Result<()> {
    for (what, traffic) in TRAFFIC {
        let (mut direct, mut tapped) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            let round = throughput(traffic, folder.path()).await?;
            (direct, tapped) = (direct.min(round.direct), tapped.min(round.tapped));
        }
        let rate = |took: Duration| (traffic.bytes() >> 20) as f64 / took.as_secs_f64();
        let ratio = rate(tapped) / rate(direct);
        println!("{what:32} {:6.0} MiB/s directly, {:6.0} through a tap: ratio {ratio:.2}", rate(direct), rate(tapped));
    }
    Ok(())
}
