use super::args::{ListArgs, Listed};
use super::commands::project;
use super::{Exit, commands};
use crate::input::PeerFolder;
use crate::model::Case;
use crate::plan::features;
use crate::wire::rules::{RULES, Rule};
use serde_json::{Value, json};

/// Prints cases, peers or rules.
pub(super) fn list(args: &ListArgs) -> Exit {
    if args.what == Listed::Rules {
        return rows(args, &RULES.iter().collect::<Vec<_>>(), rule_json, rule_line);
    }
    let (_, project) = match project(&args.foreign) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    match args.what {
        Listed::Cases => rows(args, &project.cases.iter().collect::<Vec<_>>(), case_json, case_line),
        Listed::Peers => rows(args, &project.peers.iter().collect::<Vec<_>>(), peer_json, peer_line),
        Listed::Rules => Exit::AsExpected,
    }
}

fn rows<T>(args: &ListArgs, items: &[&T], to_json: fn(&T) -> Value, to_line: fn(&T) -> String) -> Exit {
    if args.json {
        return commands::print_json(&items.iter().map(|item| to_json(item)).collect::<Vec<_>>());
    }
    for item in items {
        println!("{}", to_line(item));
    }
    Exit::AsExpected
}

fn case_json(case: &Case) -> Value {
    json!({ "id": case.id, "title": case.title, "spec": case.spec, "level": case.level, "tier": case.tier, "features": features(case) })
}

fn case_line(case: &Case) -> String {
    format!("{:28} {:8} {}", case.id, case.tier, case.title)
}

fn peer_json(folder: &PeerFolder) -> Value {
    json!(folder.peer)
}

fn peer_line(folder: &PeerFolder) -> String {
    let peer = &folder.peer;
    let lacks = match peer.unsupported.len() {
        0 => String::new(),
        count => format!("; lacks {}", crate::report::plural(count, "feature")),
    };
    format!("{:14} {} {} {}{lacks}", peer.name, peer.language, peer.library, peer.version)
}

fn rule_json(rule: &Rule) -> Value {
    json!({ "id": rule.id, "title": rule.title, "level": rule.level, "binds": rule.binds.to_string(), "spec": rule.spec, "says": rule.says })
}

fn rule_line(rule: &Rule) -> String {
    format!("{:4} {:6} {:6} {}", rule.id, rule.level, rule.binds, rule.title)
}
