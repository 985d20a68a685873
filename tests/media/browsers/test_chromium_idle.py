"""A real Chromium that sends and gets nothing is never taken for gone, and one whose network is cut is, in time."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from media.engine import Connection, RouteMatrix
from tests.media.browsers.test_chromium_media import ROOM, advances, hall, until
from tests.media.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.media]

IDLE = float(os.environ.get("YUNTIAO_IDLE", "12"))  # seconds; several of Chromium's own checks
SILENT_WITHIN = 3.0


async def test_an_idle_page_is_well_and_a_cut_one_is_noticed(tmp_path: Path) -> None:
    async with hall(tmp_path, 2) as (one, pages):
        one.relays["bob"] = Relay()
        for name, page in zip(("ann", "bob"), pages, strict=True):
            await page.evaluate(f"join({name!r})")
        await advances(pages[0], {"bob-camera", "bob-mic"})
        await advances(pages[1], {"ann-camera", "ann-mic"})
        await one.engine.route(ROOM, RouteMatrix({}, {}, frozenset()))
        for page in pages:
            await page.evaluate("Promise.all(out.getSenders().map((sender) => sender.replaceTrack(null)))")
        since = len(one.events)
        await asyncio.sleep(IDLE)  # what is shown is that in this time nothing happens
        assert [event for event in one.events[since:] if isinstance(event, Connection)] == []

        relay = one.relays["bob"]
        assert isinstance(relay, Relay)
        relay.blocked, began = True, time.monotonic()
        lost = Connection(ROOM, "bob", "disconnected")

        async def noticed() -> bool:
            return lost in one.events[since:]

        await until(noticed, "the cut to be noticed", 6)
        assert time.monotonic() - began <= SILENT_WITHIN + 0.2, "0.1 of it is how often we look"
        relay.blocked = False

        async def back() -> bool:
            return Connection(ROOM, "bob", "connected") in one.events[since:]

        await until(back, "it to be back")
        assert not [e for e in one.events[since:] if isinstance(e, Connection) and e.participant == "ann"]
        relay.close()
