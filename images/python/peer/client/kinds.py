"""The four kinds of call, each by the part of the library that its users call."""

from abc import ABC, abstractmethod
from typing import Any

import grpc
from google.protobuf.message import Message

from peer.client.requests import Requests


class Exchange(ABC):
    """A call of some kind."""

    # The library's call object, None as long as there is none.
    call: Any = None

    def start(self) -> None:
        """Comes before the first step. A stub that takes the request begins the call with `send` instead."""

    @abstractmethod
    def send(self, request: Message) -> None:
        """Returns when the library has taken the request."""

    def half_close(self) -> None:
        """A stub that takes the request has done so with it."""

    @abstractmethod
    def receive(self) -> Message | None:
        """The next response, None at the end of the call."""


class Unary(Exchange):
    def __init__(self, stub: grpc.UnaryUnaryMultiCallable, options: dict) -> None:
        self._stub = stub
        self._options = options
        self._response = SingleResponse()

    def send(self, request: Message) -> None:
        self.call = self._stub.future(request, **self._options)

    def receive(self) -> Message | None:
        return self._response.receive(self.call)


class ClientStreaming(Exchange):
    def __init__(self, stub: grpc.StreamUnaryMultiCallable, options: dict) -> None:
        self._stub = stub
        self._options = options
        self._requests = Requests()
        self._response = SingleResponse()

    def start(self) -> None:
        # Of the stub's three ways this is the one whose call can be cancelled. It drops the compressor, see README.md.
        self.call = self._stub.future(self._requests.iterator(), **self._options)

    def send(self, request: Message) -> None:
        self._requests.send(request)

    def half_close(self) -> None:
        self._requests.end()

    def receive(self) -> Message | None:
        return self._response.receive(self.call)


class ServerStreaming(Exchange):
    def __init__(self, stub: grpc.UnaryStreamMultiCallable, options: dict) -> None:
        self._stub = stub
        self._options = options

    def send(self, request: Message) -> None:
        self.call = self._stub(request, **self._options)

    def receive(self) -> Message | None:
        return next_response(self.call)


class Bidi(Exchange):
    def __init__(self, stub: grpc.StreamStreamMultiCallable, options: dict) -> None:
        self._stub = stub
        self._options = options
        self._requests = Requests()

    def start(self) -> None:
        self.call = self._stub(self._requests.iterator(), **self._options)

    def send(self, request: Message) -> None:
        self._requests.send(request)

    def half_close(self) -> None:
        self._requests.end()

    def receive(self) -> Message | None:
        return next_response(self.call)


class SingleResponse:
    """The only response of a call, if it has any."""

    def __init__(self) -> None:
        self._taken = False

    def receive(self, call: Any) -> Message | None:
        if self._taken:
            return None
        self._taken = True
        # code() waits for the end; result() would raise what is no error here.
        return call.result() if call.code() is grpc.StatusCode.OK else None


def next_response(call: Any) -> Message | None:
    """The next response of a stream; how the stream ended is not asked here, but of the call."""
    try:
        return next(call, None)
    except grpc.RpcError:
        return None
