"""A business with and without its credit code, counted as one by a person: in profile, list, dashboard and behind it;
taken back; walled; and made again from the journal."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from complaints.insight.views import RespondentPage
from complaints.statistics import find_statistic
from complaints.statistics.figures import Period
from complaints.statistics.views import StatisticsQuery
from journal.refusals import Refused
from offices import Officer
from server.db.projections import rebuild
from server.insight import respondent_store, store
from server.insight.respondent_store import RespondentService
from server.statistics.store import SqlDashboards, SqlStatistics
from tests.server.app.office import SECOND, World
from tests.server.insight.test_respondents import CODE, TODAY, YEAR, filed, key
from tests.server.leads.test_lead_desk import colleague

PHONE = "13900000812"
NAME = "悦动健身"
BY = StatisticsQuery(YEAR, TODAY, "", "respondent")
RECEIVED = find_statistic("received")


def desk_of(world: World) -> RespondentService:
    return RespondentService(world.database, world.journal, world.clock.now)


async def two(world: World) -> tuple[str, str]:
    """The keys of one with its code, twice complained of, and of the same by its name only, once."""
    coded = await filed(world, f"武汉{NAME}有限公司", PHONE, credit_code=CODE)
    await filed(world, f"武汉{NAME}有限公司", PHONE, credit_code=CODE)
    return await key(world, coded), await key(world, await filed(world, NAME, PHONE))


async def page(world: World, respondent: str, officer: Officer | None = None) -> RespondentPage:
    return await desk_of(world).profile(officer or world.zhou, respondent, YEAR, TODAY)


async def board(world: World) -> list[tuple[str, str]]:
    shown = await SqlDashboards(world.database, Path()).board(world.zhou, BY, RECEIVED, None, 30)
    return [(row.label, str(row.now.value)) for row in shown.rows]


async def behind(world: World, respondent: str) -> int:
    return (await SqlStatistics(world.database).records(world.zhou, BY, RECEIVED, "top", respondent, 1))[1]


async def test_the_name_and_the_phone_suggest_it_from_either_side_and_the_name_alone_does_not(world: World) -> None:
    coded, named = await two(world)
    assert [one.joins for one in (await page(world, coded)).related] == ["member"]
    assert [one.joins for one in (await page(world, named)).related] == ["head"]
    other = await filed(world, "青禾书店", "13900000999", credit_code="91420100MA4KYH3B2E")
    await filed(world, "青禾书店", "13900000777")
    assert [one.joins for one in (await page(world, await key(world, other))).related] == [""]


async def test_joined_they_are_one_everywhere_and_parted_two_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    coded, named = await two(world)
    desk, before = desk_of(world), await board(world)
    assert before == [(coded, "2"), (named, "1")]
    assert await desk.join(world.zhou, named, coded) == coded

    for asked in (coded, named):
        seen = await page(world, asked)
        assert (seen.key, seen.profile.count("all"), seen.alone, seen.related) == (coded, 3, 2, [])
        ((member),) = seen.joined
        assert (member.key, member.name, member.complaints, member.by) == (named, NAME, 1, "周敏")
        assert member.why == ("phone", "name")
    for text, few, most in (("", 100, 100), (NAME, 100, 100), (NAME, 0, 100), (NAME, 0, 0)):
        monkeypatch.setattr(respondent_store, "FEW_CALLED", few)
        monkeypatch.setattr(respondent_store, "MOST_CALLED", most)
        assert [(row.key, row.complaints) for row in await desk.listed(world.zhou, YEAR, text)] == [(coded, 3)]
    assert await board(world) == [(coded, "3")]
    assert await behind(world, coded) == 3
    async with world.database.read() as connection:
        table = await store.table(connection, [world.zhou.office.id], TODAY, date(2026, 1, 1))
    assert table.respondents == [coded]

    await desk.part(world.zhou, coded, named, "电话是商场总机")
    assert await board(world) == before
    assert [one.apart for one in (await page(world, coded)).related] == [True], "who parted them has said they are two"


async def test_complaints_that_come_after_the_join_count_with_it_and_a_rebuild_forgets_nothing(world: World) -> None:
    coded, named = await two(world)
    code = (await page(world, coded)).credit_code
    await desk_of(world).join(world.zhou, coded, named)
    world.clock.move(timedelta(days=1))
    await filed(world, NAME, PHONE)
    assert await board(world) == [(coded, "4")]
    assert code
    assert (await page(world, coded)).credit_code == code, "whichever complaint is the newest"
    await rebuild(world.database)
    assert await board(world) == [(coded, "4")]


async def test_two_said_to_be_two_stand_there_as_such_and_are_joined_by_who_knows_better(world: World) -> None:
    coded, named = await two(world)
    desk = desk_of(world)
    await desk.keep_apart(world.zhou, coded, named)
    assert [one.apart for one in (await page(world, named)).related] == [True]
    assert await board(world) == [(coded, "2"), (named, "1")]
    await desk.join(world.zhou, named, coded)
    assert await board(world) == [(coded, "3")]
    await desk.part(world.zhou, coded, named, "两家门店")
    await desk.join(world.zhou, coded, named)
    assert await board(world) == [(coded, "3")]


async def test_nobody_moves_complaints_they_do_not_see(world: World) -> None:
    coded, named = await two(world)
    await filed(world, NAME, PHONE, officer=world.other)
    assert [one.joins for one in (await page(world, coded)).related] == [""]
    with pytest.raises(Refused, match="wrong_state"):
        await desk_of(world).join(world.zhou, coded, named)
    supervisor = await colleague(world, "luping", "supervisor")
    await world.store.oversee(supervisor.id, [SECOND.id])
    assert await desk_of(world).join(supervisor, coded, named) == coded
    assert (await page(world, coded)).profile.count("all") == 3, "another office's complaint is not shown here"
    assert (await page(world, coded, supervisor)).profile.count("all") == 4


async def test_a_join_that_is_not_there_cannot_be_taken_back(world: World) -> None:
    coded, named = await two(world)
    with pytest.raises(Refused, match="not_found"):
        await desk_of(world).part(world.zhou, coded, named, "两家")


async def test_a_median_by_respondent_is_of_both(world: World) -> None:
    coded, named = await two(world)
    await desk_of(world).join(world.zhou, coded, named)
    figures = await SqlStatistics(world.database).figures(
        [find_statistic("median_days_to_handling"), RECEIVED],
        StatisticsQuery(Period(YEAR.first, TODAY), TODAY, "", "respondent"),
    )
    assert set(figures) == {coded}
