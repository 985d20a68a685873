"""A real Firefox through our media engine: it sends in two layers, receives, and survives an ICE restart."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.firefox, pytest.mark.media, pytest.mark.namespaces]

ADDRESS = "10.9.9.1"
OWN_NETWORK = f"""
ip link set lo up
ip addr add {ADDRESS}/32 dev lo
ip route add default dev lo src {ADDRESS}
exec "$@"
"""


def test_firefox_pages_see_and_hear_each_other(tmp_path: Path) -> None:
    talk = [sys.executable, "-m", "tests.media.browsers.firefox_conversation", str(tmp_path), ADDRESS]
    command = ["unshare", "-rn", "sh", "-ec", OWN_NETWORK, "sh", *talk]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["connected"] == ["ann", "bob"]
    assert report["errors"] == []
    assert report["bob"]["ann-camera"]["width"] in (320, 640), "one of the two layers"
    assert report["bob"]["ann-camera"]["frames"] > report["before"]["ann-camera"]["frames"]
    assert report["bob"]["ann-mic"]["energy"] > report["before"]["ann-mic"]["energy"]
    assert report["ann"]["bob-camera"]["frames"] > 0
