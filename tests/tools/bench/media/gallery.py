"""A room that begins: how long until everybody sees everybody's large picture, and what that does to the sound.

People are packets without codecs (`caller.Caller`) whose cameras send two layers from the first moment, at the bit
rates of our pages, each behind a line of their own. Everybody comes at once, which is harder than one after the other.
"""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.engine import MediaEvent, Offer, PicturesPaused, RouteMatrix
from media.sfu import sdp
from media.sfu.room import ForwardingRoom
from media.sfu.sdp import VP8, MediaSection
from media.sfu.udp_mux import UdpMux
from recordings.files.keys import case_keys
from recordings.recorder import Recorder
from tests.tools.bench.media.caller import LARGE, MARK, PART, Caller
from tests.tools.bench.media.crowd import publishing, receiving
from tests.tools.bench.media.floor import Floor, ssrcs_of
from tests.tools.bench.media.network import Condition, Network

LAYERS = (("h", 600_000, 24), ("l", 130_000, 15))  # bit/s and pictures a second, as web/frontend/src/media/sending.ts
KEY_OCTETS = (18_000, 4_000)
RID_ID = 10
LOOK = 0.02
APART = 1 << 16  # SSRC of the small layer from the large one's


@dataclass(frozen=True)
class Beginning:
    """What one room saw. Seconds are from the first check of a connection that may receive; infinite: never."""

    large: list[float]  # of each person, until they saw the large picture of everybody
    stays: list[float]  # share of pictures that were large in the second half of the time
    mutes: list[float]
    heard: list[float]
    lost: float  # share of the packets to people, by lines too full
    padding: float  # share of the bytes to people


