"""Requests made and responses noted. Bodies exist only between here and the library."""

from google.protobuf.message import Message

from interop.v1 import script_pb2
from interop.v1.observation_pb2 import Received
from testing.empty_pb2 import Empty
from testing.messages_pb2 import (
    SimpleResponse,
    StreamingInputCallResponse,
    StreamingOutputCallResponse,
)

# Where an Observation has a response of a type.
FIELDS: dict[type, str] = {
    Empty: "empty",
    SimpleResponse: "simple",
    StreamingInputCallResponse: "streaming_input",
    StreamingOutputCallResponse: "streaming_output",
}


def new_request(send: script_pb2.Send) -> Message:
    """The request of a send, complete with its payload."""
    template = getattr(send, send.WhichOneof("request"))
    request = type(template)()
    request.CopyFrom(template)
    if send.HasField("body_size"):
        request.payload.body = bytes(send.body_size)
    return request


def new_received(response: Message) -> Received:
    """Notes a response, which loses its payload to the two facts that are told of it."""
    received = Received(all_zero=True)
    if "payload" in response.DESCRIPTOR.fields_by_name and response.HasField("payload"):
        body = response.payload.body
        received.body_size = len(body)
        received.all_zero = not body.strip(b"\0")
        response.ClearField("payload")
    getattr(received, FIELDS[type(response)]).CopyFrom(response)
    return received
