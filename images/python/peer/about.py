"""What both roles share: the description and the limits."""

import json

import grpc

# The contract asks for messages of up to 16 MiB and for metadata of up to 64 KiB. Of metadata the library refuses some blocks
# at random between the first limit and the second, so both are the same, and far away.
# https://github.com/grpc/grpc/issues/37852
MAX_METADATA = 256 << 10
LIMITS = (
    ("grpc.max_receive_message_length", 16 << 20),
    ("grpc.max_metadata_size", MAX_METADATA),
    ("grpc.absolute_max_metadata_size", MAX_METADATA),
)


def describe(features: tuple[str, ...]) -> str:
    """The line that --describe prints."""
    return json.dumps(
        {
            "name": "python",
            "language": "Python",
            "library": "grpcio",
            "version": grpc.__version__,
            "features": features,
        },
        separators=(",", ":"),
    )
