"""What each role can do. What is missing, and why, is in peer.yaml."""

CLIENT = (
    "unary",
    "client_streaming",
    "server_streaming",
    "bidi",
    "unimplemented_service",
    "half_duplex",
    "metadata",
    "deadline",
    "gzip",
    "call_credentials",
    "cancel",
    "wait",
    "repeat",
    "fresh_channel",
    "concurrent_calls",
    "lazy_connect",
    "tls",
)

SERVER = (
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
    "tls",
)
