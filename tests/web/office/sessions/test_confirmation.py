"""The page of judicial confirmation: what is missing, until when, the papers, and the ruling put on the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from complaints import RulingNoted
from rooms import events as e
from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import World
from tests.web.fakes.records.signing import ROW
from tests.web.office.audit import story
from web.http import cookies

PAGE = "/sessions/m1/confirmation"
RULING = {"ruled_by": "武汉市江夏区人民法院", "number": "（2026）鄂0115民特12号", "day": "2026-07-01", "upheld": "yes"}


@pytest.fixture
async def zhou(world: World, aiohttp_client: AiohttpClient) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token("zhou"))
    visitor.cookies[cookies.LANGUAGE] = "en"
    world.sessions.append("m1", e.SessionOpened(), e.SessionClosed(story.OUTCOME))
    return visitor


async def test_the_session_leads_there_once_an_agreement_is_under_seal(world: World, zhou: Browser) -> None:
    assert PAGE not in (await zhou.get("/sessions/m1")).text
    world.signing.rows.append(replace(ROW, kind="agreement"))
    assert PAGE in (await zhou.get("/sessions/m1")).text


async def test_it_says_until_when_and_what_is_left_blank_or_missing(world: World, zhou: Browser) -> None:
    page = (await zhou.get(PAGE)).text
    for said in ("12 days left", "Identity numbers are left blank", "No evidence package is ready"):
        assert said in page
    world.confirmations.seen = replace(world.confirmations.seen, left=-3, missing=("over",))
    page = (await zhou.get(PAGE)).text
    for said in ("3 days late", "The thirty days are over"):
        assert said in page


async def test_the_papers_are_one_archive_for_the_court_that_is_named(world: World, zhou: Browser) -> None:
    await zhou.get(PAGE)
    papers = await zhou.post(PAGE, {"court": "武汉市江夏区人民法院"})
    assert papers.text == "PK papers"
    assert papers.headers["Content-Type"] == "application/zip"
    assert world.confirmations.done == [("archive", "m1", "武汉市江夏区人民法院")]
    assert (await zhou.post(PAGE, {"court": "院" * 121})).status == 422


async def test_a_ruling_needs_its_number_its_day_and_its_file(world: World, zhou: Browser) -> None:
    await zhou.get(PAGE)
    assert (await zhou.post(f"{PAGE}/ruling", {})).status == 422
    assert (await zhou.upload(f"{PAGE}/ruling", "r.exe", b"MZ", RULING)).status == 422
    assert (await zhou.upload(f"{PAGE}/ruling", "r.pdf", b"%PDF", RULING | {"day": "2027-01-01"})).status == 422
    assert world.confirmations.done == []
    assert (await zhou.upload(f"{PAGE}/ruling", "r.pdf", b"%PDF", RULING)).status == 303
    ((_, _, court, number, day, upheld, _, name),) = world.confirmations.done
    assert (court, number, day) == (RULING["ruled_by"], RULING["number"], RULING["day"])
    assert (upheld, name) == ("True", "r.pdf")


async def test_it_is_shown_and_taken_back_with_a_reason(world: World, zhou: Browser) -> None:
    noted = RulingNoted("m1", RULING["ruled_by"], RULING["number"], date(2026, 7, 1), False, "a1", "证据不足")
    world.confirmations.seen = replace(world.confirmations.seen, ruling=noted, ruling_name="裁定书.pdf")
    page = (await zhou.get(PAGE)).text
    for said in ("dismissed by the court", RULING["number"], "裁定书.pdf", "证据不足", "no longer runs"):
        assert said in page
    assert (await zhou.post(f"{PAGE}/ruling/undo", {"reason": ""})).status == 422
    await zhou.post(f"{PAGE}/ruling/undo", {"reason": "录错"})
    assert world.confirmations.done == [("undo", "m1", "录错")]


async def test_a_supervisor_reads_it_and_hands_nothing_out(world: World, zhou: Browser) -> None:
    await zhou.get(PAGE)
    supervisor = await another(zhou)
    supervisor.sign_in(world.identity.token("lin"))
    page = await supervisor.get(PAGE)
    assert page.status in (200, 403, 404)
    assert "Download the papers" not in page.text
    assert (await supervisor.post(PAGE, {"court": ""})).status == 403
