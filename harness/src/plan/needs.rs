use super::{features, server_features};
use crate::input::{OFFICIAL_CASES, PeerFolder};
use crate::model::{Case, Driver, Lack, Peer, ServerConfig, Side, Transport};

const SUITE: &str = "https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md";

/// A lack that keeps a cell from running, and the feature that it is the lack of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing<'a> {
    pub(crate) lack: Lack,
    /// Nothing where it is no feature of a peer but of its driver, which needs no proof.
    pub(crate) feature: Option<(&'a Peer, Side, &'a str)>,
}

/// Every reason why a cell cannot run: features that its client or its server declares to lack, and what a driver cannot do.
pub(crate) fn missing<'a>(
    case: &Case,
    client: &'a PeerFolder,
    server: &'a PeerFolder,
    transport: Transport,
) -> Vec<Missing<'a>> {
    let config = case.server_config(transport);
    let mut client_needs = features(case);
    let mut server_needs = server_features(case);
    // An official client that has not got a case says so by its name.
    client_needs.extend(OFFICIAL_CASES.into_iter().find(|name| *name == case.id.as_str()));
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

/// What the official flags have no words for, or a command does not take.
fn of_drivers<'a>(case: &Case, client: &PeerFolder, server: &PeerFolder, transport: Transport) -> Option<Missing<'a>> {
    let reason =
        of_client(case, client, server, transport).or_else(|| of_server(server, case.server_config(transport)));
    let (reason, link) = reason?;
    Some(Missing { lack: Lack { reason, link: link.to_owned() }, feature: None })
}

fn of_client<'a>(
    case: &Case,
    client: &'a PeerFolder,
    server: &PeerFolder,
    transport: Transport,
) -> Option<(String, &'a str)> {
    let Peer { name, link, .. } = &client.peer;
    if client.peer.driver != Driver::Official {
        return None;
    }
    if !OFFICIAL_CASES.contains(&case.id.as_str()) {
        return Some((format!("{name} client: {} is no case of the official suite", case.id), SUITE));
    }
    if transport == Transport::Plaintext {
        return None;
    }
    if !takes(client, Side::Client, "{tls}") {
        return Some((format!("{name} client cannot be told to speak TLS: its command has no {{tls}}"), link));
    }
    let trusted = client.peer.tls.is_some() && client.peer.tls == server.peer.tls;
    (!takes(client, Side::Client, "{ca}") && !trusted).then(|| {
        (format!("{name} client trusts the authority built into it only: its command has no {{ca}}"), link.as_str())
    })
}

fn of_server(server: &PeerFolder, config: ServerConfig) -> Option<(String, &str)> {
    let Peer { name, link, .. } = &server.peer;
    if server.peer.driver != Driver::Official || config == ServerConfig::Plaintext {
        return None;
    }
    if !takes(server, Side::Server, "{tls}") {
        return Some((format!("{name} server cannot be told to speak TLS: its command has no {{tls}}"), link));
    }
    let own = server.peer.tls.is_some();
    let takes_one = takes(server, Side::Server, "{cert}") && takes(server, Side::Server, "{key}");
    if !(own || takes_one) {
        let reason = format!(
            "{name} server takes no certificate: its command has no {{cert}} and {{key}}, its peer.yaml no `tls`"
        );
        return Some((reason, link));
    }
    (own && config == ServerConfig::Expired)
        .then(|| (format!("{name} server has its certificate built in, and that has not expired"), link.as_str()))
}

fn takes(folder: &PeerFolder, side: Side, placeholder: &str) -> bool {
    folder.peer.role(side).command.iter().any(|arg| arg.contains(placeholder))
}
