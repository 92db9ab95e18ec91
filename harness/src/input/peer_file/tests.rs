use super::CheckedPeer;
use crate::input::{CLIENT_FEATURES, SERVER_FEATURES, yaml};
use std::path::Path;

fn peer(change: fn(String) -> String) -> Result<(), String> {
    let text = format!(
        "contract: 1\nname: toy\nlanguage: L\nlibrary: lib\nversion: '1'\nlink: https://example.test\ndriver: script\n\
         client: {{command: [c], features: [{}]}}\nserver: {{command: [s], features: [{}]}}\n",
        CLIENT_FEATURES.join(", "),
        SERVER_FEATURES.join(", ")
    );
    yaml::parse_text::<CheckedPeer>(Path::new("toy/peer.yaml"), &change(text))
        .map(drop)
        .map_err(|error| error.to_string())
}

/// The shortest peer there is.
fn official(change: fn(String) -> String) -> Result<(), String> {
    let text = "contract: 1\nname: toy\nlanguage: L\nlibrary: lib\nversion: '1'\nlink: https://example.test\ndriver: official\n\
                client: {command: [c, '--server_host={ip}', '--server_port={port}', '--test_case={case}']}\n\
                server: {command: [s, '--port={port}']}\n";
    let text = change(text.to_owned());
    yaml::parse_text::<CheckedPeer>(Path::new("toy/peer.yaml"), &text).map(drop).map_err(|error| error.to_string())
}

#[test]
fn a_complete_peer_is_read() {
    assert_eq!(peer(|text| text), Ok(()));
    assert_eq!(official(|text| text), Ok(()));
    assert_eq!(official(|text| text + "tls: {ca: ca.pem, name: n}\n"), Ok(()));
}

#[test]
fn every_refusal_names_what_was_expected() {
    let told = [
        peer(|text| text.replace("contract: 1", "contract: 2")),
        peer(|text| text.replace("version: '1'\n", "")),
        peer(|text| text.replace("[c]", "[]")),
        peer(|text| text.replace("bidi", "bidy")),
        peer(|text| text.replace(", cancel", "")),
        peer(|text| text.replace("name: toy", "name: Toy")),
        peer(|text| text.replace("https://example.test", "example.test")),
        peer(|text| text + "unsupported: [{feature: unary, role: client, reason: r, link: 'https://x'}]\n"),
        peer(|text| text.replace("driver: script", "driver: scirpt")),
        peer(|text| text + "tls: {ca: ca.pem, name: n}\n"),
        peer(|text| text.replace("driver: script", "driver: official")),
        official(|text| text.replace("{case}", "case")),
        official(|text| text.replace("{ip}", "{host}")),
        official(|text| text + "tls: {ca: ../ca.pem, name: n}\n"),
        peer(|text| text + "variants: [{name: a b, version: 1, build_args: {}}]\n"),
        peer(|text| text + "variants: [{name: a, version: '', build_args: {}}]\n"),
        peer(|text| text + &format!("variants: [{0}, {0}]\n", "{name: a, version: '1', build_args: {}}")),
        peer(|text| text + "image: x\nvariants: [{name: a, version: '1', build_args: {}}]\n"),
        peer(|text| text + "variants: [{name: a, version: '1', args: {}}]\n"),
    ];
    let told: Vec<String> = told.into_iter().map(Result::unwrap_err).collect();
    insta::assert_snapshot!(told.join("\n"));
}
