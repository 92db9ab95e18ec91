"""The command line: serves until SIGTERM."""

import argparse
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

from peer import features
from peer.about import LIMITS, describe
from peer.server.service import TestService
from testing.test_pb2_grpc import add_TestServiceServicer_to_server

# A handler holds a thread until its call is over.
HANDLERS = 128

# Calls that a connection may have at once: what the contract asks for. The library's own limit is none.
STREAMS = 100

# How long calls may go on after SIGTERM; the process has to be gone within a second.
STOP_GRACE_S = 0.5


def new_server() -> grpc.Server:
    """A server that does not listen yet."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=HANDLERS),
        options=(
            *LIMITS,
            ("grpc.so_reuseport", 0),
            ("grpc.max_concurrent_streams", STREAMS),
            # Else a stream that has ended is counted until its memory is free, and clients that keep to the limit are refused.
            # https://github.com/grpc/grpc/blob/v1.60.0/src/core/ext/transport/chttp2/transport/internal.h
            ("grpc.http.overload_protection", 0),
        ),
    )
    add_TestServiceServicer_to_server(TestService(), server)
    return server


def main() -> None:
    parser = argparse.ArgumentParser(prog="server", allow_abbrev=False)
    parser.add_argument("--describe", action="store_true", help="say what this is")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--use_tls", choices=("true", "false"), default="false")
    parser.add_argument("--tls_cert_file", type=Path, help="certificate chain, PEM")
    parser.add_argument("--tls_key_file", type=Path, help="private key, PEM")
    arguments = parser.parse_args()
    if arguments.describe:
        print(describe(features.SERVER))
        return
    tls = arguments.use_tls == "true"
    if tls and not (arguments.tls_cert_file and arguments.tls_key_file):
        parser.error("--use_tls=true needs --tls_cert_file and --tls_key_file")

    # Blocked before there are threads, which inherit it: so only sigwait gets them.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    server = new_server()
    address = f"[::]:{arguments.port}"
    if tls:
        key = arguments.tls_key_file.read_bytes()
        certificates = arguments.tls_cert_file.read_bytes()
        pairs = ((key, certificates),)
        server.add_secure_port(address, grpc.ssl_server_credentials(pairs))
    else:
        server.add_insecure_port(address)
    server.start()
    print(f"grpcio {grpc.__version__} serves on {address}", file=sys.stderr)
    signal.sigwait(ends)
    server.stop(STOP_GRACE_S).wait()


if __name__ == "__main__":
    main()
