"""The pages of publicity: what an officer sees of each stage, what a business reads, and what everybody may."""

from __future__ import annotations

import pytest

from complaints.insight.publicity import (
    BusinessCorrected,
    BusinessWithdrawn,
    EntryFigures,
    ObjectionMade,
    PublicityPublished,
)
from journal import Actor
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes.figures.publicity import ENTRY, ID, NAMED, FakePublicity
from tests.web.fakes.people import LIN
from tests.web.fakes.world import World
from tests.web.office.insight.test_pages import signed_in

SHOP = Actor("party", ENTRY, "知遇桥", "business", LIN.office.id)
PAGE = f"/publicity/{ID}"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World) -> FakePublicity:
    return world.publicity


@pytest.fixture
async def lin(aiohttp_client: AiohttpClient, world: World) -> Browser:
    return await signed_in(aiohttp_client, world)


@pytest.fixture
async def someone(aiohttp_client: AiohttpClient, world: World) -> Browser:
    one = await browser(aiohttp_client, world.app())
    await one.get("/public?lang=en")
    return one


def publish(desk: FakePublicity) -> None:
    now = desk.told()
    desk.put(PublicityPublished(1, now.digest, "second", "陆督", "a1"))


async def test_an_officer_counts_a_period_and_sees_every_business_before_anybody_is_told(
    lin: Browser, desk: FakePublicity
) -> None:
    page = await lin.get("/publicity")
    value = page.text.partition('<option value="quarter:')[2].partition('"')[0]
    answer = await lin.post("/publicity", {"period": f"quarter:{value}"})
    assert answer.location == PAGE
    page = await lin.get(PAGE)
    for word in ("武汉知遇桥信息技术有限公司", "91420100MA0DEM013Y", "75.0", "Tell the 2 businesses"):
        assert word in page.text
    assert (await lin.post("/publicity", {"period": "quarter:1999-01-01"})).status == 422


async def test_an_entry_shows_whole_figures_and_an_objection_that_can_be_answered(
    lin: Browser, desk: FakePublicity
) -> None:
    desk.told()
    desk.put(ObjectionMade(ENTRY, "x1", "有一件已撤回", "陈立", "link"), by=SHOP)
    page = await lin.get(f"{PAGE}/entries/{ENTRY}")
    assert "有一件已撤回" in page.text
    assert "This upholds the objection" in page.text
    refused = await lin.post(f"{PAGE}/entries/{ENTRY}/answer", {"objection": "x1", "answer": ""})
    assert refused.status == 422
    await lin.post(f"{PAGE}/entries/{ENTRY}/answer", {"objection": "x1", "answer": "六件均有记录"})
    assert "六件均有记录" in (await lin.get(f"{PAGE}/entries/{ENTRY}")).text
    assert (await lin.post(f"{PAGE}/entries/{ENTRY}/nonsense", {})).status == 404


async def test_everybody_reads_what_is_published_by_list_name_business_and_file(
    someone: Browser, desk: FakePublicity
) -> None:
    desk.told()
    assert (await someone.get(f"/public/complaints/{ID}")).status == 404
    desk.now = None
    publish(desk)
    for path in ("/public/complaints", "/public/complaints?q=知遇桥", f"/public/complaints/{ID}"):
        page = await someone.get(path)
        assert page.status == 200
        assert "2026-Q2" in page.text
    assert "武汉知遇桥信息技术有限公司" in (await someone.get(f"/public/complaints/{ID}?q=知遇桥")).text
    assert "东湖健身有限公司" not in (await someone.get(f"/public/complaints/{ID}?q=知遇桥")).text
    one = await someone.get(f"/public/complaints/{ID}/businesses/{ENTRY}")
    assert "75.0%" in one.text
    assert '<span class="num">2</span>' not in one.text  # two complaints about prices are few
    table = await someone.get(f"/public/complaints/{ID}/list.csv")
    assert "武汉知遇桥信息技术有限公司,91420100MA0DEM013Y,12,9,75.0%,*" in table.text
    assert (await someone.get(f"/public/complaints/{ID}/list.pdf")).status == 200


async def test_what_was_withdrawn_and_what_a_correction_changed_is_said(someone: Browser, desk: FakePublicity) -> None:
    publish(desk)
    figures = EntryFigures(11, 9, {"contract": 11})
    desk.put(BusinessCorrected(ENTRY, NAMED.name, figures, ("c1",), {"c2": "review"}, "复核"))
    now = desk.now
    assert now is not None
    desk.put(PublicityPublished(2, now.digest, "second", "陆督", "a2"))
    page = await someone.get(f"/public/complaints/{ID}")
    assert "12 complaints, 9 of them settled, are now 11 and 9" in page.text
    desk.put(BusinessWithdrawn(ENTRY, "正在复核"))
    assert "正在复核" in (await someone.get(f"/public/complaints/{ID}")).text
    assert (await someone.get(f"/public/complaints/{ID}/businesses/{ENTRY}")).status == 410


async def test_a_business_reads_its_entry_after_its_code_only(someone: Browser, desk: FakePublicity) -> None:
    desk.told()
    desk.verified = False
    before = await someone.get("/o/" + "s" * 24)
    assert "75.0" not in before.text
    await someone.get("/objection")
    assert (await someone.get("/objection")).location == "/objection/code"
    desk.verified = True
    page = await someone.get("/objection")
    assert "9 · 75.0%" in page.text
    assert (await someone.post("/objection", {"text": "", "by": ""})).status == 422
    assert (await someone.post("/objection", {"text": "不是我们的", "by": "陈立"})).status == 303


async def test_a_link_opened_late_does_not_say_that_publishing_is_still_to_come(
    someone: Browser, desk: FakePublicity
) -> None:
    now = desk.told()
    secret = "s" * 24
    assert "about to be published" in (await someone.get(f"/o/{secret}")).text
    desk.put(PublicityPublished(1, now.digest, "second", "陆督", "a1"))
    page = (await someone.get(f"/o/{secret}")).text
    assert "were published" in page
    assert "about to be published" not in page
    assert "before anything is published" not in page
