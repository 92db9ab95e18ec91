use super::cell::Recording;
use crate::model::{Fault, Finding, Level};
use crate::wire::tls::TlsConnection;
use crate::wire::{Connection, Ending};

/// The server takes connections. Where a case expects that nothing comes of one, that alone would look right.
pub(super) fn reached(recording: &Recording) -> Option<Finding> {
    let connection = refused(recording)?;
    Some(Finding {
        check: "reached".to_owned(),
        level: Level::Must,
        fault: Fault::Server,
        expected: "a server that takes connections".to_owned(),
        observed: format!("connection {connection} refused, or broken before anything was said"),
        place: None,
    })
}

/// The first connection that the server refused.
pub(super) fn refused(recording: &Recording) -> Option<usize> {
    match recording {
        Recording::Frames(transcript) => {
            transcript.connections.iter().find(|one| refused_plain(one)).map(|one| one.index)
        }
        Recording::Tls(transcript) => transcript.connections.iter().find(|one| refused_tls(one)).map(|one| one.index),
    }
}

fn refused_plain(connection: &Connection) -> bool {
    let silent = !connection.preface && connection.frames.is_empty() && connection.defects.is_empty();
    silent && connection.ends.server == Some(Ending::Broken)
}

fn refused_tls(connection: &TlsConnection) -> bool {
    connection.client.octets + connection.server.octets == 0 && connection.server.end == Some(Ending::Broken)
}
