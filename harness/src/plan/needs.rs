use super::{features, server_features};
use crate::input::PeerFolder;
use crate::model::{Case, Driver, Lack, Peer, ServerConfig, Side, Transport};

/// The cases of the official suite, which is all that its clients know by name
/// (<https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md>).
const OFFICIAL: [&str; 18] = [
    "empty_unary",
    "large_unary",
    "client_compressed_unary",
    "server_compressed_unary",
    "client_streaming",
    "client_compressed_streaming",
    "server_streaming",
    "server_compressed_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "cancel_after_begin",
    "cancel_after_first_response",
    "timeout_on_sleeping_server",
];

const SUITE: &str = "https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md";

/// A lack that keeps a cell from running, and the feature that it is the lack of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing<'a> {
    pub(super) lack: Lack,
    /// Nothing where it is no feature of a peer but of its driver, which needs no proof.
    pub(super) feature: Option<(&'a Peer, Side, &'a str)>,
}

/// Every reason why a cell cannot run: features that its client or its server declares to lack, and what a driver cannot do.
pub(super) fn missing<'a>(
    case: &Case,
    client: &'a PeerFolder,
    server: &'a PeerFolder,
    transport: Transport,
) -> Vec<Missing<'a>> {
    let config = case.server_config(transport);
    let mut client_needs = features(case);
    let mut server_needs = server_features(case);
    client_needs.extend((transport == Transport::Tls).then_some("tls"));
    server_needs.extend((config != ServerConfig::Plaintext).then_some("tls"));
    let needs = [(&client.peer, Side::Client, client_needs), (&server.peer, Side::Server, server_needs)];
    let declared = needs.into_iter().flat_map(|(peer, role, features)| {
        features.into_iter().filter_map(move |feature| {
            let entry = peer.lacks(role, feature)?;
            let reason = format!("{} {role} lacks {}: {}", peer.name, entry.feature, entry.reason);
            let lack = Lack { reason, link: entry.link.clone() };
            Some(Missing { lack, feature: Some((peer, role, entry.feature.as_str())) })
        })
    });
    declared.chain(of_drivers(case, client, server, transport)).collect()
}

/// What the official flags have no words for.
fn of_drivers<'a>(case: &Case, client: &PeerFolder, server: &PeerFolder, transport: Transport) -> Option<Missing<'a>> {
    let name = &client.peer.name;
    let official = client.peer.driver == Driver::Official;
    let takes_a_ca = client.peer.client.command.iter().any(|arg| arg.contains("{ca}"));
    let lack = if official && !OFFICIAL.contains(&case.id.as_str()) {
        Lack { reason: format!("{name} client: {} is no case of the official suite", case.id), link: SUITE.to_owned() }
    } else if official && transport == Transport::Tls && !takes_a_ca && client.peer.tls != server.peer.tls {
        let reason = format!("{name} client trusts the authority built into it only: its command has no {{ca}}");
        Lack { reason, link: client.peer.link.clone() }
    } else if server.peer.tls.is_some() && case.server_config(transport) == ServerConfig::Expired {
        let reason = format!("{} server has its certificate built in, and that has not expired", server.peer.name);
        Lack { reason, link: server.peer.link.clone() }
    } else {
        return None;
    };
    Some(Missing { lack, feature: None })
}
