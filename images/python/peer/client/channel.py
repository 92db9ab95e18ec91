"""How a channel is made and connected."""

import grpc

from interop.v1 import script_pb2
from peer.about import LIMITS
from peer.client.budget import Budget

CONNECT_TIMEOUT_S = 5

OPTIONS = (
    *LIMITS,
    ("grpc.enable_retries", 0),
    ("grpc.enable_http_proxy", 0),
    ("grpc.service_config_disable_resolution", 1),
    # Channels to one address share a connection otherwise, even after the first of them is closed.
    ("grpc.use_local_subchannel_pool", 1),
)


class ConnectFailed(Exception):
    """An EAGER channel did not connect."""


def open_channel(
    address: str, script: script_pb2.Channel, budget: Budget
) -> grpc.Channel:
    """Opens the channel that a script asks for, and connects it unless the script leaves that to the first call."""
    channel = new_channel(address, script)
    if script.connect == script_pb2.Channel.EAGER:
        ready = grpc.channel_ready_future(channel)
        try:
            ready.result(timeout=min(CONNECT_TIMEOUT_S, budget.left))
        except grpc.FutureTimeoutError:
            ready.cancel()
            channel.close()
            raise ConnectFailed(f"not connected after {CONNECT_TIMEOUT_S} s") from None
    return channel


def new_channel(address: str, script: script_pb2.Channel) -> grpc.Channel:
    if not script.HasField("tls"):
        return grpc.insecure_channel(address, OPTIONS)
    name = script.tls.server_name
    options = (
        *OPTIONS,
        ("grpc.ssl_target_name_override", name),
        ("grpc.default_authority", name),
    )
    credentials = grpc.ssl_channel_credentials(script.tls.ca_pem)
    return grpc.secure_channel(address, credentials, options)
