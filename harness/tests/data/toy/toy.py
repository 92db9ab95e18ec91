#!/usr/bin/python3
"""The least that passes for an official interop peer: HTTP/2 by hand, one case, and flags to misbehave by.

A client that breaks a rule and ends with 0 all the same is what --break is for; one that ends with 0 whatever the case is
--agree.
"""

import argparse
import socket
import struct
import sys
import threading

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 0x1, 0x1, 0x4
EMPTY_MESSAGE = bytes(5)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """A field without indexing and without Huffman code (RFC 7541, 6.2.2); both parts are short."""
    return b"\x00" + b"".join(bytes([len(part)]) + part for part in (name.encode(), value.encode()))


def block(*fields):
    return b"".join(literal(name, value) for name, value in fields)


def frames(stream):
    """The frames that come in: kind, flags, stream, payload."""
    while header := stream.read(9):
        length, kind, flags, number = int.from_bytes(header[:3]), header[3], header[4], int.from_bytes(header[5:])
        yield kind, flags, number & 0x7FFFFFFF, stream.read(length)


def acknowledged(kind, flags, payload):
    """What a SETTINGS or PING is owed."""
    if flags & ACK:
        return b""
    return {SETTINGS: frame(SETTINGS, ACK, 0), PING: frame(PING, ACK, 0, payload)}.get(kind, b"")


def serve(connection):
    stream = connection.makefile("rb")
    stream.read(len(PREFACE))
    connection.sendall(frame(SETTINGS, 0, 0))
    answer_headers = block((":status", "200"), ("content-type", "application/grpc"))
    trailers = block(("grpc-status", "0"))
    for kind, flags, number, payload in frames(stream):
        connection.sendall(acknowledged(kind, flags, payload))
        if kind in (DATA, HEADERS) and flags & END_STREAM:
            connection.sendall(
                frame(HEADERS, END_HEADERS, number, answer_headers)
                + frame(DATA, 0, number, EMPTY_MESSAGE)
                + frame(HEADERS, END_HEADERS | END_STREAM, number, trailers)
            )


def server(port):
    with socket.create_server(("0.0.0.0", port)) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()


def empty_unary(address, breaks):
    request = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/grpc.testing.TestService/EmptyCall"),
        (":authority", f"{address[0]}:{address[1]}"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    ]
    if breaks == "te":
        request.remove(("te", "trailers"))
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, block(*request)))
        connection.sendall(frame(DATA, END_STREAM, 1, EMPTY_MESSAGE))
        for kind, flags, number, payload in frames(connection.makefile("rb")):
            connection.sendall(acknowledged(kind, flags, payload))
            if number == 1 and kind in (DATA, HEADERS) and flags & END_STREAM:
                connection.sendall(frame(GOAWAY, 0, 0, bytes(8)))
                return
    sys.exit("the connection ended before the call")


def main():
    flags = argparse.ArgumentParser()
    flags.add_argument("role", choices=["client", "server"])
    for name in ("port", "server_host", "server_port", "test_case", "break"):
        flags.add_argument(f"--{name}")
    flags.add_argument("--agree", action="store_true")
    arguments = vars(flags.parse_args())
    if arguments["role"] == "server":
        server(int(arguments["port"]))
    elif arguments["test_case"] == "empty_unary":
        empty_unary((arguments["server_host"], int(arguments["server_port"])), arguments["break"])
    elif not arguments["agree"]:
        sys.exit(f"unknown case {arguments['test_case']}")


main()
