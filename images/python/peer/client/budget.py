"""The time a job may take."""

import threading
import time
from typing import Self
from weakref import WeakSet

import grpc


class Budget:
    """Cancels the calls it is given when the time is over. It is no deadline: nothing of it reaches the wire."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        # Weakly: a call with all it has received is let go as soon as it is over.
        self._calls: WeakSet[grpc.RpcContext] = WeakSet()
        self._timer = threading.Timer(seconds, self._expire)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    @property
    def left(self) -> float:
        """What is left of it, in seconds."""
        return max(self._end - time.monotonic(), 0)

    @property
    def over(self) -> bool:
        return self.left == 0

    def binds(self, call: grpc.RpcContext) -> None:
        """Has a call cancelled when the time is over, at once if it already is."""
        with self._lock:
            self._calls.add(call)
        if self.over:
            call.cancel()

    def _expire(self) -> None:
        with self._lock:
            calls = list(self._calls)
        for call in calls:
            call.cancel()
