"""A mediator's own notes: theirs alone, and no page overwrites another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.client import AiohttpClient, Answer, Browser, browser
from tests.web.fakes import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def page(aiohttp_client: AiohttpClient, world: World) -> Browser:
    opened = await browser(aiohttp_client, world.app())
    opened.sign_in(world.identity.token("zhou"))
    return opened


def body(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.text)
    return found


def address(world: World) -> str:
    return f"/api/sessions/{world.session}/private-note"


async def test_what_was_written_is_there_again(page: Browser, world: World) -> None:
    assert body(await page.get(address(world))) == {"edition": 0, "text": "", "changed": None}
    await page.get("/desk")
    saved = body(await page.post(address(world), {"seen": "0", "text": "对方急着走；\r\n底线大概两千。"}))
    assert saved["edition"] == 1
    assert body(await page.get(address(world)))["text"] == "对方急着走；\n底线大概两千。"


async def test_of_two_pages_the_second_is_told(page: Browser, world: World) -> None:
    await page.get("/desk")
    body(await page.post(address(world), {"seen": "0", "text": "第一页"}))
    answer = await page.post(address(world), {"seen": "0", "text": "第二页"})
    assert answer.status == 409
    assert json.loads(answer.text)["error"]["code"] == "note_changed"
    assert body(await page.get(address(world)))["text"] == "第一页"


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 20, "١"])
async def test_an_edition_that_is_none_is_refused(page: Browser, world: World, seen: str) -> None:
    await page.get("/desk")
    assert (await page.post(address(world), {"seen": seen, "text": "一"})).status == 422


@pytest.mark.parametrize(("login", "status"), [("other", 404), ("lin", 403), ("admin", 403)])
async def test_nobody_else_has_a_way_to_them(page: Browser, world: World, login: str, status: int) -> None:
    await page.get("/desk")
    body(await page.post(address(world), {"seen": "0", "text": "只给自己看"}))
    page.sign_in(world.identity.token(login))
    answer = await page.get(address(world))
    assert answer.status == status
    assert "只给自己看" not in answer.text
