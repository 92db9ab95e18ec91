"""The steps of one call, whatever its kind."""

import threading
import time
import traceback
from typing import Any

import grpc

from interop.v1 import script_pb2
from interop.v1.observation_pb2 import CallObservation, MetadataList
from peer.client.budget import Budget
from peer.client.messages import new_received, new_request
from peer.client.methods import METHODS


class CallRun:
    """Runs the steps of one call and notes what it sees."""

    def __init__(
        self,
        channel: grpc.Channel,
        script: script_pb2.Call,
        began: float,
        budget: Budget,
    ) -> None:
        # Set when the library has the call, or when the call begins with a wait.
        self.started = threading.Event()
        self._script = script
        self._began = began
        self._budget = budget
        self._bound = False
        self._seen = CallObservation()
        method = METHODS[script.method]
        self._exchange = method.kind(method.stub(channel), call_options(script))

    def run(self) -> CallObservation:
        """Runs the call to its end."""
        try:
            self._run()
        except grpc.RpcError as error:
            # A stub of a single request raises what it cannot send, and the error is what became of the call.
            self._note_status(error)
        except Exception:  # One call is no reason to end the others.
            traceback.print_exc()
        finally:
            self.started.set()
        return self._seen

    def _run(self) -> None:
        self._exchange.start()
        self._launched()
        for index, step in enumerate(self._script.steps):
            if self._budget.over:
                break
            self._step(step)
            ended_us = int((time.monotonic() - self._began) * 1e6)
            self._seen.steps.add(index=index, ended_us=ended_us)
        self._exchange.half_close()
        if self._exchange.call is not None:
            self._finish(self._exchange.call)

    def _step(self, step: script_pb2.Step) -> None:
        match step.WhichOneof("action"):
            case "send":
                self._exchange.send(new_request(step.send))
                self._launched()
            case "half_close":
                self._exchange.half_close()
            case "receive":
                self._receive(step.receive.count)
            case "cancel":
                self._exchange.call.cancel()
            case "wait_ms":
                self.started.set()
                time.sleep(min(step.wait_ms / 1000, self._budget.left))

    def _launched(self) -> None:
        """Notes that the library has the call, if it does."""
        if self._exchange.call is not None and not self._bound:
            self._bound = True
            self._budget.binds(self._exchange.call)
            self.started.set()

    def _receive(self, count: int) -> None:
        """Reads that many messages, or to the end of the call if it is 0."""
        left = count
        while (response := self._exchange.receive()) is not None:
            self._seen.messages.append(new_received(response))
            left -= 1
            if left == 0:
                return

    def _finish(self, call: Any) -> None:
        """Reads to the end and notes how it ended, unless the budget ended it."""
        self._receive(0)
        call.code()  # Waits for the end.
        self._seen.initial_metadata.CopyFrom(metadata_list(call.initial_metadata()))
        if self._budget.over:
            return
        self._note_status(call)
        self._seen.trailing_metadata.CopyFrom(metadata_list(call.trailing_metadata()))

    def _note_status(self, call: Any) -> None:
        self._seen.status.code = call.code().value[0]
        self._seen.status.message = call.details() or ""


def call_options(script: script_pb2.Call) -> dict[str, Any]:
    """What the stub is given beside the request."""
    options: dict[str, Any] = {}
    if script.metadata:
        options["metadata"] = tuple(
            (entry.key, entry.value) for entry in script.metadata
        )
    if script.deadline_ms:
        options["timeout"] = script.deadline_ms / 1000
    if script.compressor == script_pb2.GZIP:
        options["compression"] = grpc.Compression.Gzip
    if script.bearer_token:
        options["credentials"] = grpc.access_token_call_credentials(script.bearer_token)
    return options


def metadata_list(metadata: Any) -> MetadataList:
    """Metadata in the order in which the library shows it."""
    entries = MetadataList()
    for key, value in metadata:
        # Only the values of -bin keys come as bytes.
        raw = value if isinstance(value, bytes) else value.encode()
        entries.entries.add(key=key, value=raw)
    return entries
