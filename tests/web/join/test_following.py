"""Who opens their link inside WeChat may have further messages there, and may take that back."""

from __future__ import annotations

import pytest

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import CODE, World
from web.http import cookies

INSIDE = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.49 Mobile"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def guest(world: World, aiohttp_client: AiohttpClient) -> Browser:
    """In front of the device check."""
    visitor = await browser(aiohttp_client, world.app())
    visitor.cookies[cookies.LANGUAGE] = "en"
    device = await world.links.begin(world.link("s-consumer"))
    await world.links.send_code(device, "")
    visitor.cookies[cookies.DEVICE] = await world.links.check_code(device, CODE, "")
    return visitor


async def test_it_is_offered_inside_wechat_only(world: World, guest: Browser) -> None:
    page = await guest.get("/join/wechat")
    assert "open.weixin.qq.com" not in page.text
    assert "Messages come as text messages" in page.text
    page = await guest.get("/join/wechat", **{"User-Agent": INSIDE})
    assert "open.weixin.qq.com/connect/oauth2/authorize?state=s-consumer" in page.text
    assert "neither name nor picture" in page.text


async def test_who_agrees_comes_back_known_and_may_take_it_back(world: World, guest: Browser) -> None:
    await guest.get("/join/wechat/back?code=c0de&state=s-consumer")
    assert world.following.seats == {"s-consumer"}
    assert "By text message only again" in (await guest.get("/join/wechat")).text
    page = await guest.follow(await guest.post("/join/wechat/stop"))
    assert world.following.seats == set()
    assert "Messages come as text messages" in page.text


async def test_an_address_made_for_somebody_else_binds_nobody(world: World, guest: Browser) -> None:
    assert (await guest.get("/join/wechat/back?code=c0de&state=s-business")).status == 403
    assert (await guest.get("/join/wechat/back")).status == 303  # they said no
    assert world.following.seats == set()


async def test_nobody_is_bound_before_the_code_to_their_phone(world: World, guest: Browser) -> None:
    guest.cookies[cookies.DEVICE] = await world.links.begin(world.link("s-business"))
    for path in ("/join/wechat", "/join/wechat/back?code=c0de&state=s-business"):
        assert (await guest.get(path)).status == 303
    assert world.following.seats == set()
