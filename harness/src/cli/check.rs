use super::Exit;
use super::args::{CheckArgs, FilterArgs};
use super::commands::{bad_input, project};
use super::plan::make;
use super::run::{How, block_on_run, finish};
use super::snapshots::Compared;
use crate::input::{InputError, Project};
use crate::model::{CellId, PeerId, PlannedCell};
use crate::plan::Plan;
use crate::report::{PeerCheck, check_text};

/// Who a peer is tried against: the first of these that is not the peer itself. Their images are quick to build, and their
/// libraries are grpc's own.
const PARTNERS: [&str; 2] = ["python", "cpp"];

/// One of each kind of call, and the two ways to fail: enough to say that a peer is put together right.
const CORE: [&str; 7] = [
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "status_code_and_message",
    "unimplemented_method",
];

/// Runs one peer's canary, proofs and core, and says what is missing, in order.
pub(super) fn check(args: &CheckArgs) -> Exit {
    let (root, mut project) = match project(&FilterArgs::default().foreign) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let name = match known(&mut project, args) {
        Ok(name) => name,
        Err(error) => return bad_input(&error.to_string()),
    };
    let backend = args.backend.kind;
    let plan = match make(&project, &FilterArgs::default(), backend) {
        Ok(plan) => of_peer(plan, &name),
        Err(exit) => return exit,
    };
    let how = How { backend, repeat: 1 };
    block_on_run(&root, &mut project, &plan, how, |ran, project| {
        finish(
            &ran.folder,
            |_| Compared::default(),
            |events, results| {
                if let Some(checked) = project.peer(&name) {
                    let proofs = &plan.proofs;
                    print!("{}", check_text(&PeerCheck { peer: &checked.peer, events, results, proofs }));
                }
            },
        )
    })
}

/// The peer of a folder, taken in where it is not one of ours.
fn known(project: &mut Project, args: &CheckArgs) -> Result<PeerId, InputError> {
    let folder = args.peer.canonicalize();
    let ours = project
        .peers
        .iter()
        .find(|peer| folder.as_ref().is_ok_and(|folder| peer.path.canonicalize().is_ok_and(|path| path == *folder)));
    match ours.map(|folder| folder.peer.name.clone()) {
        Some(name) => Ok(name),
        None => project.add_peer(&args.peer),
    }
}

/// The peer against itself and against one partner: the core, and what proves its lacks.
fn of_peer(plan: Plan, name: &PeerId) -> Plan {
    let partner = PARTNERS.into_iter().find(|partner| *partner != name.as_str());
    let near = |peer: &PeerId| peer == name || partner.is_some_and(|partner| partner == peer.as_str());
    let core = |cell: &CellId| CORE.contains(&cell.case.as_str());
    let mine = |cell: &CellId| cell.client == *name || cell.server == *name;
    let kept = |planned: &PlannedCell| {
        let cell = &planned.cell;
        mine(cell)
            && near(&cell.client)
            && near(&cell.server)
            && (core(cell) || planned.proof.is_some() && cell.client == cell.server)
    };
    let (cells, left): (Vec<_>, Vec<_>) = plan.cells.into_iter().partition(kept);
    let mut absent = plan.absent;
    *absent.entry("left out by peer check".to_owned()).or_default() += left.len();
    Plan { cells, absent, proofs: plan.proofs, tier: plan.tier, elsewhere: plan.elsewhere }
}
