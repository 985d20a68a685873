"""What a big screen is told, and by whom it may be opened, on a real database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from complaints.statistics import find_statistic
from complaints.statistics.figures import Period
from complaints.statistics.views import StatisticsQuery
from journal.refusals import Refused
from offices import Officer
from server.db.schema import events, system_tokens
from server.identity.account_store import SystemStore
from server.identity.systems import SystemsService
from server.statistics.screen_store import FRESH, ScreenService
from server.statistics.store import SqlStatistics
from tests.server.app.office import World
from tests.server.complaints.test_reminders import settled


def systems(world: World) -> SystemsService:
    async def nothing(_office: str, _role: str) -> frozenset[str]:
        return frozenset()

    return SystemsService(
        SystemStore(world.database),
        world.store,
        world.complaints,
        world.desk,
        world.journal,
        world.clock.now,
        world.officers.standing,
        nothing,
    )


def screens(world: World, folder: Path) -> ScreenService:
    return ScreenService(systems(world), world.seal, world.database, folder, world.clock.now)


def admin(world: World) -> Officer:
    return replace(world.zhou, role="administrator")


async def issued(world: World) -> str:
    return await systems(world).issue_screen(admin(world), "大厅", world.clock.now().date() + timedelta(days=30))


async def test_a_screens_token_opens_the_screen_and_no_endpoint_and_only_its_digest_is_kept(
    world: World, tmp_path: Path
) -> None:
    token, at = await issued(world), screens(world, tmp_path)
    cookie = await at.enter(token, "192.0.2.1")
    assert token not in cookie
    screen = await at.screen(cookie)
    assert (screen.office.id, screen.scopes) == (world.zhou.office.id, frozenset({"screen"}))
    async with world.database.read() as connection:
        kept = [str(tuple(row)) for row in await connection.execute(system_tokens.select())]
        told = [str(tuple(row)) for row in await connection.execute(events.select())]
    assert not any(token in row for row in (*kept, *told))
    assert [one.type for one in await world.journal.read(f"token/{screen.token}")] == ["TokenIssued"]


async def test_withdrawn_over_invented_or_another_kind_of_token_opens_nothing(world: World, tmp_path: Path) -> None:
    token, at = await issued(world), screens(world, tmp_path)
    cookie = await at.enter(token, "192.0.2.1")
    reading = await systems(world).issue(
        admin(world), "台账", ["statistics:read"], world.clock.now().date() + timedelta(days=30)
    )
    for wrong in (reading, "yt_x", ""):
        with pytest.raises(Refused, match="bad_token"):
            await at.enter(wrong, "192.0.2.2")
    for forged in ("", cookie[:-2], world.seal.seal('["x"]', "link"), world.seal.seal("[]", "screen")):
        with pytest.raises(Refused, match="bad_token"):
            await at.screen(forged)
    await systems(world).revoke(admin(world), (await at.screen(cookie)).token)
    with pytest.raises(Refused, match="token_revoked"):
        await at.screen(cookie)
    second = await at.enter(await issued(world), "192.0.2.3")
    world.move(days=31)
    with pytest.raises(Refused, match="token_over"):
        await at.screen(second)


async def test_tokens_cannot_be_guessed_in_a_row(world: World, tmp_path: Path) -> None:
    at = screens(world, tmp_path)
    for _ in range(10):
        with pytest.raises(Refused, match="bad_token"):
            await at.enter("yt_guess", "192.0.2.1")
    with pytest.raises(Refused, match="too_many_tries"):
        await at.enter(await issued(world), "192.0.2.1")
    assert await at.enter(await issued(world), "192.0.2.9")


async def test_figures_are_those_of_statistics_and_nobody_is_named(world: World, tmp_path: Path) -> None:
    await settled(world, world.clock.now() + timedelta(days=5))
    await world.register()
    shown = await screens(world, tmp_path).figures(world.zhou)
    today = world.clock.now().date()
    month = Period(today.replace(day=1), today)
    wanted = [find_statistic("mediated"), find_statistic("loss_recovered")]
    counted = (
        await SqlStatistics(world.database).figures(wanted, StatisticsQuery(month, today), [world.zhou.office.id])
    )[""]
    assert (shown.settled.value, shown.recovered.value) == tuple(counted[one.id].value for one in wanted)
    assert shown.recovered.value == Decimal("1000.00")
    assert sum(received for _, received, _ in shown.days) == 2
    assert shown.places == []  # two complaints of one place are not told apart
    assert not any(name in repr(shown) for name in ("丁小禾", "知遇桥", "陈立"))
    assert (await screens(world, tmp_path).figures(world.other)).days[-5][1] == 0


async def test_many_screens_ask_one_snapshot(world: World, tmp_path: Path) -> None:
    at = screens(world, tmp_path)
    first, *others = await asyncio.gather(*(at.figures(world.zhou) for _ in range(20)))
    assert all(one is first for one in others)
    world.clock.move(FRESH * 2)
    again = await at.figures(world.zhou)
    assert again is not first
