import re
import unittest
from pathlib import Path

import grpc

from peer import features


class FeaturesTest(unittest.TestCase):
    def test_peer_yaml_says_the_same(self) -> None:
        text = Path("peer.yaml").read_text()
        declared = re.findall(r"features: \[([^]]*)\]", text)
        client, server = (re.findall(r"\w+", names) for names in declared)
        self.assertEqual(client, list(features.CLIENT))
        self.assertEqual(server, list(features.SERVER))
        # Its own, or that of a variant.
        self.assertRegex(text, rf"\bversion: {re.escape(grpc.__version__)}\b")
