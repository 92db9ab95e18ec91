"""grpc.testing.TestService. Methods that are not here are answered with UNIMPLEMENTED by the generated base class."""

import threading
from collections.abc import Iterable, Iterator

import grpc

from testing.empty_pb2 import Empty
from testing.messages_pb2 import (
    EchoStatus,
    Payload,
    PayloadType,
    SimpleRequest,
    SimpleResponse,
    StreamingInputCallRequest,
    StreamingInputCallResponse,
    StreamingOutputCallRequest,
    StreamingOutputCallResponse,
)
from testing.test_pb2_grpc import TestServiceServicer

ECHO_INITIAL = "x-grpc-test-echo-initial"
ECHO_TRAILING = "x-grpc-test-echo-trailing-bin"

STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}


class TestService(TestServiceServicer):
    def EmptyCall(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def UnaryCall(
        self, request: SimpleRequest, context: grpc.ServicerContext
    ) -> SimpleResponse:
        # Compressed even for a client that does not accept gzip: the library neither checks that nor shows what a client accepts.
        # https://github.com/grpc/grpc/issues/23191
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        echo_metadata(context)
        echo_status(request.response_status, context)
        return SimpleResponse(
            payload=new_payload(request.response_type, request.response_size, context)
        )

    def StreamingInputCall(
        self,
        requests: Iterable[StreamingInputCallRequest],
        context: grpc.ServicerContext,
    ) -> StreamingInputCallResponse:
        return StreamingInputCallResponse(
            aggregated_payload_size=sum(
                len(request.payload.body) for request in requests
            )
        )

    def StreamingOutputCall(
        self, request: StreamingOutputCallRequest, context: grpc.ServicerContext
    ) -> Iterator[StreamingOutputCallResponse]:
        allow_compression(request, context)
        yield from respond(request, context)

    def FullDuplexCall(
        self,
        requests: Iterator[StreamingOutputCallRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[StreamingOutputCallResponse]:
        # The headers leave with echo_metadata, and what is in them depends on the first request.
        first = next(requests, None)
        if first is not None:
            allow_compression(first, context)
        echo_metadata(context)
        if first is not None:
            yield from respond(first, context)
        for request in requests:
            yield from respond(request, context)

    def HalfDuplexCall(
        self,
        requests: Iterator[StreamingOutputCallRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[StreamingOutputCallResponse]:
        yield from self.FullDuplexCall(iter(list(requests)), context)


def allow_compression(
    request: StreamingOutputCallRequest, context: grpc.ServicerContext
) -> None:
    """Sets the stream's compressor, where a response to its first request is to be compressed: later it is too late."""
    if any(parameters.compressed.value for parameters in request.response_parameters):
        context.set_compression(grpc.Compression.Gzip)


def echo_metadata(context: grpc.ServicerContext) -> None:
    """Sends back what is to come back in the headers, and leaves the rest for the trailers."""
    received = [(entry.key, entry.value) for entry in context.invocation_metadata()]
    context.set_trailing_metadata(
        tuple(entry for entry in received if entry[0] == ECHO_TRAILING)
    )
    initial = tuple(entry for entry in received if entry[0] == ECHO_INITIAL)
    # Headers that were sent cannot become trailers-only any more.
    if initial:
        context.send_initial_metadata(initial)


def echo_status(echo: EchoStatus, context: grpc.ServicerContext) -> None:
    """Ends the call with the status that a request asks for, if it does."""
    if echo.code:
        code = STATUS_CODES.get(echo.code, grpc.StatusCode.UNKNOWN)
        context.abort(code, echo.message)


def respond(
    request: StreamingOutputCallRequest, context: grpc.ServicerContext
) -> Iterator[StreamingOutputCallResponse]:
    """The responses that one streaming request asks for."""
    echo_status(request.response_status, context)
    for parameters in request.response_parameters:
        payload = new_payload(request.response_type, parameters.size, context)
        pause(parameters.interval_us, context)
        if not parameters.compressed.value:
            context.disable_next_message_compression()
        yield StreamingOutputCallResponse(payload=payload)


def new_payload(kind: int, size: int, context: grpc.ServicerContext) -> Payload:
    """A body of zeros."""
    if kind != PayloadType.COMPRESSABLE:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"unknown response_type {kind}")
    if size < 0:
        context.abort(
            grpc.StatusCode.INVALID_ARGUMENT, f"response size {size} is negative"
        )
    return Payload(body=bytes(size))


def pause(interval_us: int, context: grpc.ServicerContext) -> None:
    """Waits for an interval, or until the call is over."""
    if interval_us < 0:
        context.abort(
            grpc.StatusCode.INVALID_ARGUMENT,
            f"interval of {interval_us} us is negative",
        )
    if interval_us:
        over = threading.Event()
        if context.add_callback(over.set):
            over.wait(interval_us / 1e6)
