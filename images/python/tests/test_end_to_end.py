import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from google.protobuf import text_format

from interop.v1.observation_pb2 import CallObservation, Observation
from interop.v1.script_pb2 import Script
from peer.client.job import run_job
from peer.server.__main__ import new_server
from tests.tap import Tap

CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
UNIMPLEMENTED = 12
INTERNAL = 13


class EndToEndTest(unittest.TestCase):
    """Client and server of this peer; how they do with others is for the matrix to tell."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = new_server()
        cls.address = f"127.0.0.1:{cls.server.add_insecure_port('127.0.0.1:0')}"
        cls.server.start()
        cls.addClassCleanup(lambda: cls.server.stop(None).wait())
        cls.scripts = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))

    def job(
        self, script: str, address: str | None = None, budget_ms: int = 5000
    ) -> Observation:
        message = text_format.Parse(script, Script(case="test", budget_ms=budget_ms))
        path = self.scripts / "test.binpb"
        path.write_bytes(message.SerializeToString())
        return run_job(self.scripts, "test", address or self.address)

    def call(self, call: str) -> CallObservation:
        seen = self.job(f"groups {{calls {{{call}}}}}")
        self.assertEqual(seen.result, Observation.DONE, seen.detail)
        return seen.calls[0]

    def assertSizes(self, call: CallObservation, sizes: list[int]) -> None:
        self.assertEqual([message.body_size for message in call.messages], sizes)
        self.assertTrue(all(message.all_zero for message in call.messages))

    def test_unary(self) -> None:
        call = self.call(
            "method: UNARY_CALL"
            " steps {send {simple {response_size: 31415 response_compressed {value: true}} body_size: 27182}}"
        )
        self.assertSizes(call, [31415])
        self.assertEqual(call.status.code, 0)

    def test_client_streaming(self) -> None:
        call = self.call(
            "method: STREAMING_INPUT_CALL"
            " steps {send {streaming_input {} body_size: 70000}}"
            " steps {send {streaming_input {} body_size: 5}}"
        )
        response = call.messages[0].streaming_input
        self.assertEqual(response.aggregated_payload_size, 70005)
        self.assertEqual([step.index for step in call.steps], [0, 1])

    def test_server_streaming(self) -> None:
        call = self.call(
            "method: STREAMING_OUTPUT_CALL steps {send {streaming_output {"
            " response_parameters {size: 3 compressed {value: true}}"
            " response_parameters {size: 70000 interval_us: 1000}}}}"
        )
        self.assertSizes(call, [3, 70000])

    def test_compressed_as_asked(self) -> None:
        plain, asked = "size: 999", "size: 999 compressed {value: true}"
        for method, requests, flags in (
            ("STREAMING_OUTPUT_CALL", [(plain, asked)], [0, 1]),
            ("FULL_DUPLEX_CALL", [(plain,), (asked,)], [0, 0]),
            ("FULL_DUPLEX_CALL", [(), (asked, plain), (asked,)], [1, 0, 1]),
            ("HALF_DUPLEX_CALL", [(plain,), (asked,)], [0, 1]),
        ):
            with self.subTest(method=method, requests=requests):
                tap = Tap(self.address)
                sends = ""
                for parameters in requests:
                    each = " ".join(f"response_parameters {{{p}}}" for p in parameters)
                    sends += f" steps {{send {{streaming_output {{{each}}}}}}}"
                seen = self.job(
                    f"groups {{calls {{method: {method}{sends}}}}}", tap.address
                )
                self.assertEqual(seen.result, Observation.DONE, seen.detail)
                self.assertEqual(tap.compressed_flags(), flags)

    def test_requests_are_looked_at_whole(self) -> None:
        good = "response_parameters {size: 1}"
        for request in (
            "response_type: 9",
            f"response_type: 9 {good}",
            f"{good} response_parameters {{size: -1}}",
            f"{good} response_parameters {{size: 1 interval_us: -1}}",
        ):
            for method in ("STREAMING_OUTPUT_CALL", "FULL_DUPLEX_CALL"):
                with self.subTest(method=method, request=request):
                    call = self.call(
                        f"method: {method} steps {{send {{streaming_output {{{request}}}}}}}"
                    )
                    self.assertEqual(call.status.code, INVALID_ARGUMENT)
                    self.assertFalse(call.messages)

    def test_bidi(self) -> None:
        for method in ("FULL_DUPLEX_CALL", "HALF_DUPLEX_CALL"):
            with self.subTest(method):
                call = self.call(
                    f"method: {method}"
                    " steps {send {streaming_output {response_parameters {size: 1}}}}"
                    " steps {send {streaming_output {response_parameters {size: 2}}}}"
                    " steps {half_close {}} steps {receive {count: 1}}"
                )
                self.assertSizes(call, [1, 2])

    def test_metadata(self) -> None:
        for method, send in (
            ("UNARY_CALL", "steps {send {simple {}}}"),
            ("FULL_DUPLEX_CALL", ""),
        ):
            with self.subTest(method):
                call = self.call(
                    f"method: {method} {send}"
                    r' metadata {key: "x-grpc-test-echo-trailing-bin" value: "\000\377"}'
                    ' metadata {key: "x-grpc-test-echo-initial" value: "a"}'
                    ' metadata {key: "x-grpc-test-echo-trailing-bin" value: ""}'
                    ' metadata {key: "x-grpc-test-echo-initial" value: "b"}'
                )
                initial = [entry.value for entry in call.initial_metadata.entries]
                trailing = [entry.value for entry in call.trailing_metadata.entries]
                self.assertEqual(initial, [b"a", b"b"])
                self.assertEqual(trailing, [b"\0\xff", b""])

    def test_username(self) -> None:
        for credentials, fill, username in (
            ("Bearer ann", "true", "ann"),
            ("Bearer ann", "false", ""),
            ("Basic Ym9iOg==", "true", ""),
        ):
            with self.subTest(credentials, fill=fill):
                call = self.call(
                    f"method: UNARY_CALL steps {{send {{simple {{fill_username: {fill}}}}}}}"
                    f' metadata {{key: "authorization" value: "{credentials}"}}'
                )
                self.assertEqual(call.messages[0].simple.username, username)

    def test_statuses(self) -> None:
        response_status = 'response_status {code: 2 message: "why \u263a"}'
        for code, message, text in (
            (
                UNKNOWN,
                "why \u263a",
                f"method: UNARY_CALL steps {{send {{simple {{{response_status}}}}}}}",
            ),
            (
                UNKNOWN,
                "",
                "method: UNARY_CALL steps {send {simple {response_status {code: 17}}}}",
            ),
            (UNIMPLEMENTED, None, "method: UNIMPLEMENTED_CALL steps {send {empty {}}}"),
            (
                UNIMPLEMENTED,
                None,
                "method: UNIMPLEMENTED_SERVICE_CALL steps {send {empty {}}}",
            ),
            (
                DEADLINE_EXCEEDED,
                None,
                "method: FULL_DUPLEX_CALL deadline_ms: 20 steps {receive {count: 1}}",
            ),
            (
                CANCELLED,
                None,
                "method: FULL_DUPLEX_CALL steps {cancel {}} steps {send {streaming_output {}}}",
            ),
        ):
            with self.subTest(text):
                call = self.call(text)
                self.assertEqual(call.status.code, code)
                if message is not None:
                    self.assertEqual(call.status.message, message)

    def test_groups(self) -> None:
        seen = self.job(
            "groups {repeat: 2 fresh_channel: true"
            " calls {method: EMPTY_CALL steps {send {empty {}}}}"
            " calls {method: FULL_DUPLEX_CALL}}"
        )
        places = [(call.group, call.repeat, call.call) for call in seen.calls]
        self.assertEqual(places, [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)])
        self.assertEqual([call.status.code for call in seen.calls], [0, 0, 0, 0])

    def test_blocked_send_ends_with_the_budget(self) -> None:
        # Nobody reads the responses, so flow control stops the server, and then the client.
        send = "steps {send {streaming_output {response_parameters {size: 4000000}} body_size: 4000000}}"
        seen = self.job(
            f"groups {{calls {{method: FULL_DUPLEX_CALL {send * 9}}}}}", budget_ms=300
        )
        self.assertEqual(seen.result, Observation.TIMED_OUT)
        self.assertFalse(seen.calls[0].HasField("status"))
        in_time = [step for step in seen.calls[0].steps if step.ended_us < 300_000]
        self.assertLess(len(in_time), 9)

    def test_the_budget_ends_a_call_that_began_late(self) -> None:
        seen = self.job(
            "groups {calls {method: STREAMING_OUTPUT_CALL steps {wait_ms: 50} steps {send {"
            "streaming_output {response_parameters {size: 1 interval_us: 2000000}}}} steps {receive {}}}}",
            budget_ms=200,
        )
        self.assertEqual(seen.result, Observation.TIMED_OUT)
        self.assertFalse(seen.calls[0].messages)

    def test_a_request_that_is_refused_is_no_end_of_the_others(self) -> None:
        send = "steps {send {streaming_output {} body_size: 1}}"
        # What the stub cannot serialize, as it could not serialize a body that is too large.
        with patch("peer.client.call.new_request", return_value=None):
            seen = self.job(
                f"groups {{calls {{method: STREAMING_OUTPUT_CALL {send}}} calls {{method: FULL_DUPLEX_CALL}}}}"
            )
        self.assertEqual(seen.result, Observation.DONE)
        refused, other = seen.calls
        self.assertEqual(refused.status.code, INTERNAL)
        self.assertEqual(other.status.code, 0)

    def test_other_results(self) -> None:
        missing = run_job(self.scripts, "missing", self.address)
        self.assertEqual(missing.result, Observation.BAD_SCRIPT)
        unsupported = self.job('requires: ["unary", "telepathy"]')
        self.assertEqual(unsupported.result, Observation.UNSUPPORTED)
        self.assertEqual(unsupported.detail, "telepathy")
        # Nothing listens at port 1.
        call = "groups {calls {method: EMPTY_CALL steps {send {empty {}}}}}"
        late = self.job(call, "127.0.0.1:1", budget_ms=200)
        self.assertEqual(late.result, Observation.TIMED_OUT)
        with patch("peer.client.channel.CONNECT_TIMEOUT_S", 0.1):
            failed = self.job(call, "127.0.0.1:1")
        self.assertEqual(failed.result, Observation.CONNECT_FAILED)
        lazy = self.job(f"channel {{connect: LAZY}} {call}", "127.0.0.1:1")
        self.assertEqual(lazy.result, Observation.DONE)
