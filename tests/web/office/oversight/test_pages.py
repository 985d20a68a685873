"""Pages of what needs two, and of who did what: what they show, to whom, and what stays text."""

from __future__ import annotations

import io
import re

import pytest
from openpyxl import load_workbook

from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import World
from web.http import cookies


@pytest.fixture
async def lin(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await officer(await browser(aiohttp_client, world.app()), world, "lin")


async def officer(first: Browser, world: World, login: str) -> Browser:
    person = await another(first)
    person.sign_in(world.identity.token(login))
    person.cookies[cookies.LANGUAGE] = "en"
    return person


@pytest.fixture
def world() -> World:
    return World()


async def test_the_list_opens_with_what_is_worth_a_second_look(lin: Browser) -> None:
    page = await lin.get("/oversight")
    assert "One thing is worth a second look" in page.text
    assert "周敏: 4 looks outside of working hours on 24 June 2026" in page.text
    assert "<script>alert" not in page.text
    narrowed = await lin.get("/oversight?actor=u-zhou&act=unmasked&since=2026-06-01&until=2026-06-30")
    assert "worth a second look" not in narrowed.text


async def test_where_nothing_was_done_the_heading_says_so(world: World, lin: Browser) -> None:
    world.acts.rows = []
    page = await lin.get("/oversight?actor=u-zhou&since=2026-06-01&until=2026-06-30")
    assert "<h1>Nothing was done between 1 June 2026 and 30 June 2026</h1>" in page.text


async def test_nonsense_in_the_filters_is_no_filter(world: World, lin: Browser) -> None:
    assert (await lin.get("/oversight?since=yesterday&until=9999-99-99&act=drop+table&page=-1")).status == 200
    asked = world.acts.asked[-1]
    assert (asked.act, asked.page) == ("", 1)


async def test_a_workbook_holds_texts_and_no_formula(lin: Browser) -> None:
    answer = await lin.client.get("/oversight.xlsx", cookies=lin.cookies, headers=lin.headers)
    body = await answer.read()
    assert answer.status == 200
    [sheet] = load_workbook(io.BytesIO(body)).worksheets
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "Time"
    assert "=cmd|' /C calc'!A0" in rows[1]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


async def test_a_mediator_asks_for_more_numbers_and_sees_nobody_elses_requests(world: World, lin: Browser) -> None:
    zhou = await officer(lin, world, "zhou")
    await zhou.get("/approvals")
    assert (await zhou.post("/approvals", {"reason": " "})).status == 422
    asked = await zhou.post("/approvals", {"reason": "A recall: forty consumers are to be told"})
    assert "Take it back" in (await zhou.follow(asked)).text
    assert "Yes, do it" in (await lin.get(asked.location)).text
    assert (await lin.post(f"{asked.location}/no", {"reason": ""})).status == 422
    await lin.follow(await lin.post(f"{asked.location}/no", {"reason": "<b>Not</b> without a list"}))
    told = await zhou.get(asked.location)
    assert "&lt;b&gt;Not&lt;/b&gt; without a list" in told.text
    stranger = await officer(lin, world, "other")
    assert (await stranger.get(asked.location)).status == 404
    await lin.get("/kept/m1")
    others = await world.approvals.ask(world.identity.accounts["lin"].officer, "", world.approvals.asked["a1"][0])
    assert (await zhou.get(f"/approvals/{others}")).status == 404


async def test_the_pages_speak_chinese_throughout(world: World, lin: Browser) -> None:
    zhou = await officer(lin, world, "zhou")
    await zhou.get("/approvals")
    asked = await zhou.post("/approvals", {"reason": "召回"})
    admin = await officer(lin, world, "admin")
    for person, path in ((lin, "/oversight"), (lin, "/approvals"), (lin, asked.location), (admin, "/officers/u-zhou")):
        page = await person.get(f"{path}?lang=zh")
        main = page.text.partition('<main id="main">')[2].partition("</main>")[0]
        said = re.sub(r"<[^>]*>|alert\(1\)|script|&\w+;|&#\d+;|cmd|calc", " ", main)
        assert not re.search(r"[A-Za-z]{6,}", said), (path, said)
