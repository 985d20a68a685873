"""So many requests a minute: said in every answer, and one too many is told when to come again."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from journal.refusals import Refused
from tests.web.client import AiohttpClient, browser
from tests.web.fakes import ADMIN, World
from web.api.document import RATES, WINDOW, Rates
from web.http.security import PROXIES, Proxies


def test_a_minute_has_so_many_requests_for_each_system_and_the_next_one_begins_anew() -> None:
    clock = [0.0]
    rates = Rates(2, lambda: clock[0])
    assert rates.take("a") == {"RateLimit-Limit": "2", "RateLimit-Remaining": "1", "RateLimit-Reset": "60"}
    clock[0] = 59.5
    assert rates.take("a")["RateLimit-Remaining"] == "0"
    with pytest.raises(Refused) as no:
        rates.take("a")
    assert (no.value.status, no.value.params) == (429, {"seconds": 1})
    assert rates.take("b")["RateLimit-Remaining"] == "1"
    clock[0] = WINDOW
    assert rates.take("a")["RateLimit-Remaining"] == "1"


async def test_answers_say_what_is_left_and_one_too_many_when_to_come_again(aiohttp_client: AiohttpClient) -> None:
    world = World()
    app = world.app()
    app._state[RATES] = Rates(1)
    person = await browser(aiohttp_client, app)
    token = await world.systems.issue(ADMIN, "平台", ("complaints:read",))
    headers = {"Authorization": f"Bearer {token}"}
    first = await person.client.get("/api/v1/complaints", headers=headers)
    assert (first.status, first.headers["RateLimit-Remaining"]) == (200, "0")
    second = await person.client.get("/api/v1/complaints", headers=headers)
    assert second.status == 429
    assert 1 <= int(second.headers["Retry-After"]) <= 60
    assert (await second.json())["error"]["code"] == "too_many_requests"


async def test_a_stranger_who_asks_in_a_platforms_name_uses_up_only_what_is_their_own(
    aiohttp_client: AiohttpClient,
) -> None:
    app = World().app()
    app._state[RATES] = Rates(1)
    app._state[PROXIES] = Proxies((ip_network("127.0.0.1"),))
    client = (await browser(aiohttp_client, app)).client
    asked = [
        (await client.post("/api/exchange/v1/hotline", data=b"{}", headers={"X-Forwarded-For": address})).status
        for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2")
    ]
    assert [status == 429 for status in asked] == [False, True, False]
