"""What a party's way from the link asks of the server: requests, and statements of SQL.

Statements are counted to the door, where the mediator is told of the knock, and from there until the mediator has the
party's picture and it is recorded: the room's own record of who was let in, heard and recorded. Requests are counted
all the way.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from aiohttp.typedefs import Handler
from playwright.async_api import Page, async_playwright
from pydantic import SecretStr
from sqlalchemy import event

from server.app.demo import MEDIATOR
from server.app.rehearsal import Visitor
from server.app.rehearsal.peer import Pattern
from server.app.rehearsal.person import Caller, Person
from server.app.rehearsal.story import SEARCH
from server.app.wiring import PARTS
from server.serving.settings import Settings
from tests.browser.people import FLAGS, until
from tests.machine import browser
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.media]

MOST_PAGES, MOST_FILES, MOST_TO_THE_DOOR, MOST_TO_MEDIA = 13, 13, 42, 20


@dataclass
class Cost:
    """What was asked while it was counted. `pages`: method and path; `files`: of `/static/`, without the tab's sign."""

    pages: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    sockets: int = 0
    to_the_door: list[str] = field(default_factory=list)
    to_media: list[str] = field(default_factory=list)

    @web.middleware
    async def requests(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("User-Agent", "").startswith("Mozilla"):  # the party's: others have no browser here
            if request.path == "/static/favicon.svg":
                pass  # asked for whenever the browser has time, and on a quick page not at all
            elif request.path.startswith("/static/"):
                self.files.append(request.path)
            elif request.path.startswith("/socket.io/"):
                self.sockets += 1
            else:
                self.pages.append(f"{request.method} {request.path}")
        return await handler(request)

    @contextmanager
    def statements(self, app: web.Application, noted: list[str]) -> Iterator[None]:
        """Transaction control is left out, and what goes by the clock: tasks that ran before, but for rooms'."""
        before = {task for task in asyncio.all_tasks() if not task.get_name().startswith("room ")}

        def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
            if not sql.startswith("BEGIN") and asyncio.current_task() not in before:
                noted.append(" ".join(sql.split())[:80])

        engine = app[PARTS].database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", note)


async def arranged(desk: Visitor) -> tuple[str, str]:
    """The id of a session that begins now, and the consumer's link."""
    page = await desk.get("/sign-in")
    await desk.submit(page, page.form("sign-in"), login=MEDIATOR, password=PASSWORD)
    page = await desk.get(f"/complaints?search={SEARCH}")
    complaint = next(found[1] for link in page.links if (found := re.search(r"/complaints/(?!new)([\w-]+)$", link)))
    page = await desk.get(f"/complaints/{complaint}/schedule")
    page = await desk.submit(page, page.form("schedule"), at="now", send="yes")
    link = next(value for value in page.values if "/j/" in value and value.startswith("http"))
    return urlsplit(page.url).path.rsplit("/", 1)[1], link


async def come_in(page: Page, link: str, desk: Visitor, mediator: Person, app: web.Application, cost: Cost) -> None:
    """As a person does who answers yes, up to the waiting room; reading the code is not counted."""
    with cost.statements(app, cost.to_the_door):
        await page.goto(link)
        await page.click("form[action$='/start'] button")
        await page.wait_for_url("**/join/code")
        await page.click("form[action$='/join/code/send'] button.btn-act, main button.btn-act")
        await page.wait_for_selector("[name=code]")
    words = (await desk.get("/outbox")).words
    with cost.statements(app, cost.to_the_door):
        await page.fill("[name=code]", re.findall(r"(?<!\d)\d{6}(?!\d)", words)[0])
        await page.click("button[form=answer]")
        for step in ("notice", "recording"):
            await page.wait_for_url(f"**/join/{step}")
            await page.click("label:has(input[name=answer][value=yes])")
            await page.click("main button.btn-act")
        await page.wait_for_url("**/join/device")
        await page.click("#before-go")
        await until(page, "() => document.querySelector('#preview')?.videoWidth > 0")
        await page.click("button[name=mode][value=video]")
        await page.wait_for_url("**/room")
        await page.wait_for_selector(".hush")
        await mediator.until(lambda view: any(one["status"] == "waiting" for one in view["seats"]), "the knock")


async def test_a_party_comes_to_the_door_and_to_media_in_few_requests_and_statements(
    tmp_path: Path,
) -> None:
    port, cost = unused_port(), Cost()
    url = f"http://127.0.0.1:{port}"
    settings = Settings(
        data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), public_url=url, media_port=0, workers=1
    )
    app = demo_app(settings, media=True)
    app.middlewares.append(cost.requests)
    server = TestServer(app, port=port)
    await server.start_server()
    async with Visitor(url) as desk, async_playwright() as playwright:
        session, link = await arranged(desk)
        mediator = Person("mediator", desk)
        await mediator.connect(session)
        await mediator.ask("arrive")
        chromium = await playwright.chromium.launch(executable_path=browser(), args=FLAGS)
        page = await chromium.new_page(viewport={"width": 390, "height": 844})
        await come_in(page, link, desk, mediator, app, cost)
        caller = Caller(mediator, Pattern(), ("127.0.0.1",))
        await caller.join()  # only now: who speaks would be counted before
        seat = next(one["id"] for one in mediator.view["seats"] if one["status"] == "waiting")
        with cost.statements(app, cost.to_media):
            await mediator.ask("admit", {"seat": seat})
            await caller.peer.until(lambda: caller.peer.of(seat, "camera").frames > 0, 60)
            await mediator.until(
                lambda view: any(one["id"] == seat and one["recording"] for one in view["seats"]), "the recording"
            )
        await caller.leave()
        await mediator.hang_up()
        await chromium.close()
    await server.close()
    assert len(cost.pages) <= MOST_PAGES, cost.pages
    assert len(cost.files) <= MOST_FILES
    assert [file for file, times in Counter(cost.files).items() if times > 1] == []
    assert cost.sockets == 1
    assert len(cost.to_the_door) <= MOST_TO_THE_DOOR, Counter(cost.to_the_door)
    assert len(cost.to_media) <= MOST_TO_MEDIA, Counter(cost.to_media)
