"""Two layers of one camera in real Chromium: who is on a narrow line gets the small one, the other the large one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.async_api import Page

from media.engine import RouteMatrix
from tests.media.browsers.test_chromium_media import ROOM, advances, hall, until
from tests.media.stage import full
from tests.tools.bench.media.network import Condition, Network

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.media]

WIDE = Condition(delay=0.02)
FOR_THE_SMALL_ONE = Condition(delay=0.02, rate=400_000)


async def test_who_is_limited_gets_the_small_layer_while_the_other_has_the_large_one(tmp_path: Path) -> None:
    async with hall(tmp_path, 3) as (one, (ann, bob, cho)):
        network = one.relays["cho"] = Network(WIDE, FOR_THE_SMALL_ONE, random.Random(3))
        await ann.evaluate("join('ann', {simulcast: true, lively: true})")
        await bob.evaluate("join('bob')")
        await cho.evaluate("join('cho')")
        # Only ann is looked at: one picture and two voices for each of the others.
        looking = {name: frozenset({"ann"}) for name in ("bob", "cho")}
        await one.engine.route(ROOM, RouteMatrix(full(one.sockets).hears, looking, frozenset()))

        async def width(page: Page) -> int:
            return int((await page.evaluate("received()")).get("ann-camera", {}).get("width") or 0)

        async def both() -> bool:
            return await width(bob) == 640 and await width(cho) == 320

        await until(both, "bob to see the large picture, cho the small one", 60)
        await advances(bob, {"ann-camera", "ann-mic"})
        await advances(cho, {"ann-camera", "ann-mic", "bob-mic"})
        await until(both, "it to stay so", 60)

        network.become(WIDE, WIDE)

        async def large() -> bool:
            return await width(cho) == 640

        await until(large, "cho to see the large picture", 120)
        await advances(cho, {"ann-camera", "ann-mic"})
        for page in (ann, bob, cho):
            assert [entry for entry in await page.evaluate("log") if "error" in entry[0]] == []
        await network.close()
