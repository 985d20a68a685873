"""What an officer owes before anything opens: nothing else does, and two screens later everything."""

from __future__ import annotations

import re

import pytest

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World
from web.http import cookies
from web.http.security import access_map

NEW = {"new": "湖边七点半我们一起散步", "again": "湖边七点半我们一起散步"}


@pytest.fixture
async def lin(world: World, aiohttp_client: AiohttpClient) -> Browser:
    """A supervisor who signed in with a password somebody else chose, and has no second step."""
    person = await browser(aiohttp_client, world.app())
    person.sign_in(world.identity.token("lin"))
    person.cookies[cookies.LANGUAGE] = "en"
    world.identity.owed["lin"] = ["password", "second_step"]
    return person


async def test_not_one_officers_page_opens_before_it_is_done(world: World, lin: Browser) -> None:
    app = lin.client.server.app  # type: ignore[attr-defined]
    for (method, path), access in access_map(app).items():
        if access.who != "officer" or method == "HEAD":
            continue
        filled = re.sub(r"\{(\w+)\}", lambda part: "vtt" if part[1] == "form" else "m1", path)
        if method == "GET":
            answer = await lin.get(filled)
        else:
            await lin.get("/sign-in/finish")
            answer = await lin.post(filled)
        if path.startswith("/api/"):
            assert answer.status == 403, path
        else:
            assert (answer.status, answer.location.partition("?")[0]) == (303, "/sign-in/finish"), path


async def test_a_password_and_a_scan_later_the_officer_is_where_they_wanted(world: World, lin: Browser) -> None:
    asked = await lin.follow(await lin.get("/audit"))
    assert "a password that only you know" in asked.text
    assert (await lin.post("/sign-in/finish/password", NEW | {"again": "x"})).status == 422
    first = lin.cookies[cookies.OFFICER]
    page = await lin.follow(await lin.post("/sign-in/finish/password", NEW | {"next": "/audit"}))
    page = await lin.follow(page)
    assert "Scan this" in page.text
    assert "data:image/svg+xml" in page.text
    assert lin.cookies[cookies.OFFICER] != first
    assert (await lin.post("/sign-in/finish/second-step", {"code": "000000"})).status == 422
    shown = await lin.post("/sign-in/finish/second-step", {"code": "407 215", "next": "/audit"})
    assert "abcde-fghjk" in shown.text
    assert 'href="/audit"' in shown.text
    assert (await lin.get("/audit")).status == 200
    assert (await lin.get("/sign-in/finish")).location == "/"


async def test_it_leads_nowhere_else_and_one_may_leave_instead(lin: Browser) -> None:
    page = await lin.get("/sign-in/finish?next=//evil.example/")
    assert "evil" not in page.text.split('name="next"')[1][:60]
    assert (await lin.post("/sign-out")).location == "/sign-in"
    assert (await lin.get("/sign-in/finish")).location == "/sign-in"
