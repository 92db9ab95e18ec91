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
pub const SERVER_FEATURES: [&str; 12] = [
    "unary",
    "client_streaming",
    "server_streaming",
    "bidi",
    "half_duplex",
    "echo_status",
    "echo_metadata",
    "echo_username",
    "compressed_response",
    "compressed_stream_response",
    "expect_compressed",
    "tls",
];

/// The cases of the official suite, which is all that its clients know by name
/// (<https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md>).
pub const OFFICIAL_CASES: [&str; 18] = [
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
