"""A client made with GStreamer's webrtcbin in a room of ours. Not part of the suite, which would install 95 packages:

sudo apt-get install --no-install-recommends python3-gi gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice \\
    gstreamer1.0-plugins-bad gstreamer1.0-plugins-good gstreamer1.0-plugins-base
./run test tests/media/clients/webrtcbin_joins.py
"""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from media.engine import Connection
from tests.media.clients.standard_io import joined
from tests.media.stage import InProcess, stage

pytestmark = pytest.mark.media

PROGRAM = Path(__file__).with_name("webrtcbin.py")
PYTHON = "/usr/bin/python3"  # python3-gi is the system's


def own_address() -> str:
    """One that is not loopback: libnice does not use that."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("192.0.2.1", 9))  # nothing is sent
        return str(sock.getsockname()[0])


@pytest.mark.parametrize("setup", ["active", "passive"])
async def test_a_client_made_with_gstreamer_is_heard_and_seen_and_hears_and_sees(setup: str) -> None:
    async with stage(InProcess(own_address())) as one:
        bob = await one.join("bob")
        async with joined(one, "gst", PYTHON, str(PROGRAM), setup) as client:
            await one.everybody_hears_everybody()
            await one.until(lambda event: event == Connection("r", "gst", "connected"))
            sound, picture = bob.of("gst", "mic"), bob.of("gst", "camera")
            await bob.until(lambda: sound.hz > 0 and any(picture.colour))
            assert abs(sound.hz - 770) < 8
            red, green, blue = picture.colour
            assert green > 150 > 100 > max(red, blue)
            await client.until_said({"received": "audio"}, {"received": "video"})
