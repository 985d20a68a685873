"""The bureau's page of its offices on the real application: added and renamed there, and nothing typed is lost."""

from __future__ import annotations

import pytest

from journal.numbers import SAMPLE_MARK
from offices import Office
from server.app.demo import ADMINISTRATOR, OFFICE
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.web.client import Browser

NEW = {
    "id": "third",
    "name": "三所",
    "short": "三所",
    "phone": "027-00001203",
    "number_prefix": f"{SAMPLE_MARK}东高三投",
}


@pytest.fixture
async def admin(place: Place) -> Browser:
    await place.parts.store.set_intake(OFFICE.id, True)  # its administrator is the bureau's
    return await place.sign_in(ADMINISTRATOR)


async def test_an_office_is_added_and_renamed_on_its_page(place: Place, admin: Browser) -> None:
    page = await admin.get("/offices")
    assert page.status == 200
    assert 'name="number_prefix"' in page.text
    assert (await admin.post("/offices", NEW)).status == 303
    page = await admin.get("/offices?change=third")
    assert 'value="三所"' in page.text
    assert 'name="number_prefix"' not in page.text  # it stands on papers
    renamed = {"name": "第三市场监管所", "short": "三所", "phone": NEW["phone"], "intake": "yes"}
    assert (await admin.post("/offices/third", renamed)).status == 303
    office = await place.parts.store.office("third")
    assert office is not None
    assert (office.name, office.intake) == ("第三市场监管所", True)
    told = (await admin.get("/offices")).text
    assert "第三市场监管所 was changed: 三所 → 第三市场监管所; it receives for the bureau and dispatches" in told
    assert "True" not in told


async def test_the_issuing_authority_is_given_on_the_page_and_told_among_the_changes(
    place: Place, admin: Browser
) -> None:
    await admin.get("/offices")
    told = {"authority": "东湖高新区市场监督管理局", "address": "武汉市高新大道1号", "signature": "【东湖市监】"}
    told["mediation_seal"] = "消费调解专用章"
    assert (await admin.post("/offices", {**NEW, **told})).status == 303
    office = await place.parts.store.office("third")
    assert office is not None
    assert (office.issuer, office.address, office.signs_as) == (told["authority"], told["address"], "东湖市监")
    page = await admin.get("/offices?change=third")
    assert 'value="武汉市高新大道1号"' in page.text
    given = {name: NEW[name] for name in ("name", "short", "phone")}
    assert (await admin.post("/offices/third", {**given, **told, "address": ""})).status == 303
    assert "三所 was changed: 武汉市高新大道1号 → —" in (await admin.get("/offices")).text
    answer = await admin.post("/offices/third", {**given, **told, "address": "长" * 121})
    assert answer.status == 422
    assert "长" * 121 in answer.text


async def test_an_office_lets_its_seal_stand_alone_and_takes_that_back(place: Place, admin: Browser) -> None:
    await admin.get("/offices")
    assert (await admin.post("/offices", NEW)).status == 303
    given = {name: NEW[name] for name in ("name", "short", "phone")}
    for ticked, told in (({"seal_only": "yes"}, "sealed without the mediator"), ({}, "sign what is sealed")):
        assert (await admin.post("/offices/third", {**given, **ticked})).status == 303
        office = await place.parts.store.office("third")
        assert office is not None
        assert office.seal_only is bool(ticked)
        assert told in (await admin.get("/offices")).text


async def test_the_only_offices_administrator_gives_its_authority_but_no_rights(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    page = await admin.get(f"/offices?change={OFFICE.id}")
    assert 'name="authority"' in page.text
    assert 'name="intake"' not in page.text
    given = {"name": OFFICE.name, "short": OFFICE.short, "phone": OFFICE.phone, "authority": "武汉市某局"}
    assert (await admin.post(f"/offices/{OFFICE.id}", given)).status == 303
    office = await place.parts.store.office(OFFICE.id)
    assert office is not None
    assert (office.authority, office.intake) == ("武汉市某局", False)
    assert (await admin.post(f"/offices/{OFFICE.id}", given | {"intake": "yes"})).status == 403


async def test_what_is_missing_is_said_and_what_was_typed_stays(admin: Browser) -> None:
    await admin.get("/offices")
    answer = await admin.post("/offices", {**NEW, "name": ""})
    assert answer.status == 422
    assert 'value="027-00001203"' in answer.text
    answer = await admin.post("/offices", {**NEW, "id": OFFICE.id})
    assert answer.status == 422
    assert f'value="{SAMPLE_MARK}东高三投"' in answer.text
    assert (await admin.get("/offices?change=nowhere")).status == 200


async def test_who_may_not_change_an_office_is_told_who_may(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    assert "each office is changed by its own administrator" in (await admin.get("/offices")).text
    await place.parts.store.add_office(
        Office(NEW["id"], NEW["name"], NEW["short"], NEW["phone"], NEW["number_prefix"], intake=True)
    )
    told = (await admin.get("/offices")).text
    assert "renamed by the administrator of a unit that dispatches" in told
    assert "by its own administrator" not in told
