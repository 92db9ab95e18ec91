import re
import unittest
from pathlib import Path

from peer.client.features import FEATURES as CLIENT
from peer.server.__main__ import FEATURES as SERVER


class FeaturesTest(unittest.TestCase):
    def test_peer_yaml_declares_them(self) -> None:
        declared = re.findall(r"features: \[([^]]*)\]", Path("peer.yaml").read_text())
        client, server = (re.findall(r"\w+", names) for names in declared)
        self.assertEqual(client, list(CLIENT))
        self.assertEqual(server, list(SERVER))
