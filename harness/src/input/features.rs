/// Features of the client role in contract 1, by name; `images/README.md` says what each is.
pub const CLIENT_FEATURES: [&str; 18] = [
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
    "call_credentials",
    "cancel",
    "wait",
    "repeat",
    "fresh_channel",
    "concurrent_calls",
    "lazy_connect",
    "tls",
];

/// Features of the server role in contract 1.
pub const SERVER_FEATURES: [&str; 11] = [
    "unary",
    "client_streaming",
    "server_streaming",
    "bidi",
    "half_duplex",
    "echo_status",
    "echo_metadata",
    "compressed_response",
    "compressed_stream_response",
    "expect_compressed",
    "tls",
];
