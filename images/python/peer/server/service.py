"""grpc.testing.TestService. Methods that are not here are answered with UNIMPLEMENTED by the generated base class."""

import threading
from collections.abc import Iterable, Iterator
from itertools import chain, islice

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

BEARER = "Bearer "

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
        check_type(request.response_type, context)
        check_not_negative("size", request.response_size, context)
        return SimpleResponse(
            payload=Payload(body=bytes(request.response_size)),
            username=authenticated_user(context) if request.fill_username else "",
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
        allow_compression([request], context)
        yield from respond([request], context)

    def FullDuplexCall(
        self,
        requests: Iterator[StreamingOutputCallRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[StreamingOutputCallResponse]:
        # The headers leave with echo_metadata, and what is in them depends on the first request that is answered.
        answered = list(islice(filter(has_answer, requests), 1))
        allow_compression(answered, context)
        echo_metadata(context)
        yield from respond(chain(answered, requests), context)

    def HalfDuplexCall(
        self,
        requests: Iterator[StreamingOutputCallRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[StreamingOutputCallResponse]:
        waiting = [without_payload(request) for request in requests]
        allow_compression(waiting, context)
        echo_metadata(context)
        yield from respond(waiting, context)


def without_payload(request: StreamingOutputCallRequest) -> StreamingOutputCallRequest:
    """A request that waits need not keep its body, which has no part in the answer."""
    request.ClearField("payload")
    return request


def has_answer(request: StreamingOutputCallRequest) -> bool:
    """Whether a request has responses, or ends the call."""
    return bool(
        request.response_parameters
        or request.response_status.code
        or request.response_type != PayloadType.COMPRESSABLE
    )


def allow_compression(
    requests: Iterable[StreamingOutputCallRequest], context: grpc.ServicerContext
) -> None:
    """Sets the stream's compressor, where a response to one of these is to be compressed: after the headers it is too late."""
    for request in requests:
        if any(asked.compressed.value for asked in request.response_parameters):
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


def authenticated_user(context: grpc.ServicerContext) -> str:
    """Who makes the call, nobody without a bearer token. For these tests a token is its user's name."""
    for key, value in context.invocation_metadata():
        if key == "authorization" and value.startswith(BEARER):
            return value.removeprefix(BEARER)
    return ""


def echo_status(echo: EchoStatus, context: grpc.ServicerContext) -> None:
    """Ends the call with the status that a request asks for, if it does."""
    if echo.code:
        code = STATUS_CODES.get(echo.code, grpc.StatusCode.UNKNOWN)
        context.abort(code, echo.message)


def respond(
    requests: Iterable[StreamingOutputCallRequest], context: grpc.ServicerContext
) -> Iterator[StreamingOutputCallResponse]:
    """The responses that the requests of a stream ask for."""
    over = threading.Event()
    if not context.add_callback(over.set):
        over.set()
    for request in requests:
        echo_status(request.response_status, context)
        check(request, context)
        for asked in request.response_parameters:
            if asked.interval_us:
                # Ends early where the call does.
                over.wait(asked.interval_us / 1e6)
            if not asked.compressed.value:
                context.disable_next_message_compression()
            yield StreamingOutputCallResponse(payload=Payload(body=bytes(asked.size)))


def check(request: StreamingOutputCallRequest, context: grpc.ServicerContext) -> None:
    """Ends the call if there is something wrong anywhere in a request."""
    check_type(request.response_type, context)
    for asked in request.response_parameters:
        check_not_negative("size", asked.size, context)
        check_not_negative("interval", asked.interval_us, context)


def check_type(kind: int, context: grpc.ServicerContext) -> None:
    if kind != PayloadType.COMPRESSABLE:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"unknown response_type {kind}")


def check_not_negative(what: str, value: int, context: grpc.ServicerContext) -> None:
    if value < 0:
        context.abort(
            grpc.StatusCode.INVALID_ARGUMENT, f"the {what} {value} is negative"
        )
