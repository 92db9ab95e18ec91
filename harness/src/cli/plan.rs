use super::Exit;
use super::args::{FilterArgs, PlanArgs};
use super::commands::{bad_input, filtered_project, print_json};
use super::run::infra;
use crate::input::Project;
use crate::model::{BackendKind, CaseId};
use crate::plan::{self, Plan, Shard};
use crate::report::plural;
use crate::run::json_line;
use serde_json::json;
use std::collections::BTreeMap;

/// Prints the cells a run would have, and why others are absent.
pub(super) fn plan(args: &PlanArgs) -> Exit {
    let planned = filtered_project(&args.filter).and_then(|(_, project)| {
        let planned = make(&project, &args.filter, BackendKind::default())?;
        Ok((planned, project.durations))
    });
    let (planned, durations) = match planned {
        Ok(planned) => planned,
        Err(exit) => return exit,
    };
    let exit = if planned.cells.is_empty() { Exit::NothingRan } else { Exit::AsExpected };
    if let Some(shards) = args.github {
        return for_github(&planned, &durations, usize::from(shards)).and(exit);
    }
    if args.json {
        let printed = print_json(&json!({
            "planned": planned.cells.len(),
            "full": planned.full(),
            "absent": planned.absent,
            "cells": planned.cells.iter().map(|planned| json!({
                "id": planned.cell.to_string(),
                "unsupported": planned.unsupported,
                "proof": planned.proof,
            })).collect::<Vec<_>>(),
        }));
        return if printed == Exit::AsExpected { exit } else { printed };
    }
    for planned in &planned.cells {
        match &planned.unsupported {
            None => println!("{}", planned.cell),
            Some(lack) => {
                let how = if planned.proof.is_some() { "unsupported, runs to prove it" } else { "unsupported" };
                println!("{}  {how}: {} {}", planned.cell, lack.reason, lack.link);
            }
        }
    }
    eprintln!("{} of {} planned", planned.cells.len(), plural(planned.full(), "cell"));
    for (reason, count) in &planned.absent {
        eprintln!("{count} absent: {reason}");
    }
    for proof in planned.proofs.iter().filter(|proof| proof.cell.is_none()) {
        eprintln!("unproven: no case uses {}, which {} {} declares unsupported", proof.feature, proof.peer, proof.role);
    }
    exit
}

/// Prints the jobs that run a plan, those with nothing to do left out.
fn for_github(planned: &Plan, durations: &BTreeMap<CaseId, u32>, shards: usize) -> Exit {
    let jobs = Shard::all(shards).filter_map(|shard| {
        let part = planned.clone().part(shard, durations);
        let seconds = part.weight(durations) / 1000;
        let job = json!({"shard": shard.to_string(), "cells": part.cells.len(), "seconds": seconds});
        (!part.cells.is_empty()).then_some(job)
    });
    match json_line(&json!({"include": jobs.collect::<Vec<_>>()})) {
        Ok(line) => {
            println!("shards={line}");
            Exit::AsExpected
        }
        Err(error) => infra(&error.to_string()),
    }
}

/// The plan of a project under filters, for a backend.
pub(super) fn make(project: &Project, filter: &FilterArgs, backend: BackendKind) -> Result<Plan, Exit> {
    let (tier, shard) = (filter.tier, filter.shard);
    let filter = filter.filter().map_err(|error| bad_input(&error.to_string()))?;
    let filter = match backend {
        BackendKind::Containers => filter,
        BackendKind::Process => filter.only_local(project),
    };
    let plan = plan::plan(project, tier, &filter).map_err(|error| bad_input(&error.to_string()))?;
    // Others may have left cells to run: then it is not what ends the command, and still likely a slip.
    let weight = if plan.cells.is_empty() { "error" } else { "warning" };
    filter.unmatched(project).iter().for_each(|told| eprintln!("{weight}: {told}"));
    Ok(match shard {
        Some(shard) => plan.part(shard, &project.durations),
        None => plan,
    })
}
