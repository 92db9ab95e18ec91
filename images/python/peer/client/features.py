"""The features of the client role. "per_message_compression" is missing, see peer.yaml."""

FEATURES = (
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
