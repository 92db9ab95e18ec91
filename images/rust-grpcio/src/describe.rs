//! What `--describe` prints: who this peer is and what each role can do. `peer.yaml` lists the same features.

use serde_json::json;

/// Features of the client; a script that requires another one is refused.
pub const CLIENT_FEATURES: &[&str] = &[
    "unary",
    "client_streaming",
    "server_streaming",
    "bidi",
    "unimplemented_service",
    "half_duplex",
    "metadata",
    "deadline",
    "gzip",
    "per_message_compression",
    "cancel",
    "wait",
    "repeat",
    "fresh_channel",
    "concurrent_calls",
    "lazy_connect",
    "tls",
];

/// Features of the server.
pub const SERVER_FEATURES: &[&str] = &[
    "unary",
    "client_streaming",
    "server_streaming",
    "bidi",
    "half_duplex",
    "echo_status",
    "echo_username",
    "compressed_response",
    "compressed_stream_response",
    "tls",
];

/// The description of a role with these features, as one line of JSON.
pub fn describe(features: &[&str]) -> String {
    json!({
        "name": "rust-grpcio",
        "language": "Rust",
        "library": "grpcio",
        // Of the grpcio that was linked: the build reads it from Cargo.lock.
        "version": env!("GRPCIO_VERSION"),
        "features": features,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peer_yaml_says_the_same() {
        let yaml = include_str!("../peer.yaml");
        let folded = yaml.split_whitespace().collect::<Vec<_>>().join(" ");
        for features in [CLIENT_FEATURES, SERVER_FEATURES] {
            let list = format!("features: [{}]", features.join(", "));
            assert!(folded.contains(&list), "not in peer.yaml: {list}");
        }
        let line = format!("\nversion: {}\n", env!("GRPCIO_VERSION"));
        assert!(yaml.contains(&line), "not in peer.yaml: {line}");
    }
}
