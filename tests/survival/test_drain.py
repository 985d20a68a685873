"""A server that is told to stop lets the mediation under way end first, and begins nothing new."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.survival.sitting import sitting

pytestmark = pytest.mark.media


async def readiness(url: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/readyz") as answer:
        return answer.status


async def test_everybody_is_told_talk_goes_on_and_a_second_signal_ends_it(tmp_path: Path) -> None:
    async with sitting(tmp_path, "--drain", "3600", media=False) as here:
        assert here.venue.process is not None
        told = [asyncio.create_task(here.person(role).restart.wait()) for role in here.callers]
        os.kill(here.venue.process.pid, signal.SIGTERM)
        await asyncio.gather(*told)
        assert await readiness(here.venue.url) == 503
        await here.person("consumer").ask("say", {"text": "还能说话"})
        os.kill(here.venue.process.pid, signal.SIGTERM)
        assert await here.venue.process.wait() == 0


async def test_it_stops_by_itself_when_the_last_mediation_is_over(tmp_path: Path) -> None:
    async with sitting(tmp_path, "--drain", "3600", media=False) as here:
        assert here.venue.process is not None
        told = asyncio.create_task(here.person("mediator").restart.wait())
        os.kill(here.venue.process.pid, signal.SIGTERM)
        await told
        await here.settle()
        await here.person("mediator").ask("close", {"anyway": ""})
        assert await here.venue.process.wait() == 0
