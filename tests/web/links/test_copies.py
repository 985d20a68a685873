"""A personal link leads to one's copy: looking uses nothing up, only a code to the phone on file opens it."""

from __future__ import annotations

import pytest

from tests.web.client import AiohttpClient, Browser, browser, told
from tests.web.fakes import World
from tests.web.fakes.records.signing import COPY_CODE, PDF, ROW, SECRET, TICKET

LINK = f"/c/{SECRET}"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def anybody(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await browser(aiohttp_client, world.app())


async def test_looking_and_previews_use_nothing_up_and_say_nothing_of_the_case(world: World, anybody: Browser) -> None:
    for method in ("GET", "HEAD", "GET", "GET"):
        page = await anybody.get(f"{LINK}?lang=en", method=method)
        assert page.status == 200
    assert world.signing.done == []
    assert "138****2046" in page.text
    for word in (ROW.number, "丁小禾", "2360"):
        assert word not in told(page.text)
    assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_the_code_opens_it_and_the_file_is_for_saving(world: World, anybody: Browser) -> None:
    await anybody.get(f"{LINK}?lang=en")
    page = await anybody.post(f"{LINK}/code?lang=en")
    assert world.signing.done == ["copy code"]
    assert 'name="code"' in page.text
    opened = await anybody.post(f"{LINK}?lang=en", {"code": COPY_CODE})
    assert ROW.number in opened.text
    assert f"/c-file/{TICKET}" in opened.text
    response = await anybody.client.get(f"/c-file/{TICKET}")
    assert await response.read() == PDF
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E6%B6%88")
    assert "no-store" in response.headers["Cache-Control"]


async def test_a_wrong_code_is_said_in_place_and_opens_nothing(anybody: Browser) -> None:
    await anybody.get(LINK)
    page = await anybody.post(f"{LINK}?lang=en", {"code": "000000"})
    assert page.status == 400
    assert TICKET not in page.text
    assert 'aria-invalid="true"' in page.text


@pytest.mark.parametrize("path", ["/c/somebody-elses", "/c-file/old"])
async def test_what_is_over_or_none_of_ours_says_so(anybody: Browser, path: str) -> None:
    assert (await anybody.get(path)).status == 410
