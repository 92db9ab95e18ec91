"""The requests of a stream: the library takes them from an iterator, in a thread of its own."""

import queue
import threading
import weakref
from collections.abc import Iterator

from google.protobuf.message import Message


class Requests:
    """Hands requests to the library one at a time, and waits until it has dealt with each.

    The library asks for the next request when the one before has left it, and drops the iterator when it has half-closed or
    when the call has ended. These are the only signs of progress that it gives.
    """

    def __init__(self) -> None:
        self._handed: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        # Set while the library waits for a request, and for good once it has dropped the iterator.
        self._idle = threading.Event()
        self._dropped = False

    def iterator(self) -> Iterator[Message]:
        """What the library is given; to be taken once, and not kept."""
        iterator = self._take()
        weakref.finalize(iterator, self._drop).atexit = False
        return iterator

    def send(self, request: Message) -> None:
        """Returns when the library has taken the request, or when the call has ended."""
        self._hand(request)

    def end(self) -> None:
        """Half-closes; without effect where that has been done or the call has ended."""
        self._hand(None)

    def _hand(self, request: Message | None) -> None:
        self._idle.wait()
        if self._dropped:
            return
        # The library is waiting, so it cannot become idle or drop the iterator before it is handed something.
        self._idle.clear()
        self._handed.put(request)
        self._idle.wait()

    def _take(self) -> Iterator[Message]:
        while True:
            self._idle.set()
            request = self._handed.get()
            if request is None:
                return
            yield request

    def _drop(self) -> None:
        self._dropped = True
        self._idle.set()
