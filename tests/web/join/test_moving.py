"""Out of an app into the phone's own browser, and from one phone to another: what is asked, shown and refused."""

from __future__ import annotations

import html
import re

import pytest
from pytest_aiohttp import AiohttpClient

from rooms import events as e
from tests.web.client import Browser, another
from tests.web.fakes.people import CODE, EAST_LAKE
from tests.web.fakes.world import World
from tests.web.join.test_flow import until_device
from tests.web.join.test_invitation import WECHAT


async def copied(person: Browser) -> tuple[str, str]:
    """The path and the token of the address that the page offers to be copied."""
    page = await person.post("/join/switch")
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'data-copy="([^"]+)"', page.text)
    assert found
    address, _, token = html.unescape(found[1]).partition("#")
    return address.removeprefix("http://yuntiao.example"), token


def moved(world: World) -> list[str]:
    return [event.way for event in world.sessions.events(world.session) if isinstance(event, e.SeatMoved)]


@pytest.fixture
def world() -> World:
    return World()


async def test_the_phone_s_own_browser_goes_on_after_one_tap_where_the_app_had_come_to(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    inside = await until_device(world, aiohttp_client)
    path, token = await copied(inside)
    outside = await another(inside)
    asked = await outside.get(path)
    assert "<h1>Go on here?</h1>" in asked.text
    assert moved(world) == []  # looking moves nothing
    went = await outside.post(f"{path}/here", {"token": token})
    assert (went.status, went.location) == (303, "/join/device")
    assert (await outside.get("/join/device")).status == 200
    assert moved(world) == ["token"]
    assert token not in str(outside.cookies)
    assert (await outside.post(f"{path}/here", {"token": token})).location == "/join/device"  # a second tap
    assert (await outside.get(path)).location == "/join"


async def test_whoever_is_in_the_room_reads_nothing_of_a_browser_too_old_and_finds_back(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    inside = await until_device(world, aiohttp_client)
    asked = await inside.get("/join/switch?from=room")
    assert "Until then nothing changes" in asked.text
    shown = await inside.post("/join/switch", {"from": "room"})
    for page in (asked, shown):
        assert "too old" not in page.text
        assert "cannot do video" not in page.text
        assert 'href="/room">Stay here' in page.text


async def test_a_token_that_is_over_says_so_and_leads_on_by_a_code(world: World, aiohttp_client: AiohttpClient) -> None:
    inside = await until_device(world, aiohttp_client)
    path, token = await copied(inside)
    outside, stranger = await another(inside), await another(inside)
    await outside.get(path)
    await outside.post(f"{path}/here", {"token": token})
    await stranger.get(path)
    for brought in (token, "a" * 24, ""):
        late = await stranger.post(f"{path}/here", {"token": brought})
        assert late.status == 410
        assert "The copied link was used already, or its 10 minutes are over" in late.text
        assert f'action="{path}/move"' in late.text
        assert EAST_LAKE.phone in late.text
    assert moved(world) == ["token"]


async def test_a_second_phone_is_asked_and_moves_the_seat_by_a_code(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    first = await until_device(world, aiohttp_client)
    secret = next(iter(world.links.links))
    second = await another(first)
    asked = await second.get(f"/j/{secret}")
    assert "This link is in use in another browser or on another phone" in asked.text
    assert EAST_LAKE.phone in asked.text
    assert (await second.post(f"/j/{secret}/move")).location == "/join/code"
    assert (await first.get("/join/device")).status == 200  # nothing has moved yet
    await second.follow(await second.post("/join/code/send"))
    assert (await second.post("/join/code", {"code": CODE})).location == "/join/device"
    assert (await first.get("/join/device")).status in (401, 410)


async def test_an_app_that_can_do_calls_may_go_on_in_place_and_is_told_how_to_leave(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    inside = await another(await until_device(world, aiohttp_client), **{"User-Agent": WECHAT})
    page = await inside.get(f"/j/{world.links.link(world.session, 's-business')}")
    assert ">Start</button>" in page.text
    assert "If camera or microphone do not work inside WeChat:" in page.text
    assert 'href="' + page.text.split("elsewhere=1")[0].rpartition('href="')[2] + "elsewhere=1" in page.text
    assert "data-in-app" in page.text


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_address_with_a_token_stands_on_the_page_that_was_asked_for_it_alone(
    world: World, aiohttp_client: AiohttpClient, language: str
) -> None:
    inside = await until_device(world, aiohttp_client)
    path, token = await copied(inside)
    for look in (f"{path}?lang={language}", "/join/switch", "/join/device"):
        assert token not in (await inside.get(look)).text
    picture = await (await another(inside)).get(f"{path}/qr.svg")
    assert picture.status == 200  # for another phone: the link as it is
