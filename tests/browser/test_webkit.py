"""Safari's engine (WebKitGTK, which Debian builds without WebRTC): pages, the way in, signing, and a room by typing.

Camera and microphone are tried as far as a page takes them: the connection itself is what no WebKit here can make.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer

from server.app.demo import MEDIATOR, SUPERVISOR
from server.app.rehearsal import Visitor
from server.app.rehearsal.person import Person, seat_of
from tests import ROOT
from tests.browser import axe, webkit
from tests.browser.building import eventually
from tests.browser.desk import Desk, Sitting
from tests.server.app.application import demo_program
from tests.web.fakes import World
from tests.web.fakes.records.signing import COPY_CODE, LINK

pytestmark = [pytest.mark.webkit, pytest.mark.asyncio(loop_scope="module")]

PICTURES = ROOT / "artifacts" / "webkit"
PUBLIC = ("/", "/public", "/file", "/follow", "/try", "/log", "/help/consumer", "/verify-document", "/sign-in")
OFFICER = ("/desk", "/queue", "/complaints", "/calendar", "/law", "/casebook/find", "/account", "/help/mediator")
OVERSEER = ("/focus", "/statistics", "/supervision", "/audit", "/leads")


@dataclass
class Place:
    desk: Desk
    url: str
    """Of the proxy that notes what goes wrong."""
    phone: webkit.WebKit

    async def sign_in(self, login: str) -> None:
        async with Visitor(self.url) as officer:
            page = await officer.get("/sign-in")
            await officer.submit(page, page.form("sign-in"), login=login, password=self.desk.venue.password)
            await self.phone.goto(f"{self.url}/log")
            await self.phone.take_cookies(f"{officer.cookies}; yt_lang=zh")

    async def nobody(self, *cookies: str) -> None:
        await self.phone.goto(f"{self.url}/log")
        await self.phone.take_cookies("; ".join(("yt_lang=zh", *cookies)))

    async def look(self, name: str) -> list[str]:
        """What is wrong with the page that is there, on a phone and at a desk."""
        wrong = []
        for width in (1280, 390):
            await self.phone.become(width)
            wrong += [f"{name} at {width}: {one}" for one in await self.phone.evaluate(f"({axe.WIDER})()")]
            (PICTURES / f"{name}-{width}.png").write_bytes(await self.phone.picture())
        return wrong + [f"{name}: {one}" for one in await self.phone.went_wrong()]

    async def opened(self, *paths: str) -> list[str]:
        wrong = []
        for path in paths:
            await self.phone.goto(f"{self.url}{path}")
            await self.phone.says("h1")
            assert await self.phone.evaluate("Array.isArray(window.troubles)"), "nothing would be noted"
            wrong += await self.look(path.strip("/").replace("/", "-") or "first")
        return wrong


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        venue = await stack.enter_async_context(demo_program(tmp_path_factory.mktemp("office")))
        desk = await stack.enter_async_context(Desk(venue))
        url = await stack.enter_async_context(webkit.watched(venue.url))
        yield Place(desk, url, await stack.enter_async_context(webkit.launched()))


async def test_what_everybody_may_read_fits_and_nothing_goes_wrong(place: Place) -> None:
    await place.nobody()
    assert await place.opened(*PUBLIC) == []


async def test_an_officers_desk_and_queue_fit_and_a_press_is_taken_and_undone(place: Place) -> None:
    sitting = await place.desk.arrange()
    await place.sign_in(MEDIATOR)
    own = (f"/complaints/{sitting.complaint}", f"/sessions/{sitting.id}")
    assert await place.opened(*OFFICER, *own) == []
    await place.sign_in(SUPERVISOR)
    assert await place.opened(*OVERSEER) == []


async def test_without_webrtc_one_is_told_in_a_sentence_and_takes_part_by_typing(place: Place) -> None:
    sitting, phone = await place.desk.arrange(), place.phone
    await place.desk.add(sitting, "companion", "小韩", "consumer")
    await place.nobody()
    await phone.goto(place.url + urlsplit(sitting.links["companion"]).path)
    await phone.says("main .lede", "这个浏览器太旧，不能视频")
    wrong = await place.look("no-webrtc")
    await phone.click("main a.btn.wide")  # stay here
    await phone.says("form[action$='/start'] button", "开始")
    wrong += await place.look("invitation") + await _answered(place)
    await phone.says("h1", "这个浏览器不能视频，也不能通话")
    await phone.click("main a.btn.wide")
    wrong += await place.look("device-no-webrtc")
    await phone.click("button[name=mode][value=text]")
    await phone.says(".hush h1", "您已经到了")
    wrong += await place.look("waiting")
    await _begun(place, sitting)
    await phone.until("document.querySelector('.room .controls')")
    wrong += await place.look("room")
    await phone.click(".controls .tool[aria-label*='文字'], .controls .tool:nth-child(4)")
    await phone.fill("dialog[open] [name=text]", "我只能打字")
    await phone.click("dialog[open] .composer button, dialog[open] form button")
    await phone.until("document.querySelector('dialog[open]').innerText.includes('我只能打字')")
    wrong += await place.look("room-chat")
    assert wrong == []


async def test_the_cockpit_says_what_this_browser_cannot_and_works_without_it(place: Place) -> None:
    sitting, phone = await place.desk.arrange("橙果"), place.phone
    await place.sign_in(MEDIATOR)
    await phone.become(1280)
    await phone.goto(f"{place.url}/sessions/{sitting.id}/room")
    await phone.click(".cp-mid .btn-act.btn-big")
    await phone.until("document.querySelector('.phases li.now')")
    await phone.click(".cp-mid .tool")
    await phone.says("body", "传不了声音和画面")
    wrong = await place.look("cockpit")
    for tab in ("law", "agreement", "chat"):
        await phone.become(1280)
        await phone.click(f"#tab-{tab}")
        wrong += await place.look(f"cockpit-{tab}")
    assert wrong == []


async def test_camera_and_microphone_are_asked_for_and_shown_before_one_goes_in(place: Place) -> None:
    sitting, phone = await place.desk.arrange(), place.phone
    await place.desk.add(sitting, "companion", "小林", "consumer")
    async with Visitor(place.url) as guest:
        await place.desk.guide(guest, sitting.links["companion"], "/join/device")
        await place.nobody(guest.cookies, "lent=1")
    await phone.goto(f"{place.url}/join/device")
    await phone.says("#before h1", "接下来，浏览器会问您一句")
    wrong = await place.look("device-before")
    await phone.click("#before-go")
    await phone.until("document.getElementById('preview').videoWidth > 0")
    await phone.until("document.getElementById('preview').currentTime > 0")
    await phone.until("Number(document.getElementById('mic-meter').value) > 0")
    await phone.click("#speaker-test")
    assert wrong + await place.look("device") == []


async def _answered(place: Place) -> list[str]:
    """Everything with yes, from the invitation to the device check; what is wrong on the way."""
    phone, wrong = place.phone, []
    await phone.click("form[action$='/start'] button")
    await phone.until("location.pathname === '/join/code'")
    wrong += await place.look("join-code")
    await phone.click("button[form=send]")
    await phone.until("document.getElementById('code')")
    await phone.fill("#code", await place.desk.code())
    await phone.click("button[form=answer]")
    for step, answer in (
        ("age", "age][value=adult"),
        ("notice", "answer][value=yes"),
        ("recording", "answer][value=yes"),
    ):
        await phone.until(f"location.pathname === '/join/{step}'")
        wrong += await place.look(f"join-{step}")
        await phone.click(f"label:has(input[name={answer}])")
        await phone.click("main button.btn-act")
    return wrong


async def _begun(place: Place, sitting: Sitting) -> None:
    """The mediator has begun and let in who waits, over the room's wire."""
    mediator = Person("mediator", place.desk.visitor)
    await mediator.connect(sitting.id)
    await mediator.ask("arrive")
    await mediator.until(lambda view: seat_of(view, "companion")["status"] == "waiting", "somebody at the door")
    await mediator.ask("admit", {"seat": sitting.seats["companion"]})
    await mediator.hang_up()


async def test_a_name_is_written_on_the_pad_and_goes_with_the_signature(place: Place) -> None:
    world, phone = World(), place.phone
    async with TestServer(world.app()) as server, webkit.watched(str(server.make_url("")).rstrip("/")) as url:
        await phone.become(390)
        await phone.goto(f"{url}/g/{LINK}?lang=zh")
        await phone.click(".btn-act")
        await phone.fill("#code", COPY_CODE)
        await phone.click(".btn-act")
        await phone.click("#write")
        await phone.click("label:has([name=read])")
        await phone.click("label:has([name=electronic])")
        await phone.draw("#pad", [(-120, -30), (-60, 30), (0, -30), (60, 30), (120, -30)])
        await phone.click("#handwriting")
        (PICTURES / "sign.png").write_bytes(await phone.picture())
        await phone.click("[form=sign]")

        async def signed() -> bool:
            return bool(world.by_link.drawn)

        await eventually(signed, "the signature")
        [drawn] = world.by_link.drawn
        assert drawn is not None
        [stroke] = drawn.strokes
        assert len(stroke) >= 4
        assert await phone.evaluate(f"({axe.WIDER})()") == []
        assert await phone.went_wrong() == []
