"""A job: a script in, an observation out."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from google.protobuf.message import DecodeError

from interop.v1.observation_pb2 import CallObservation, Observation
from interop.v1.script_pb2 import Call, Script
from peer import features
from peer.client.budget import Budget
from peer.client.call import CallRun
from peer.client.channel import ConnectFailed, open_channel
from peer.client.check import Senseless, check


def run_job(scripts: Path, case: str, address: str) -> Observation:
    """Runs a case's script against an address."""
    began = time.monotonic()
    try:
        script = Script.FromString((scripts / f"{case}.binpb").read_bytes())
    except (OSError, DecodeError) as error:
        return Observation(case=case, result=Observation.BAD_SCRIPT, detail=str(error))
    seen = Observation(case=case)
    for name in script.requires:
        if name not in features.CLIENT:
            seen.result, seen.detail = Observation.UNSUPPORTED, name
            return seen
    try:
        check(script)
    except Senseless as error:
        seen.result, seen.detail = Observation.BAD_SCRIPT, str(error)
        return seen

    with Budget(script.budget_ms / 1000) as budget:
        try:
            run_groups(script, address, began, budget, seen)
            seen.result = Observation.DONE
        except ConnectFailed as error:
            seen.result, seen.detail = Observation.CONNECT_FAILED, str(error)
        if budget.over:
            seen.result = Observation.TIMED_OUT
            seen.detail = f"not done after {script.budget_ms} ms"
    return seen


def run_groups(
    script: Script, address: str, began: float, budget: Budget, seen: Observation
) -> None:
    """Runs the groups in order and adds what their calls see, until all are done or the budget is over."""
    channel: grpc.Channel | None = None
    try:
        for g, group in enumerate(script.groups):
            for r in range(max(group.repeat, 1)):
                if channel is not None and group.fresh_channel:
                    channel.close()
                    channel = None
                if channel is None:
                    channel = open_channel(address, script.channel, budget)
                calls = run_calls(channel, group.calls, began, budget)
                for c, call in enumerate(calls):
                    call.group, call.repeat, call.call = g, r, c
                seen.calls.extend(calls)
                if budget.over:
                    return
    finally:
        if channel is not None:
            # Closing takes up to 0.2 s after channel_ready_future, whose watch of the channel's state cannot be cancelled:
            # https://github.com/grpc/grpc/issues/3064. So the next job need not wait for it.
            threading.Thread(target=channel.close).start()


def run_calls(
    channel: grpc.Channel, calls: list[Call], began: float, budget: Budget
) -> list[CallObservation]:
    """Starts the calls of a group in order, lets them run concurrently, and returns what each saw when all have ended."""
    ends = []
    with ThreadPoolExecutor(max_workers=max(len(calls), 1)) as threads:
        for call in calls:
            run = CallRun(channel, call, began, budget)
            ends.append(threads.submit(run.run))
            run.started.wait()
    return [end.result() for end in ends]
