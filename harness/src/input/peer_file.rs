use super::features::{CLIENT_FEATURES, OFFICIAL_CASES, SERVER_FEATURES};
use super::placeholder;
use super::project::OUT;
use super::source::Source;
use super::{InputError, yaml};
use crate::model::{Driver, Peer, Side, Variant};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// The version of the peer contract this harness speaks.
const CONTRACT: u32 = 1;

/// Reads one `peer.yaml` and checks it.
pub(super) fn read(path: &Path) -> Result<Peer, InputError> {
    let source = Source::read(path)?;
    let CheckedPeer(peer) = yaml::parse(&source)?;
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    if peer.name.as_str() != folder {
        let what =
            format!("the name is `{}`, but its folder is `{folder}`: a peer is named like its folder", peer.name);
        return Err(source.at_key("name", what));
    }
    if peer.image.is_some() && path.with_file_name("Dockerfile").exists() {
        let what = "`image` names a ready image, but there is a Dockerfile too: one of them goes";
        return Err(source.at_key("image", what.to_owned()));
    }
    if let Some(tls) = &peer.tls
        && !path.with_file_name(&tls.ca).is_file()
    {
        return Err(source.at_key("tls", format!("`tls` names the file `{}`, which is not beside it", tls.ca)));
    }
    Ok(peer)
}

#[derive(Deserialize)]
#[serde(try_from = "Peer")]
pub(super) struct CheckedPeer(Peer);

impl TryFrom<Peer> for CheckedPeer {
    type Error = String;

    fn try_from(mut peer: Peer) -> Result<Self, String> {
        if peer.contract != CONTRACT {
            return Err(format!("`contract` is {}: this harness speaks contract {CONTRACT}", peer.contract));
        }
        if !peer.name.is_slug('-') {
            return Err(format!(
                "the name `{}` is not of lower-case letters, digits and `-`, a letter first",
                peer.name
            ));
        }
        if peer.version.is_empty() {
            return Err("`version` is empty: it is the library's version, as --describe prints it".into());
        }
        let links = [&peer.link].into_iter().chain(peer.blind.iter().map(|spot| &spot.link));
        for link in links.chain(peer.unsupported.iter().map(|entry| &entry.link)) {
            if !link.starts_with("https://") {
                return Err(format!("a link is https://..., not `{link}`"));
            }
        }
        match peer.driver {
            Driver::Script if peer.tls.is_some() => {
                return Err("`tls` is for the driver `official`: this one's servers take the run's certificates".into());
            }
            Driver::Script => {}
            Driver::Official => fill_in(&mut peer)?,
        }
        check_local(&peer)?;
        check_variants(&peer)?;
        check_role(&peer, Side::Client, &client_names(peer.driver))?;
        check_role(&peer, Side::Server, &SERVER_FEATURES)?;
        Ok(CheckedPeer(peer))
    }
}

fn check_variants(peer: &Peer) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for Variant { name, version, .. } in &peer.variants {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(format!("the variant `{name}` is not of lower-case letters, digits, `.` and `-`"));
        }
        if version.is_empty() {
            return Err(format!("the `version` of the variant `{name}` is empty"));
        }
        if !seen.insert(name) {
            return Err(format!("the variant `{name}` is listed twice"));
        }
    }
    match peer.image.is_some() && !peer.variants.is_empty() {
        true => Err("`variants` are built, but `image` names one that is ready".into()),
        false => Ok(()),
    }
}

/// What is to take the place of the commands is held to what those are.
fn check_local(peer: &Peer) -> Result<(), String> {
    let Some(local) = &peer.local else { return Ok(()) };
    let commands = [("build", &local.build), ("client", &local.client), ("server", &local.server)];
    if let Some((what, _)) = commands.into_iter().find(|(_, command)| command.is_empty()) {
        return Err(format!("the `{what}` of `local` is empty"));
    }
    if peer.driver == Driver::Official {
        for (side, command) in [(Side::Client, &local.client), (Side::Server, &local.server)] {
            let without_out: Vec<String> = command.iter().map(|arg| arg.replace(OUT, "")).collect();
            placeholder::check(side, &without_out).map_err(|error| format!("under `local`: {error}"))?;
        }
    }
    Ok(())
}

/// What a client can have or lack: features, and with the driver `official` whole cases of the suite.
fn client_names(driver: Driver) -> Vec<&'static str> {
    match driver {
        Driver::Script => CLIENT_FEATURES.to_vec(),
        Driver::Official => {
            // Some cases are called like the feature that they are about.
            let cases = OFFICIAL_CASES.into_iter().filter(|case| !CLIENT_FEATURES.contains(case));
            CLIENT_FEATURES.into_iter().chain(cases).collect()
        }
    }
}

/// An official binary is taken to have every feature that is not declared missing, and needs its arguments spelled out.
fn fill_in(peer: &mut Peer) -> Result<(), String> {
    if peer.tls.as_ref().is_some_and(|tls| !tls.ca.ends_with(".pem") || tls.ca.contains('/')) {
        return Err("`ca` is the name of a .pem file beside peer.yaml".into());
    }
    let sides = [(Side::Client, client_names(peer.driver)), (Side::Server, SERVER_FEATURES.to_vec())];
    for (side, known) in sides {
        let lacking = peer.unsupported.iter().filter(|entry| entry.role == side).map(|entry| entry.feature.clone());
        let lacking: BTreeSet<String> = lacking.collect();
        let spec = peer.role_mut(side);
        if !spec.features.is_empty() {
            return Err(format!(
                "the `{side}` of an official peer has no `features`: it has all that are not `unsupported`"
            ));
        }
        spec.features = known.iter().map(|name| (*name).to_owned()).filter(|name| !lacking.contains(name)).collect();
        placeholder::check(side, &spec.command)?;
    }
    Ok(())
}

/// Every feature of the contract stands in exactly one of the two lists, so that nothing is left out by forgetting it.
fn check_role(peer: &Peer, role: Side, known: &[&str]) -> Result<(), String> {
    let spec = peer.role(role);
    if spec.command.is_empty() {
        return Err(format!("the `command` of the `{role}` is empty"));
    }
    let mut seen = BTreeSet::new();
    let lacks = peer.unsupported.iter().filter(|entry| entry.role == role).map(|entry| &entry.feature);
    for feature in spec.features.iter().chain(lacks) {
        if !known.contains(&feature.as_str()) {
            return Err(format!("unknown {role} feature `{feature}`{}", yaml::hint(feature, known)));
        }
        if !seen.insert(feature.as_str()) {
            return Err(format!("the {role} feature `{feature}` is listed twice"));
        }
    }
    match known.iter().find(|feature| !seen.contains(**feature)) {
        Some(missing) => Err(format!("the {role} feature `{missing}` is neither under `features` nor `unsupported`")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
