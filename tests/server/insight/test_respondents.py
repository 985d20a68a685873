"""Profiles of businesses on a real database: scope, masks, what is shared, and rows that are made anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from complaints.insight.views import RespondentPage
from complaints.leads import NewLead
from complaints.record import PartyTyped
from complaints.state import stream
from complaints.statistics.facts import respondent
from complaints.statistics.figures import Period
from complaints.views import NewComplaint
from journal import SYSTEM
from journal.refusals import Refused
from offices import Officer
from server.db.projections import rebuild
from server.db.schema import respondent_conduct, respondent_marks, respondent_names
from server.insight import respondent_store
from server.insight.business_store import complete_respondents
from server.insight.respondent_store import SqlRespondents
from tests.server.app.office import SECOND, World, filing
from tests.server.leads.test_lead_desk import colleague, desk

YEAR = Period(date(2025, 7, 1), date(2026, 6, 30))
TODAY = date(2026, 6, 24)
CODE = "91420100MA4KYH3X34"


async def filed(
    world: World, name: str, phone: str = "", address: str = "", officer: Officer | None = None, **more: str
) -> str:
    new = filing(world.clock.now())
    shop = PartyTyped("", phone, "", address=address, organisation=name, **more)
    return await world.desk.register(officer or world.zhou, replace(new, business=shop, division="420111"))


async def key(world: World, complaint: str) -> str:
    return respondent((await world.complaints.state(complaint)).record)


async def seen(world: World, complaint: str, officer: Officer | None = None) -> RespondentPage:
    of = SqlRespondents(world.database)
    return await of.profile(officer or world.zhou, await key(world, complaint), YEAR, TODAY)


async def test_the_same_phone_or_address_relates_two_shops_and_says_which(world: World) -> None:
    one = await filed(world, "悦动健身", "13900000812", "珞喻路1号A座")
    two = await filed(world, "飞扬瑜伽", "139 0000 0812", "洪山区 珞喻路1号A座")
    await filed(world, "青禾书店", "13900000999", "珞喻路2号")
    (related,) = (await seen(world, one)).related
    assert (related.respondent, related.name, related.reasons) == (
        await key(world, two),
        "飞扬瑜伽",
        ("phone", "address"),
    )


async def test_another_office_s_shops_are_related_to_nobody_and_have_no_page(world: World) -> None:
    one = await filed(world, "悦动健身", "13900000812")
    theirs = await filed(world, "飞扬瑜伽", "13900000812", officer=world.other)
    assert (await seen(world, one)).related == []
    with pytest.raises(Refused, match="not_found"):
        await seen(world, theirs)
    supervisor = await colleague(world, "luping", "supervisor")
    await world.store.oversee(supervisor.id, [SECOND.id])
    assert [shop.name for shop in (await seen(world, one, supervisor)).related] == ["飞扬瑜伽"]


async def test_a_correction_moves_what_is_shared_and_a_rebuild_changes_nothing(world: World) -> None:
    one, two = await filed(world, "悦动健身", "13900000812"), await filed(world, "飞扬瑜伽", "13900000812")
    await world.desk.amend(world.zhou, two, typed(world, "飞扬瑜伽"), 0, "号码登记错了")
    assert (await seen(world, one)).related == []

    async def rows() -> list[tuple[object, ...]]:
        async with world.database.read() as connection:
            return sorted(map(tuple, await connection.execute(select(respondent_marks))))

    before = await rows()
    await rebuild(world.database)
    assert await rows() == before
    async with world.database.write() as connection:
        await connection.execute(delete(respondent_marks))
        await connection.execute(delete(respondent_conduct))
    assert await complete_respondents(world.database) == 2
    assert await rows() == before


def typed(world: World, name: str) -> NewComplaint:
    return replace(
        filing(world.clock.now()), business=PartyTyped("", "13900000555", "", organisation=name), division="420111"
    )


async def test_who_verifies_sees_titles_without_people_and_who_mediates_no_leads(world: World) -> None:
    complaint = await filed(world, "悦动健身")
    inspector, of = await colleague(world, "cha", "inspector"), SqlRespondents(world.database)
    page = await seen(world, complaint)
    new = NewLead("profile", "悦动健身被反复投诉", "三件", page.name, "k", {"respondent": page.key}, [complaint])
    lead = await desk(world).open(world.zhou, new)
    assert (await seen(world, complaint)).leads == []
    assert [row.id for row in (await seen(world, complaint, inspector)).leads] == [lead]
    found = await of.records(inspector, page.key, YEAR, TODAY, "all", 1)
    assert (found.total, [row.id for row in found.rows]) == (1, [complaint])
    assert (await of.records(inspector, page.key, YEAR, TODAY, "nonsense", 1)).total == 0


async def test_a_credit_code_ties_names_together_and_a_namesake_without_one_is_related(world: World) -> None:
    one = await filed(world, "武汉悦动健身有限公司", credit_code=CODE)
    two = await filed(world, "悦动健身（光谷店）", credit_code=CODE)
    three = await filed(world, "悦动健身")
    assert await key(world, one) == await key(world, two) != await key(world, three)
    page = await seen(world, one)
    assert sorted(name for name, _ in page.names) == ["悦动健身（光谷店）", "武汉悦动健身有限公司"]
    assert page.credit_code == CODE  # public
    for complaint, other in ((one, three), (three, one)):
        (related,) = (await seen(world, complaint)).related
        assert (related.respondent, related.reasons) == (await key(world, other), ("name",))


async def test_a_market_hall_ties_nobody_to_anybody(world: World) -> None:
    one = await filed(world, "甲铺", address="汉正街1号")
    for n in range(16):
        await filed(world, f"{'乙丙丁戊己庚辛壬癸子丑寅卯辰巳午'[n]}铺", address="汉正街1号")
    page = await seen(world, one)
    assert (page.related, page.crowded) == ([], ["address"])


async def test_the_period_narrows_every_number_and_the_list_finds_by_name(world: World) -> None:
    one = await filed(world, "悦动健身")
    world.move(days=200)
    await filed(world, "悦动健身")
    of, later = SqlRespondents(world.database), Period(date(2026, 12, 1), date(2027, 1, 31))
    page = await of.profile(world.zhou, await key(world, one), later, TODAY + timedelta(days=200))
    assert page.profile.count("all") == 1
    (row,) = await of.listed(world.zhou, Period(date(2026, 1, 1), date(2027, 1, 31)), "健身")
    assert (row.name, row.complaints) == ("悦动健身", 2)
    assert await of.listed(world.zhou, YEAR, "书店") == []
    assert await of.listed(world.other, YEAR) == []


async def found(world: World, text: str) -> list[tuple[str, int]]:
    rows = await SqlRespondents(world.database).listed(world.zhou, YEAR, text)
    return [(row.name, row.complaints) for row in rows]


@pytest.mark.parametrize(("few", "most"), [(100, 100), (0, 100), (0, 0)])
async def test_a_business_is_found_by_a_part_of_any_name_it_has_and_all_its_complaints_count(
    world: World, few: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(respondent_store, "FEW_CALLED", few)  # in their complaints, or in the sums
    monkeypatch.setattr(respondent_store, "MOST_CALLED", most)  # by their keys, or by their names once more
    await filed(world, "悦动健身（光谷店）", credit_code=CODE)
    world.move(hours=1)
    await filed(world, "武汉悦动有限公司", credit_code=CODE)
    await filed(world, "飞扬瑜伽")
    assert await found(world, "光谷") == await found(world, "悦动") == [("武汉悦动有限公司", 2)]
    assert await found(world, "光_") == []  # no pattern
    assert await found(world, "瑜") == [("飞扬瑜伽", 1)]


@pytest.mark.parametrize(("few", "most"), [(100, 100), (0, 100), (0, 0)])
async def test_a_name_that_only_another_office_has_finds_nothing_here(
    world: World, few: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(respondent_store, "FEW_CALLED", few)
    monkeypatch.setattr(respondent_store, "MOST_CALLED", most)
    await filed(world, "悦动健身", credit_code=CODE)
    await filed(world, "武汉悦动有限公司（停业）", credit_code=CODE, officer=world.other)
    await filed(world, "飞扬瑜伽", officer=world.other)
    assert await found(world, "停业") == await found(world, "瑜伽") == []
    assert await found(world, "悦动") == [("悦动健身", 1)]
    there = await SqlRespondents(world.database).listed(world.other, YEAR, "停业")
    assert [row.complaints for row in there] == [1]
    supervisor = await colleague(world, "luping", "supervisor")
    await world.store.oversee(supervisor.id, [SECOND.id])
    (row,) = await SqlRespondents(world.database).listed(supervisor, YEAR, "停业")
    assert row.complaints == 2


async def test_the_name_of_whose_complaint_was_erased_finds_nobody_unless_another_says_it(world: World) -> None:
    """A shop may be called as whoever keeps it."""
    one, two = await filed(world, "刘桂香小吃店"), await filed(world, "刘桂香小吃店")
    for complaint, left in ((one, ["刘桂香小吃店"]), (two, [])):
        await world.journal.erase(stream(complaint), [1], SYSTEM, world.clock.now(), "期限届满")
        for _ in range(2):
            async with world.database.read() as connection:
                assert [row.name for row in await connection.execute(select(respondent_names))] == left
            await rebuild(world.database)


async def test_a_name_that_was_corrected_finds_nobody_unless_somebody_is_called_so(world: World) -> None:
    async def rows() -> list[tuple[object, ...]]:
        async with world.database.read() as connection:
            return sorted(map(tuple, await connection.execute(select(respondent_names))))

    one = await filed(world, "飞扬瑜伽", credit_code=CODE)
    two = await filed(world, "飞扬瑜伽", credit_code=CODE)
    for complaint, left in ((one, [("青禾瑜伽", 2)]), (two, [])):
        shop = PartyTyped("", "13900000555", "", organisation="青禾瑜伽", credit_code=CODE)
        world.move(hours=1)
        new = replace(typed(world, "青禾瑜伽"), business=shop)
        await world.desk.amend(world.zhou, complaint, new, 0, "名称登记错了")
        assert [many for _, many in await found(world, "飞扬")] == [many for _, many in left]
    assert [many for _, many in await found(world, "青禾")] == [2]
    before = await rows()
    assert [name for _, name in before] == ["青禾瑜伽"]
    await rebuild(world.database)
    assert await rows() == before
