"""Figures of connections on a real database: kept by the minute, bounded, and gone with the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from journal.refusals import Refused
from media.engine import Measurement
from rooms.media.diagnosis import SeatReport
from server.complaints.store import SqlReads
from server.rooms.lines import MOST_MINUTES, MOST_REPORTS, LineLog, LineReports
from server.rooms.store import LineStore
from tests.server.app.office import World

FINE = Measurement(rtt=0.05)


def report(world: World, finding: str = "", seat: str = "consumer") -> SeatReport:
    return SeatReport(seat, world.clock.now(), FINE, "Chrome 131, Android", 0.0, finding)


def reports(world: World) -> LineReports:
    reads = SqlReads(world.database, world.rooms, Path("nowhere"), world.clock.now)
    return LineReports(LineStore(world.database), world.journal, reads)


async def test_what_came_in_a_minute_is_one_row_and_is_there_after_everything_was_begun_anew(world: World) -> None:
    session, store = await world.session(), LineStore(world.database)
    log = LineLog(store, world.clock.now)
    for second in range(0, 120, 4):
        log.take(session, report(world, "loss_up" if second >= 20 else ""))
        world.clock.move(timedelta(seconds=4))
    await log.finish()
    kept = await LineStore(world.database).read(session)
    assert [one.reports for one in kept] == [15, 15]
    assert [[finding for _, finding in one.said] for one in kept] == [["loss_up"], []]
    assert kept[0].figures["rtt"] == (0.05, 0.05)


async def test_a_flood_of_reports_is_bounded_in_a_minute_and_in_a_mediation(world: World) -> None:
    session, store = await world.session(), LineStore(world.database)
    log = LineLog(store, world.clock.now)
    for _ in range(10 * MOST_REPORTS):
        log.take(session, report(world))
    for _ in range(2 * MOST_MINUTES):
        world.clock.move(timedelta(minutes=1))
        log.take(session, report(world))
    await log.finish()
    kept = await store.read(session)
    assert len(kept) == MOST_MINUTES
    assert kept[0].reports == MOST_REPORTS


async def test_they_go_with_the_record_and_what_comes_later_is_of_another(world: World) -> None:
    session, other = await world.session(), await world.session()
    store = LineStore(world.database)
    log = LineLog(store, world.clock.now)
    for one in (session, other):
        log.take(one, report(world))
    world.clock.move(timedelta(minutes=1))
    log.take(session, report(world))
    await log.forget(session)
    await log.finish()
    assert await store.read(session) == []
    assert len(await store.read(other)) == 1


async def test_only_the_sessions_mediator_and_the_offices_administrator_read_them(world: World) -> None:
    session, asked = await world.session(), reports(world)
    log = LineLog(LineStore(world.database), world.clock.now)
    log.take(session, report(world))
    await log.finish()
    admin = replace(world.zhou, id="it", role="administrator")
    colleague = replace(world.zhou, id="colleague")
    assert [row.id for row, seats in await asked.listed(world.zhou)] == [session]
    assert [seats for row, seats in await asked.listed(admin)] == [1]
    assert (await asked.of(admin, session)).minutes
    assert await asked.listed(colleague) == []
    assert await asked.listed(replace(world.other, role="administrator")) == []
    with pytest.raises(Refused, match="not_allowed"):
        await asked.of(colleague, session)
    with pytest.raises(Refused, match="not_found"):
        await asked.of(world.other, session)
