"""A call tried beforehand: open to anybody, says what will happen, and cannot be asked for without end."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.web.client import AiohttpClient, browser
from tests.web.fakes import World
from web import TRIAL
from web.join import MOST_TRIALS

REACH = {"addresses": ["127.0.0.1"], "port": 9, "ufrag": "u", "password": "p", "relay": None}


async def test_anybody_may_try_without_a_link_with_a_relay_that_counts_their_address(
    aiohttp_client: AiohttpClient,
) -> None:
    asked: list[tuple[str, str]] = []

    def reach(session: str, seat: str) -> dict[str, Any]:
        asked.append((session, seat))
        return REACH

    app = World().app()
    app[TRIAL] = reach
    person = await browser(aiohttp_client, app)
    page = await person.get("/test-call")
    assert page.status == 200
    assert "Nobody sees or hears you." in page.text
    found = re.search(r'id="page-data">(.*?)</script>', page.text, re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["trial"] == REACH
    assert asked == [("", "127.0.0.1")]


async def test_the_invitation_and_the_first_page_lead_there(aiohttp_client: AiohttpClient) -> None:
    world = World()
    person = await browser(aiohttp_client, world.app())
    for path in (f"/j/{world.link()}", "/sign-in"):
        assert 'href="/test-call"' in (await person.get(path)).text


async def test_one_address_cannot_ask_without_end(aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, World().app())
    answers = [(await person.get("/test-call")).status for _ in range(MOST_TRIALS + 1)]
    assert answers == [*[200] * MOST_TRIALS, 429]
