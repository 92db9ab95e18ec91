"""Finds scripts that make no sense, before anything is dialled."""

import re

from interop.v1 import script_pb2
from peer.client.methods import METHODS, Method

METADATA_KEY = re.compile(r"[0-9a-z_.-]+")
METADATA_TEXT = re.compile(rb"[ -~]*")

# A message is smaller, whatever the library: protobuf encodes no larger one.
TOO_LARGE = 2 << 30


class Senseless(Exception):
    """Why a script cannot be run."""


def check(script: script_pb2.Script) -> None:
    """Raises Senseless for what cannot be given to the library."""
    if script.channel.connect not in script_pb2.Channel.Connect.values():
        raise Senseless(f"unknown connect {script.channel.connect}")
    for g, group in enumerate(script.groups):
        for c, call in enumerate(group.calls):
            try:
                check_call(call)
            except Senseless as error:
                raise Senseless(f"group {g}, call {c}: {error}") from None


def check_call(call: script_pb2.Call) -> None:
    method = METHODS.get(call.method)
    if method is None:
        raise Senseless(f"unknown method {call.method}")
    if call.compressor not in script_pb2.Compressor.values():
        raise Senseless(f"unknown compressor {call.compressor}")
    for entry in call.metadata:
        if not METADATA_KEY.fullmatch(entry.key):
            raise Senseless(f"metadata key {entry.key!r}")
        if not entry.key.endswith("-bin") and not METADATA_TEXT.fullmatch(entry.value):
            raise Senseless(f"metadata value {entry.value!r} of {entry.key}")
    check_steps(call, method)


def check_steps(call: script_pb2.Call, method: Method) -> None:
    sent = closed = False
    for index, step in enumerate(call.steps):
        action = step.WhichOneof("action")
        if action == "send":
            if closed or sent and not method.streams_requests:
                raise Senseless(f"step {index}: a send too many")
            check_send(index, step.send, method)
            sent = True
        elif action is None:
            raise Senseless(f"step {index}: no known action")
        elif not sent and not method.streams_requests and action != "wait_ms":
            # There is no call before its one request is sent: the stub takes both.
            raise Senseless(f"step {index}: {action} before send")
        elif action == "half_close" and method.streams_requests:
            closed = True
    if not sent and not method.streams_requests:
        raise Senseless("no send")


def check_send(index: int, send: script_pb2.Send, method: Method) -> None:
    request = send.WhichOneof("request")
    if request is None or not isinstance(getattr(send, request), method.request):
        raise Senseless(f"step {index}: {method.request.__name__} is missing")
    if request == "empty" and send.HasField("body_size"):
        raise Senseless(f"step {index}: a body in an empty request")
    if send.body_size >= TOO_LARGE:
        raise Senseless(f"step {index}: a body of {send.body_size} bytes")
    if send.compress != script_pb2.Send.DEFAULT:
        # The script should have required the feature for this, which is missing.
        raise Senseless(f"step {index}: compression of one message")
