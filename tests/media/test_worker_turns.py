"""A worker's rooms hand over what collects for the recorder once in each turn."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from media.sfu.control import Channel
from media.sfu.endpoint import Endpoint
from media.sfu.limits import MOST_BITRATE
from media.sfu.worker import Worker
from tests.media.taps import CountingTaps

pytestmark = pytest.mark.media


class Told(CountingTaps):
    def __init__(self) -> None:
        super().__init__()
        self.once = asyncio.Event()

    def turned(self) -> None:
        self.once.set()


async def test_the_recorder_is_told_when_all_rooms_have() -> None:
    taps = Told()
    web, own = socket.socketpair()
    with contextlib.closing(web):
        own.setblocking(False)
        endpoint = await Endpoint.bind(["127.0.0.1"], 0, MOST_BITRATE)
        worker = Worker(endpoint, ["127.0.0.1"], taps, await Channel.over(own))
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(10):
            await taps.once.wait()
        worker.stop()
        await running
