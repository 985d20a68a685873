"""A client made with GStreamer's webrtcbin in a room of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.engine import Connection
from tests import machine
from tests.media.clients.standard_io import joined
from tests.media.stage import InProcess, stage

pytestmark = [pytest.mark.gstreamer, pytest.mark.media, pytest.mark.long]

PROGRAM = Path(__file__).with_name("webrtcbin.py")
PYTHON = "/usr/bin/python3"  # python3-gi is the system's


@pytest.mark.parametrize("setup", ["active", "passive"])
async def test_a_client_made_with_gstreamer_is_heard_and_seen_and_hears_and_sees(setup: str) -> None:
    async with stage(InProcess(machine.address())) as one:
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
