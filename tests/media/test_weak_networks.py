"""Real WebRTC over a narrow line: sound goes on, pictures rest, it is said, and they come back."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator

import pytest
from aiortc.codecs.opus import OpusEncoder

from media.engine import PicturesPaused, Quality
from server.app.rehearsal.peer import Pattern, Peer
from tests.media.stage import InProcess, Stage, stage
from tests.tools.bench.media.network import Condition, Network

pytestmark = [pytest.mark.long, pytest.mark.media]

WIDE = Condition(delay=0.02)
NARROW = Condition(delay=0.02, rate=140_000)
LIVELY = Pattern(grain=16)  # a picture that costs what a real one does
DEEP = Condition(delay=0.02, rate=120_000, queue=3.0)  # as phones' networks are: late instead of lost


@pytest.fixture
async def one(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    thrifty_with_sound(monkeypatch)
    async with stage(InProcess()) as opened:
        yield opened


def thrifty_with_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiortc spends 96 kbit/s on sound, browsers a third of it."""
    begin = OpusEncoder.__init__

    def init(self: OpusEncoder) -> None:
        begin(self)
        self.codec.bit_rate = 32_000

    monkeypatch.setattr(OpusEncoder, "__init__", init)


def line() -> Network:
    return Network(WIDE, WIDE, random.Random(5))


async def hears_on(peer: Peer, whom: str, seconds: float) -> float:
    """The share of sound that arrives within its time."""
    mic = peer.of(whom, "mic")
    began, before = time.monotonic(), mic.seconds
    await peer.until(lambda: time.monotonic() - began >= seconds)
    return (mic.seconds - before) / (time.monotonic() - began)


async def hears_well(peer: Peer, whom: str) -> None:
    """What was on its way, and what is repeated of it, may take a moment; then sound comes in its time."""
    shares: list[float] = []
    while len(shares) < 8 and (not shares or shares[-1] < 0.85):
        shares.append(await hears_on(peer, whom, 2.0))
    assert shares[-1] >= 0.85, shares


async def test_who_receives_over_a_narrow_line_hears_on_and_sees_again_later(one: Stage) -> None:
    network = line()
    await one.join("ann", pattern=LIVELY)
    bob = await one.join("bob", network=network)
    await one.everybody_hears_everybody()
    camera = bob.of("ann", "camera")
    await bob.until(lambda: camera.frames >= 10)
    network.become(WIDE, NARROW)
    await one.until(lambda e: e == PicturesPaused("r", "bob", "to", True), 15)
    await one.until(lambda e: e == Quality("r", "bob", 1))
    await hears_well(bob, "ann")
    frames = camera.frames
    assert await hears_on(bob, "ann", 3.0) > 0.9
    assert camera.frames == frames
    network.become(WIDE, WIDE)
    await one.until(lambda e: e == PicturesPaused("r", "bob", "to", False), 60)
    await bob.until(lambda: camera.frames > frames + 5, 40)


@pytest.mark.parametrize("narrow", [NARROW, DEEP], ids=["that loses", "that keeps everything"])
async def test_who_sends_over_a_narrow_line_is_heard_on_and_told_to_send_no_picture(
    one: Stage, narrow: Condition
) -> None:
    network = line()
    ann = await one.join("ann", pattern=LIVELY, network=network)
    bob = await one.join("bob")
    await one.everybody_hears_everybody()
    camera = bob.of("ann", "camera")
    await bob.until(lambda: camera.frames >= 10)
    network.become(narrow, WIDE)
    await one.until(lambda e: e == PicturesPaused("r", "ann", "from", True), 15)
    assert ann.sending is not None
    (sender,) = [s for s in ann.sending.getSenders() if s.kind == "video"]
    track = sender.track
    sender.replaceTrack(None)  # as the page does
    await hears_well(bob, "ann")
    network.become(WIDE, WIDE)
    await one.until(lambda e: e == PicturesPaused("r", "ann", "from", False), 60)
    frames = camera.frames
    sender.replaceTrack(track)
    await bob.until(lambda: camera.frames > frames + 5, 40)
