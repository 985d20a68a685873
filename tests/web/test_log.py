"""What anybody may see of the log: its newest signed state, its key, and whether something is wrong with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World
from tests.web.fakes.records.log import KEY, NOTE, ROOT
from web.application import FAULTS


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def anybody(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await browser(aiohttp_client, world.app())


async def test_anybody_sees_what_was_signed_when_and_by_which_key(anybody: Browser) -> None:
    page = await anybody.get("/log?lang=en")
    assert page.status == 200
    for words in ("1,234", ROOT, KEY.replace("+", "&#43;"), "09:00", "tsa.example", "1200 entries", "witness.example"):
        assert words in page.text or words.replace("&#43;", "+") in page.text, words
    assert "not signed at present" not in page.text


async def test_the_page_speaks_chinese(anybody: Browser) -> None:
    page = await anybody.get("/log?lang=zh")
    assert "<h1>全部记录的日志</h1>" in page.text
    assert "2026年6月24日09:00" in page.text


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_what_keeps_the_log_from_being_signed_is_said(world: World, anybody: Browser, fault: str) -> None:
    world.log.shown = replace(world.log.shown, fault=fault)
    page = await anybody.get("/log?lang=en")
    assert FAULTS[fault] in page.text
    assert 'data-tone="warn"' in page.text


async def test_programs_get_the_note_and_the_key_as_they_are(anybody: Browser) -> None:
    growth = f"yuntiao-growth/1\nold 1200\n\n{NOTE}"
    for path, text in (("/log/checkpoint", NOTE), ("/log/key", f"{KEY}\n"), ("/log/growth/1200", growth)):
        answer = await anybody.get(path)
        assert answer.text == text
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_before_the_first_signature_the_page_says_so(world: World, anybody: Browser) -> None:
    world.log.nothing_yet()
    assert "Nothing has been signed yet." in (await anybody.get("/log?lang=en")).text
    for path in ("/log/checkpoint", "/log/key", "/log/growth/1"):
        assert (await anybody.get(path)).status == 404


@pytest.mark.parametrize("entries", ["0", "1235", "-1", "1e3", "9" * 16, "x"])
async def test_growth_from_a_state_that_never_was_is_not_found(anybody: Browser, entries: str) -> None:
    assert (await anybody.get(f"/log/growth/{entries}")).status == 404
