"""Superiors, levels and a roster on the real application's pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from journal.numbers import SAMPLE_MARK
from offices import Office
from server.app.demo import ADMINISTRATOR, MEDIATOR, OFFICE, SUPERVISOR
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.web.client import Browser, another

HEADER = "单位代码,单位名称,简称,层级,上级机关,电话,投诉编号前缀,管理员登录名"
ROSTER = f"""{HEADER}
wuhan,武汉市市场监督管理局,武汉市局,市,,027-1,{SAMPLE_MARK}武投,
jiangan,江岸区市场监督管理局,江岸局,区,wuhan,027-2,{SAMPLE_MARK}岸投,jiangan.admin
"""


@pytest.fixture
async def admin(place: Place) -> Browser:
    await place.parts.store.set_intake(OFFICE.id, True)  # its administrator is the bureau's
    return await place.sign_in(ADMINISTRATOR)


async def test_where_offices_stand_side_by_side_nothing_of_it_is_shown(place: Place) -> None:
    page = (await (await place.sign_in(ADMINISTRATOR)).get("/offices")).text
    for gone in ('class="tree', "/roster", 'name="superior"', 'name="called"'):
        assert gone not in page


async def test_a_roster_is_looked_at_then_taken_and_the_tree_is_drawn(place: Place, admin: Browser) -> None:
    await admin.get("/roster")
    shown = await admin.upload("/roster", "offices.csv", ROSTER.encode("gb18030"))
    assert shown.status == 200
    assert shown.text.count("is added") == 2
    assert await place.parts.store.office("wuhan") is None
    content = unescape(re.findall(r'name="content" value="([^"]*)"', shown.text)[0])
    done = await admin.post("/roster", {"content": content, "sure": "yes"})
    assert done.status == 200
    password = re.findall(r'signs in first with <b class="num">([^<]+)</b>', done.text)[0]
    await place.nobody.get("/sign-in")
    signed_in = await place.nobody.post("/sign-in", {"login": "jiangan.admin", "password": password})
    assert signed_in.status == 303
    page = (await admin.get("/offices")).text
    assert page.index("武汉市市场监督管理局") < page.index("江岸区市场监督管理局")
    assert "one office below" in page
    given = (await admin.get("/roster/offices.csv")).text
    assert given.startswith("\ufeff单位代码,单位名称,简称,层级,上级机关,")
    assert "jiangan,江岸区市场监督管理局,江岸局,区县,wuhan" in given
    again = await admin.upload("/roster", "offices.csv", given.encode())
    assert again.text.count("is not changed") == 3


async def test_what_is_wrong_with_a_file_is_said_in_sentences_and_nothing_is_done(place: Place, admin: Browser) -> None:
    await admin.get("/roster")
    assert "Choose a file first." in (await admin.post("/roster", {})).text
    for content, said in (
        (b"\xff\xfe", "neither UTF-8 nor GB18030"),
        ("简称\n一所".encode(), "lacks the column “单位代码”"),
        (b"x" * (257 << 10), "larger than 256 KB"),
        (f"{HEADER}\nnew,新局,新局,区,荆州局,1,{SAMPLE_MARK}新投,".encode(), "has this superior’s name"),
        (f"{HEADER}\nnew,新局,新局,区,,1,{OFFICE.number_prefix},".encode(), "taken already, or not possible"),
    ):
        answer = await admin.upload("/roster", "offices.csv", content)
        assert answer.status == 422
        assert said in answer.text
    assert len(await place.parts.store.offices()) == 1


async def test_an_office_is_put_below_another_once_a_second_person_agrees(place: Place, admin: Browser) -> None:
    bureau = Office(
        "bureau", "武汉市市场监督管理局", "武汉市局", "027-1", f"{SAMPLE_MARK}武投", level="city", called="本局"
    )
    await place.parts.store.add_office(bureau)
    await admin.get(f"/offices/{OFFICE.id}/place")
    asked = await admin.post(f"/offices/{OFFICE.id}/place", {"superior": "bureau", "level": "office", "reason": "归口"})
    assert asked.location.startswith("/approvals/")
    other = await place.sign_in(SUPERVISOR)
    assert "Would stand below 武汉市局" in (await other.get(asked.location)).text
    assert (await other.post(f"{asked.location}/yes")).status == 303
    made = await place.parts.store.office(OFFICE.id)
    assert made is not None
    assert (made.superior, made.called) == ("bureau", "本局")
    assert made.takes == "called"  # it had said its authority itself
    page = (await admin.get(f"/offices?change={OFFICE.id}")).text
    assert "Left empty here, and taken from above:" in page
    assert "superior — → 武汉市市场监督管理局" in page
    assert '<span class="said">归口</span>' in page
    wrong = await admin.post(f"/offices/{OFFICE.id}/place", {"superior": "bureau", "level": "city", "reason": "错"})
    assert wrong.status == 422
    assert "has to be of a higher level" in wrong.text
    unsaid = await admin.post(f"/offices/{OFFICE.id}/place", {"superior": "bureau", "level": "county"})
    assert unsaid.status == 422


async def test_nobody_puts_another_administrators_office_anywhere(place: Place, admin: Browser) -> None:
    await place.parts.store.change_offices([replace(OFFICE, intake=False)])
    elsewhere = Office("else", "外所", "外所", "027-1", f"{SAMPLE_MARK}外投", intake=True)
    await place.parts.store.add_office(elsewhere)
    assert (await admin.get(f"/offices/{elsewhere.id}/place")).status == 403
    assert (await admin.get("/offices/nowhere/place")).status == 404
    refused = await admin.upload("/roster", "offices.csv", ROSTER.encode())
    assert "do not look after this office" in refused.text
    assert "The line of its superior has a fault itself" in refused.text


async def test_each_citys_pages_call_the_office_what_it_calls_itself(place: Place) -> None:
    """Of one server: the link of an office, and afterwards that of another."""
    store, zhou = place.parts.store, await place.officer(MEDIATOR)
    session = await place.parts.desk.schedule(zhou, "demo-0918", datetime.now(UTC), [])
    link = await place.parts.links.issue(zhou, session, "consumer", send=False)
    guest = await another(place.nobody)

    async def invitation() -> str:
        return (await guest.get(f"/j/{link.url.rpartition('/j/')[2]}?lang=zh")).text

    assert "承办单位发来的邀请" in await invitation()
    await store.change_offices([replace(OFFICE, called="武汉市监部门")])
    assert "武汉市监部门发来的邀请" in await invitation()
    await store.change_offices([OFFICE])
    assert "承办单位发来的邀请" in await invitation()
