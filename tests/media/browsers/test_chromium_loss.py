"""Real Chromium pages on networks that lose packets: what is repeated, and what is seen and heard of it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from media.sfu.uptrack import UpTrack
from tests.media.browsers.test_chromium_media import Hall, advances, hall, until
from tests.media.stage import InProcess
from tests.tools.bench.media.network import Condition, Network

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.media]

LOSSY = Condition(delay=0.02, loss=0.05)


class Pair:
    """Ann and Bob, each on a line of their own, and the engine between them within reach."""

    def __init__(self, one: Hall, engine: InProcess, ann: Page, bob: Page) -> None:
        self.one, self.engine, self.ann, self.bob = one, engine, ann, bob
        self.lines = {name: Network(Condition(), Condition(), random.Random(5)) for name in ("ann", "bob")}
        one.relays.update(self.lines)

    async def meet(self, simulcast: bool = False) -> None:
        await self.ann.evaluate(f"join('ann', {{simulcast: {'true' if simulcast else 'false'}}})")
        await self.bob.evaluate("join('bob')")
        await advances(self.bob, {"ann-camera", "ann-mic"})

    def worsen(self, condition: Condition) -> None:
        for line in self.lines.values():
            line.become(condition, condition)

    def sent(self, source: str) -> list[UpTrack]:
        publisher = self.engine.room.participants["ann"].publisher
        assert publisher is not None
        return [stream for stream in publisher.tracks.values() if stream.source == source]

    async def received(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.bob.evaluate("received()")
        return found


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    engine = InProcess()
    async with hall(tmp_path, 2, engine) as (one, (ann, bob)):
        made = Pair(one, engine, ann, bob)
        yield made
        for page in (ann, bob):
            assert [entry for entry in await page.evaluate("log") if "error" in entry[0]] == []
        for line in made.lines.values():
            await line.close()


@pytest.mark.parametrize("simulcast", [False, True], ids=["one layer", "two layers"])
async def test_lost_pictures_are_repeated_both_ways_and_go_on(pair: Pair, simulcast: bool) -> None:
    await pair.meet(simulcast)
    pair.worsen(LOSSY)
    before = (await pair.received())["ann-camera"]

    async def enough() -> bool:
        now = (await pair.received())["ann-camera"]
        return bool(
            now["frames"] >= before["frames"] + 60
            and now["again"] > before["again"]
            and sum(stream.retransmitted for stream in pair.sent("camera")) >= 3
            and sum(stream.repaired for stream in pair.sent("camera")) >= 3
        )

    await until(enough, "repeated packets", 40)
    after = (await pair.received())["ann-camera"]
    assert sum(stream.nacks.given_up for stream in pair.sent("camera")) == 0
    assert after["frozen"] - before["frozen"] < 2.0, "over four seconds or more, on a machine with other work"


async def test_sound_sent_redundantly_is_whole_without_asking(pair: Pair) -> None:
    await pair.meet()
    (mic,) = pair.sent("mic")
    plain = (await pair.received())["ann-mic"]
    await pair.ann.evaluate("repeatSound()")
    pair.worsen(LOSSY)
    repaired, received = mic.repaired, mic.received

    async def enough() -> bool:
        return mic.received >= received + 250 and mic.repaired >= repaired + 5

    await until(enough, "redundant sound", 30)
    heard = (await pair.received())["ann-mic"]
    each = (heard["octets"] - plain["octets"]) / (heard["packets"] - plain["packets"])
    assert each > 1.5 * plain["octets"] / plain["packets"], "it went on to who takes it"
    assert heard["concealed"] - plain["concealed"] < 0.1 * (heard["samples"] - plain["samples"])
    assert heard["energy"] > plain["energy"]