class Viewer(Caller):
    """Sends a camera in two layers."""

    def __init__(self, plan: dict[str, Any], clock: Callable[[], float]) -> None:
        super().__init__(plan, clock)
        self._due = [0.0, 0.0]
        self._made = [0, 0]
        for layer in range(2):
            self._seq[self._video + APART * layer] = 100

    def _film(self, loop: asyncio.AbstractEventLoop, now: float) -> None:
        if self.resting:
            return
        key, self._key_wanted = self._key_wanted, False
        for layer, (rid, rate, pictures) in enumerate(LAYERS):
            if rid == "h" and self.allowed < LAYERS[0][1] + LAYERS[1][1]:
                continue  # as Chromium, which gives up the large one first
            if not key and now < self._due[layer]:
                continue
            self._due[layer] = max(now - 0.02, self._due[layer]) + 1 / pictures
            octets = KEY_OCTETS[layer] if key else rate // 8 // pictures
            parts, stamp = max(1, -(-octets // PART)), int((now - self._began) * 90_000)
            frame = self._made[layer], parts, key, octets // parts, stamp
            for part in range(parts):
                loop.call_later(part * 0.8 / pictures / parts, self._part, layer, part, frame)
            self._made[layer] += 1

    def _part(self, layer: int, part: int, made: tuple[int, int, bool, int, int]) -> None:
        frame, parts, key, octets, stamp = made
        descriptor = bytes((0x90 if part == 0 else 0x80, 0x80)) + struct.pack("!H", 0x8000 | frame & 0x7FFF)
        begins = (b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 640, 360)) if key else b"\x11\x00\x00"
        mark = MARK.pack(frame | (0 if layer else LARGE), part, parts, key, self._clock())
        payload = (descriptor + (begins if part == 0 else b"") + mark).ljust(octets, b"\0")
        ssrc = self._video + APART * layer
        packet = self._numbered(ssrc, VP8, 0x80 if part == parts - 1 else 0, stamp, payload)
        block = b"\xbe\xde\x00\x01" + bytes([RID_ID << 4]) + LAYERS[layer][0].encode() + b"\0\0"
        self._keep(ssrc, packet)
        self._up.send(self._up.outbound.protect(bytes([packet[0] | 0x10]) + packet[1:12] + block + packet[12:]))


async def begin(size: int, condition: Condition, seconds: float, folder: Path, clock: Callable[[], float]) -> Beginning:
    """Play a room of `size` for so long, each person's line to them in this condition."""
    mux = await UdpMux.bind("127.0.0.1", 0)
    floor = Floor(mux, folder)
    recorder = Recorder(folder / "recordings", 0, case_keys(folder))
    floor.closing.append(recorder.stop)
    offers: list[Offer] = []
    viewers: dict[str, Viewer] = {}

    def emit(event: MediaEvent) -> None:
        match event:
            case Offer():
                offers.append(event)
            case PicturesPaused() if event.participant in viewers:
                viewers[event.participant].told_of_pause(event.way, event.paused)

    room = ForwardingRoom("r", mux, floor.certificate, ["127.0.0.1"], recorder, emit, time.monotonic)
    names = [f"p{n}" for n in range(size)]
    for at, name in enumerate(names):
        room.admit(name)
        room.publish(name, publishing(floor, ssrcs_of(at)), {"0": "mic", "1": "camera"})
        publisher = room.participants[name].publisher
        assert publisher is not None
        publisher.apply_offer({"0": publisher.sections["0"], "1": ("camera", layered(ssrcs_of(at)[0]))})
    everybody = frozenset(names)
    routes = {name: everybody - {name} for name in names}
    room.route(RouteMatrix(routes, routes, frozenset()))
    while offers:
        offer = offers.pop(0)
        room.answer(offer.participant, receiving(offer.sdp))
    lines = []
    for at, name in enumerate(names):
        participant = room.participants[name]
        assert participant.publisher is not None
        assert participant.subscriber is not None
        floor.connect(participant.publisher, participant.subscriber, ssrcs_of(at))
        viewer = viewers[name] = Viewer(floor.clients[-1], clock)
        wide = Condition(delay=condition.delay)
        lines.append(Network(wide, condition, random.Random(at)))
        await lines[-1].lead_to(mux.port)
    floor.rooms.append(room)
    tasks = [asyncio.create_task(floor.ticks())]
    large = {name: float("inf") for name in names}
    try:
        began = clock()
        await asyncio.gather(*(v.open(line.port) for v, line in zip(viewers.values(), lines, strict=True)))
        tasks += [asyncio.create_task(viewer.talk()) for viewer in viewers.values()]
        half: dict[str, tuple[int, int]] = {}
        while (now := clock()) - began < seconds:
            for name, viewer in viewers.items():
                if large[name] == float("inf") and len(viewer.large) == size - 1:
                    large[name] = max(viewer.large.values()) - began
                if now - began > seconds / 2 and name not in half:
                    half[name] = viewer.parts_large, viewer.parts_small
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(LOOK)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await floor.close()
        for viewer, line in zip(viewers.values(), lines, strict=True):
            viewer.close()
            await line.close()
    stays = []
    for name, viewer in viewers.items():
        big, small = viewer.parts_large - half[name][0], viewer.parts_small - half[name][1]
        stays.append(big / max(1, big + small))
    downs = [line.down.count for line in lines]
    return Beginning(
        list(large.values()), stays,
        [viewer.ear.longest_mute for viewer in viewers.values()],
        [viewer.ear.share for viewer in viewers.values()],
        sum(count.dropped for count in downs) / max(1, sum(count.packets for count in downs)),
        sum(viewer.padding for viewer in viewers.values()) / max(1, sum(count.octets for count in downs)),
    )  # fmt: skip


def layered(ssrc: int) -> MediaSection:
    """A camera of two layers, as its client describes it."""
    section = MediaSection("video", 9, "", "", "1")
    section.payload_type, section.rtx_type = VP8, sdp.VP8_RTX
    section.ssrcs = {ssrc, ssrc + APART}
    section.rids = ("h", "l")
    section.extensions[sdp.RID_URI] = RID_ID
    return section
