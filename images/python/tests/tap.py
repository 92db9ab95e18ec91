"""What a server sends, as the bytes it is made of."""

import socket
import threading


class Tap:
    """Stands between a client and a server for one connection, and keeps what the server sends."""

    def __init__(self, server: str) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        host, _, port = server.rpartition(":")
        self._server = (host, int(port))
        self._sent = bytearray()
        self._thread = threading.Thread(target=self._relay)
        self._thread.start()

    def compressed_flags(self) -> list[int]:
        """The flag of each message of the connection's only call, when the client has gone."""
        self._thread.join()
        return list(flags(data(self._sent)))

    def _relay(self) -> None:
        client, _ = self._listener.accept()
        with self._listener, client, socket.create_connection(self._server) as server:
            back = threading.Thread(target=self._pump, args=(server, client))
            back.start()
            while chunk := client.recv(1 << 16):
                server.sendall(chunk)
            server.shutdown(socket.SHUT_WR)
            back.join()

    def _pump(self, server: socket.socket, client: socket.socket) -> None:
        try:
            while chunk := server.recv(1 << 16):
                self._sent += chunk
                client.sendall(chunk)
        except OSError:
            pass  # The client has gone.


def data(sent: bytes) -> bytes:
    """The payloads of all DATA frames; the library does not pad them."""
    payloads = b""
    while sent:
        end = 9 + int.from_bytes(sent[:3])
        if sent[3] == 0:
            payloads += sent[9:end]
        sent = sent[end:]
    return payloads


def flags(messages: bytes):
    while messages:
        yield messages[0]
        messages = messages[5 + int.from_bytes(messages[1:5]) :]
