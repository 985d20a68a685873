"""A worker's rooms flush what they collected for the recorder once per flush tick."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time

import pytest
from aiortc.rtcdtlstransport import RTCCertificate

from media.sfu.control import ControlChannel
from media.sfu.room import ForwardingRoom
from media.sfu.udp_mux import UdpMux
from media.sfu.worker import Worker, in_slices
from tests.media.taps import CountingTaps

pytestmark = pytest.mark.media

TOLD = "told"


class Told(CountingTaps):
    def __init__(self, order: list[str]) -> None:
        super().__init__()
        self.order = order
        self.twice = asyncio.Event()

    def flushed(self) -> None:
        self.order.append(TOLD)
        if self.order.count(TOLD) == 3:  # the first is of the tick it started in
            self.twice.set()


class Watched(ForwardingRoom):
    order: list[str]

    def tick(self, now: float) -> None:
        super().tick(now)
        self.order.append(self.name)


async def test_the_recorder_is_told_once_in_a_turn_when_all_rooms_have_handed_over() -> None:
    order: list[str] = []
    taps = Told(order)
    web, own = socket.socketpair()
    with contextlib.closing(web):
        own.setblocking(False)
        mux = await UdpMux.bind(["127.0.0.1"], 0)
        worker = Worker(mux, ["127.0.0.1"], taps, await ControlChannel.over(own))
        certificate = RTCCertificate.generateCertificate()
        for name in ("one", "two"):
            room = Watched(name, mux, certificate, ["127.0.0.1"], taps, lambda event: None, time.monotonic)
            room.order = order
            worker.rooms[name] = room
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(10):
            await taps.twice.wait()
        worker.stop()
        await running
    before = " ".join(order).split(TOLD)
    assert [ticks.split()[-2:] for ticks in before[:3]] == [["one", "two"]] * 3, "after the rooms"
    assert order.count("two") > order.count(TOLD) + 2, "not at every tick"


async def test_what_has_arrived_gets_its_turn_between_many_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.sfu.worker.TICK_SLICE", 0.0)
    near, far = socket.socketpair()
    seen: list[int] = []
    with contextlib.closing(near), contextlib.closing(far):
        asyncio.get_running_loop().add_reader(near, lambda: seen.append(len(near.recv(64))))
        mux = await UdpMux.bind(["127.0.0.1"], 0)
        rooms = [
            ForwardingRoom(
                str(n),
                mux,
                RTCCertificate.generateCertificate(),
                [],
                CountingTaps(),
                lambda event: None,
                time.monotonic,
            )
            for n in range(10)
        ]
        async for room in in_slices(rooms):
            if room is rooms[0]:
                far.send(b"datagram")
            room.tick(time.monotonic())
            if room is rooms[-1]:
                assert seen == [8]
        asyncio.get_running_loop().remove_reader(near)
        mux.close()
