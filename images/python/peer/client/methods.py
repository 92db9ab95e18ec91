"""Which method is which kind of call, and what it takes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import grpc

from interop.v1 import script_pb2
from peer.client.kinds import Bidi, ClientStreaming, Exchange, ServerStreaming, Unary
from testing.empty_pb2 import Empty
from testing.messages_pb2 import (
    SimpleRequest,
    StreamingInputCallRequest,
    StreamingOutputCallRequest,
)
from testing.test_pb2_grpc import TestServiceStub, UnimplementedServiceStub


class Method(NamedTuple):
    kind: type[Exchange]
    request: type
    stub: Callable[[grpc.Channel], Any]

    @property
    def streams_requests(self) -> bool:
        return self.kind in (ClientStreaming, Bidi)


METHODS: dict[int, Method] = {
    script_pb2.EMPTY_CALL: Method(
        Unary, Empty, lambda channel: TestServiceStub(channel).EmptyCall
    ),
    script_pb2.UNARY_CALL: Method(
        Unary, SimpleRequest, lambda channel: TestServiceStub(channel).UnaryCall
    ),
    script_pb2.STREAMING_INPUT_CALL: Method(
        ClientStreaming,
        StreamingInputCallRequest,
        lambda channel: TestServiceStub(channel).StreamingInputCall,
    ),
    script_pb2.STREAMING_OUTPUT_CALL: Method(
        ServerStreaming,
        StreamingOutputCallRequest,
        lambda channel: TestServiceStub(channel).StreamingOutputCall,
    ),
    script_pb2.FULL_DUPLEX_CALL: Method(
        Bidi,
        StreamingOutputCallRequest,
        lambda channel: TestServiceStub(channel).FullDuplexCall,
    ),
    script_pb2.HALF_DUPLEX_CALL: Method(
        Bidi,
        StreamingOutputCallRequest,
        lambda channel: TestServiceStub(channel).HalfDuplexCall,
    ),
    script_pb2.UNIMPLEMENTED_CALL: Method(
        Unary, Empty, lambda channel: TestServiceStub(channel).UnimplementedCall
    ),
    script_pb2.UNIMPLEMENTED_SERVICE_CALL: Method(
        Unary,
        Empty,
        lambda channel: UnimplementedServiceStub(channel).UnimplementedCall,
    ),
}
