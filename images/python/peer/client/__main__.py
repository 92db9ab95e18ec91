"""The command line: runs the jobs one after another and writes an Observation for each."""

import argparse
import sys
import time
from pathlib import Path

from google.protobuf import proto

from peer import features
from peer.about import describe
from peer.client.job import run_job

# How long the process lives after its last job, for the last frames to leave.
LINGER_S = 0.1


def job(text: str) -> tuple[str, str]:
    """A case and the address to run it against."""
    case, _, address = text.partition("=")
    if not case or not address:
        raise argparse.ArgumentTypeError("not of the form CASE=IP:PORT")
    return case, address


def main() -> None:
    parser = argparse.ArgumentParser(prog="client", allow_abbrev=False)
    parser.add_argument("--describe", action="store_true", help="say what this is")
    parser.add_argument("--scripts", type=Path, help="folder of the scripts")
    parser.add_argument("--job", type=job, action="append", default=[], dest="jobs")
    arguments = parser.parse_args()
    if arguments.describe:
        print(describe(features.CLIENT))
        return
    if arguments.scripts is None:
        parser.error("--scripts is missing")
    for case, address in arguments.jobs:
        observation = run_job(arguments.scripts, case, address)
        proto.serialize_length_prefixed(observation, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    time.sleep(LINGER_S)


if __name__ == "__main__":
    main()
