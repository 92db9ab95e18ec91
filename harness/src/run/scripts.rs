use super::certificates::Certificates;
use crate::input::{PeerFolder, Project};
use crate::model::{Authority, Case, CellId, Driver, SERVER_NAME, Transport};
use crate::plan::script;
use crate::proto::v1;
use prost::Message;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where scripts are, among a client's files.
const SCRIPTS: &str = "scripts";
/// Where an official client finds what to trust.
const AUTHORITIES: &str = "tls";
/// The script that no client can run, since it asks for a feature that does not exist.
pub(super) const IMPOSSIBLE: &str = "impossible";
/// That feature.
pub(super) const NO_FEATURE: &str = "no_such_feature";
/// The folder of the canary's scripts.
pub(super) const CANARY: &str = "scripts/canary";

/// Files for clients, by path.
pub(super) type Files = Vec<(PathBuf, Vec<u8>)>;

/// The folder of the scripts for cells like this. A channel over TLS differs from server to server where those have their
/// own authorities.
pub(super) fn scripts_folder(transport: Transport, server: &PeerFolder) -> String {
    match (transport, &server.peer.tls) {
        (Transport::Tls, Some(_)) => format!("{SCRIPTS}/{transport}-{}", server.peer.name),
        (_, _) => format!("{SCRIPTS}/{transport}"),
    }
}

/// The file with the authority of a server, for an official client.
pub(super) fn authority_file(server: &PeerFolder) -> String {
    match &server.peer.tls {
        Some(_) => format!("{AUTHORITIES}/{}.pem", server.peer.name),
        None => format!("{AUTHORITIES}/ca.pem"),
    }
}

/// Everything that clients are to find: the scripts of the cells that run, the canary's, and authorities.
pub(super) fn client_files<'a>(
    project: &Project,
    cells: impl Iterator<Item = &'a CellId>,
    certificates: &Certificates,
) -> std::io::Result<Files> {
    let mut files = BTreeMap::new();
    let impossible =
        v1::Script { case: IMPOSSIBLE.to_owned(), requires: vec![NO_FEATURE.to_owned()], ..Default::default() };
    files.insert(Path::new(CANARY).join(format!("{IMPOSSIBLE}.binpb")), impossible.encode_to_vec());
    for cell in cells {
        let (Some(case), Some(client), Some(server)) =
            (project.case(&cell.case), project.peer(&cell.client), project.peer(&cell.server))
        else {
            continue;
        };
        if client.peer.driver == Driver::Script {
            let path = Path::new(&scripts_folder(cell.transport, server)).join(format!("{}.binpb", case.id));
            let tls = match cell.transport {
                Transport::Plaintext => None,
                Transport::Tls => Some(channel_tls(case, server, certificates)?),
            };
            files.insert(path, script(case, tls).encode_to_vec());
        } else if cell.transport == Transport::Tls {
            files.insert(authority_file(server).into(), authority(server, certificates)?.into_bytes());
        }
    }
    Ok(files.into_iter().collect())
}

fn channel_tls(case: &Case, server: &PeerFolder, certificates: &Certificates) -> std::io::Result<v1::Tls> {
    let ca_pem = match case.tls.ca {
        Authority::Run => authority(server, certificates)?,
        Authority::Stranger => certificates.authority(Authority::Stranger),
    };
    let server_name = case.tls.server_name.clone().unwrap_or_else(|| server_name(server).to_owned());
    Ok(v1::Tls { ca_pem: ca_pem.into_bytes().into(), server_name })
}

/// Whom to trust for a server's certificate.
fn authority(server: &PeerFolder, certificates: &Certificates) -> std::io::Result<String> {
    match &server.peer.tls {
        Some(tls) => std::fs::read_to_string(server.path.join(&tls.ca)),
        None => Ok(certificates.authority(Authority::Run)),
    }
}

/// The name that a server's certificate has.
pub(super) fn server_name(server: &PeerFolder) -> &str {
    server.peer.tls.as_ref().map_or(SERVER_NAME, |tls| &tls.name)
}
