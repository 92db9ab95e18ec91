import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from google.protobuf import proto, text_format

from interop.v1.observation_pb2 import Observation
from interop.v1.script_pb2 import Script
from peer.server.__main__ import new_server


class CommandTest(unittest.TestCase):
    """The client as the process that it is."""

    def test_each_job_has_its_observation(self) -> None:
        server = new_server()
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        self.addCleanup(lambda: server.stop(None).wait())
        scripts = Path(self.enterContext(tempfile.TemporaryDirectory()))
        text = "budget_ms: 5000 groups {calls {method: EMPTY_CALL steps {send {empty {}}}}}"
        # The name on the command line is what counts.
        script = text_format.Parse(text, Script(case="another"))
        for case in ("one", "two"):
            (scripts / f"{case}.binpb").write_bytes(script.SerializeToString())

        jobs = [f"--job={case}={address}" for case in ("one", "missing", "two")]
        command = [sys.executable, "-m", "peer.client", "--scripts", scripts, *jobs]
        client = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        output = io.BytesIO(client.stdout)
        seen = [
            proto.parse_length_prefixed(Observation, output)
            for _ in ("one", "?", "two")
        ]
        self.assertEqual(output.read(), b"")
        self.assertEqual(
            [(job.case, job.result) for job in seen],
            [
                ("one", Observation.DONE),
                ("missing", Observation.BAD_SCRIPT),
                ("two", Observation.DONE),
            ],
        )

    def test_arguments_that_make_no_sense(self) -> None:
        command = [sys.executable, "-m", "peer.client", "--scripts", ".", "--job=case"]
        client = subprocess.run(command, capture_output=True)
        self.assertEqual((client.returncode, client.stdout), (2, b""))
