"""Somebody's line loses packets: the mediator reads whose line it is, and helps with one press."""

from __future__ import annotations

import json
import random
import re
from functools import partial

import pytest
from playwright.async_api import WebSocketRoute, expect

from media.engine import Measurement
from tests.browser import axe
from tests.browser.building import PATTERNS, Room, eventually, moving
from tests.browser.networks.test_weak_network import BY_WAY_OF_A_LINE, WIDE
from tests.browser.people import DESKTOP
from tests.conftest import ARTIFACTS
from tests.tools.bench.media.network import Condition, Network

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

LOSSY = Condition(delay=0.02, loss=0.12)


@pytest.mark.long
async def test_the_mediator_reads_that_it_is_their_line_and_writes_to_them_with_one_press(room: Room) -> None:
    network = Network(WIDE, WIDE, random.Random(5))

    async def way_to(port: int) -> int:
        await network.lead_to(port)
        return network.port

    async with room.guest("representative", "Chen Li", "business", BY_WAY_OF_A_LINE) as guest:
        await guest.page.expose_function("wayTo", way_to)
        await room.admit(guest.page)
        line, tile = room.line("representative"), room.cockpit.locator(".tile", has_text="Chen Li")
        await eventually(
            partial(moving, guest, room.seat("consumer"), "camera", PATTERNS["consumer"].colour), "they see"
        )
        await expect(line.get_by_role("button", name=re.compile("Chen Li's network"))).to_be_visible(timeout=20_000)
        before = await room.cockpit.locator(".toolbar").bounding_box()

        network.become(LOSSY, WIDE)  # only what they send
        await expect(line).to_contain_text("Much of what Chen Li sends is lost on Chen Li's own line.", timeout=60_000)
        await expect(tile).to_contain_text("their line, sending")
        assert await tile.locator(".tile-why").evaluate("why => why.scrollWidth <= why.clientWidth"), "read to its end"
        await expect(room.cockpit.locator("[aria-live=polite]").first).to_contain_text("turn the camera off")
        await expect(room.line("consumer")).not_to_contain_text("line")
        assert await room.cockpit.locator(".toolbar").bounding_box() == before  # nothing moved

        await line.get_by_role("button", name=re.compile("Chen Li's network")).click()
        asked = room.cockpit.locator("dialog[open]")
        await expect(asked).to_contain_text("Write to Chen Li: Your network is weak")  # what one press sends
        await asked.get_by_role("button", name="Close").click()
        await line.get_by_role("button", name=re.compile("^Write to Chen Li: Your network is weak")).click()
        await expect(guest.page.locator(".toast")).to_contain_text("Please turn your camera off for now")

        network.become(WIDE, WIDE)
        await expect(line).not_to_contain_text("lost on Chen Li's own line", timeout=60_000)
        await expect(tile).not_to_contain_text("their line")
    await network.close()

    desk = await room.cockpit.context.new_page()
    for address in (f"/connections/{room.sitting.id}", "/connections"):
        await desk.goto(f"{room.desk.venue.url}{address}")
        await expect(desk.locator("h1")).to_contain_text("Call quality")
        for width in (1280, 390):
            await desk.set_viewport_size({"width": width, "height": 844})
            assert await axe.sideways(desk) == []
        assert await axe.violations(desk) == []
    await desk.close()


async def test_the_cockpit_says_what_is_wrong_with_its_own_line_and_what_several_lines_share(room: Room) -> None:
    page, figures = room.cockpit, Measurement().body()
    sockets: list[WebSocketRoute] = []

    async def between(socket: WebSocketRoute) -> None:
        """Everything passes but what the server found out by itself: lines here are good."""
        server = socket.connect_to_server()
        socket.on_message(server.send)
        server.on_message(lambda said: None if '"measured"' in str(said) else socket.send(said))
        sockets.append(socket)

    def tell(finding: str, scope: str = "", *roles: str) -> None:
        outage = {"scope": scope, "seats": [room.seat(role) for role in roles]}
        told = {"seat": room.seat("mediator"), **figures, "finding": finding, "outage": outage}
        sockets[-1].send(f"42/room,{json.dumps(['measured', told])}")

    await page.route_web_socket(re.compile("socket.io"), between)
    for language, said in (
        ("en", ("Your own line is weak: others", "Everybody's connection is bad at once", "share one line")),
        ("zh", ("您的网络较差，别人听不清", "各方网络同时变差", "使用同一网络，都连接不畅")),
    ):
        await page.context.add_cookies([{"name": "yt_lang", "value": language, "url": room.desk.venue.url}])
        await page.reload()
        await page.locator(".tiles video").first.wait_for()
        banner = page.locator(".cp-mid > .banner")
        for told, sentence in zip(
            (("loss_up",), ("", "all", *PATTERNS), ("loss_up", "network", "consumer", "business")), said, strict=True
        ):
            tell(*told)
            await expect(banner.filter(has_text=sentence)).to_be_visible()
            assert await axe.violations(page) == []
            for width, height in ((1280, 800), (390, 844)):
                await page.set_viewport_size({"width": width, "height": height})
                assert await axe.sideways(page) == []
                await page.screenshot(path=ARTIFACTS / "screens" / f"cockpit-line-{told[-1]}-{width}-{language}.png")
            await page.set_viewport_size(DESKTOP["viewport"])
        tell("")
        await expect(banner.filter(has_text=said[2])).to_have_count(0)
    await page.context.add_cookies([{"name": "yt_lang", "value": "en", "url": room.desk.venue.url}])
    await page.reload()
