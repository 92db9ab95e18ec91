import unittest

from google.protobuf import text_format

from interop.v1.script_pb2 import Call, Script
from peer.client.check import Senseless, check, check_call

SENSIBLE = {
    "unary": "method: UNARY_CALL steps {wait_ms: 1} steps {send {simple {}}} steps {receive {count: 1}}",
    "stream without send": "method: FULL_DUPLEX_CALL",
    "receive before half_close": "method: STREAMING_INPUT_CALL steps {receive {}}",
    "cancel before send": "method: FULL_DUPLEX_CALL steps {cancel {}} steps {send {streaming_output {}}}",
    "any bytes": r'method: FULL_DUPLEX_CALL metadata {key: "a-bin" value: "\000\377"}',
}
SENSELESS = {
    "no method": "steps {send {simple {}}}",
    "unary without send": "method: UNARY_CALL",
    "second send": "method: UNARY_CALL steps {send {simple {}}} steps {send {simple {}}}",
    "receive before send": "method: STREAMING_OUTPUT_CALL steps {receive {}} steps {send {streaming_output {}}}",
    "cancel before the only send": "method: UNARY_CALL steps {cancel {}} steps {send {simple {}}}",
    "send after half_close": "method: FULL_DUPLEX_CALL steps {half_close {}} steps {send {streaming_output {}}}",
    "unary send after half_close": "method: UNARY_CALL steps {half_close {}} steps {send {simple {}}}",
    "unknown method": "method: 99",
    "unknown compressor": "method: FULL_DUPLEX_CALL compressor: 99",
    "unknown compress": "method: UNARY_CALL steps {send {simple {} compress: 99}}",
    "body of 2 GiB": "method: UNARY_CALL steps {send {simple {} body_size: 2147483648}}",
    "request of another method": "method: UNARY_CALL steps {send {empty {}}}",
    "send without request": "method: UNARY_CALL steps {send {}}",
    "body in an empty request": "method: EMPTY_CALL steps {send {empty {} body_size: 1}}",
    "step without action": "method: FULL_DUPLEX_CALL steps {}",
    "compression of one message": "method: UNARY_CALL steps {send {simple {} compress: NO}}",
    "bytes in text": r'method: FULL_DUPLEX_CALL metadata {key: "a" value: "\377"}',
    "key in capitals": 'method: FULL_DUPLEX_CALL metadata {key: "A" value: "b"}',
}


class CheckTest(unittest.TestCase):
    def test_sensible(self) -> None:
        for name, text in SENSIBLE.items():
            with self.subTest(name):
                check_call(text_format.Parse(text, Call()))

    def test_senseless(self) -> None:
        for name, text in SENSELESS.items():
            with self.subTest(name), self.assertRaises(Senseless):
                check_call(text_format.Parse(text, Call()))

    def test_unknown_connect(self) -> None:
        with self.assertRaises(Senseless):
            check(text_format.Parse("channel {connect: 99}", Script()))
