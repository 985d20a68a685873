"""Thousands of connections that say nothing, at the real program: the office goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest

from server.app.rehearsal import RehearsalReport, Visitor
from server.app.rehearsal.person import Person
from server.app.rehearsal.story import Story
from tests.server.app.program import Program, serving
from tests.server.serving.crowd import addresses, open_files, silent, slow

PAGES = 40
LONGEST = 1.0  # seconds a page takes meanwhile


async def seated(program: Program) -> tuple[Story, Person]:
    """The mediator in a room of the demo's."""
    story = Story(program.url, program.facts["demo"]["password"], RehearsalReport(), ("127.0.0.1",))
    desk = Visitor(program.url)
    await story.sign_in(desk, "zhoumin")
    await story.schedule(desk)
    await desk.get(f"/sessions/{story.session}/room")
    mediator = Person("mediator", desk)
    await mediator.connect(story.session)
    await mediator.ask("arrive")
    return story, mediator


async def page(url: str) -> float:
    """How long a new visitor waits for a page."""
    began = time.perf_counter()
    async with aiohttp.ClientSession() as http, http.get(f"{url}/sign-in", timeout=aiohttp.ClientTimeout(10)) as answer:
        assert answer.status == 200
        await answer.read()
    return time.perf_counter() - began


@pytest.mark.long
@pytest.mark.parametrize("sources", [addresses(40), ["127.0.0.1"]], ids=["from 40 addresses", "from the office's own"])
async def test_5000_silent_and_500_slow_connections_delay_no_page_and_disturb_no_room(
    tmp_path: Path, sources: Sequence[str]
) -> None:
    with open_files(1024):  # what most systems give
        running = serving(tmp_path, "--demo")
        program = await running.__aenter__()
    try:
        with open_files(0):
            story, mediator = await seated(program)
            async with silent(program.url, 5000, sources), slow(program.url, 500, sources):
                waited = []
                for n in range(PAGES):
                    waited.append(await page(program.url))
                    await mediator.ask("set_door", {"locked": n % 2 == 0})
                    await asyncio.sleep(0.25)  # spread over the time in which they are cut and come again
            assert sorted(waited)[int(PAGES * 0.95)] < LONGEST, waited
            assert not mediator.gone
            await mediator.hang_up()
            await mediator.visitor.__aexit__()
            await story.end()
            assert await program.end() == 0
            log = (await program.log).decode()
            assert "Traceback" not in log
            assert log.count("connections cut") <= 3, "a line a minute, however many they are"
            assert len(log.splitlines()) < 60, log
    finally:
        await running.__aexit__(None, None, None)
