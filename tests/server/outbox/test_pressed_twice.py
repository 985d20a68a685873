"""Buttons that send something, pressed twice at once, in one process or in two: it is sent once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from complaints.service import ComplaintService
from rooms.commands import RecordHeld
from rooms.floor.rules import ShownTexts
from rooms.live.registry import Rooms
from rooms.vocabulary import Capacity
from server.complaints.service import OfficeComplaints
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity.link_store import LinkStore
from server.identity.links import JoinLinks, LinkServices
from server.identity.store import IdentityStore
from server.outbox.service import OutboxService
from server.outbox.store import AT_ONCE, MessageStore
from tests.server.app.office import NoMedia, World, secret_of
from tests.server.signing.test_by_link import Office, office as office, office_of


@pytest.fixture
async def second(world: World, tmp_path: Path) -> AsyncIterator[World]:
    """The same installation in another process: nothing in memory is shared, all on disk is."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'yuntiao.db'}")
    journal, store = SqlJournal(database, projectors()), IdentityStore(database)
    complaints = ComplaintService(journal, world.seal, world.clock.now)
    rooms = Rooms(journal, NoMedia(), world.clock, shown=ShownTexts("v1", "v1", "v1"))
    desk = OfficeComplaints(complaints, rooms)
    outbox = OutboxService(MessageStore(database), world.phones, world.seal, world.clock.now)
    url, now = "https://tiaojie.example", world.clock.now
    links = JoinLinks(LinkServices(LinkStore(database), store, rooms, desk, outbox, world.seal, now, url))
    await rooms.start()
    try:
        yield replace(
            world, database=database, journal=journal, store=store, complaints=complaints, rooms=rooms, desk=desk,
            outbox=outbox, links=links,
        )  # fmt: skip
    finally:
        await rooms.stop()
        await database.close()


async def queued(world: World, kind: str = "link") -> int:
    rows, _ = await MessageStore(world.database).page([world.zhou.office.id])
    return sum(row.kind == kind for row in rows)


async def test_both_sides_are_sent_one_link_each_to_sign_with(office: Office, second: World, tmp_path: Path) -> None:
    command = RecordHeld(office.call(agreement="wanted"), office.refund(), Capacity.HEAD)
    _, session = await office.recorded(command)
    elsewhere = await office_of(second, tmp_path)
    zhou = office.world.zhou
    await asyncio.gather(*(desk.links.ask(zhou, session) for desk in (office, elsewhere, office, elsewhere)))
    assert await queued(office.world) == 2
    assert (await office.world.events(session)).count("SigningOffered") == 1
    for secret in await office.secrets():
        assert not (await office.links.visit(secret)).signed


async def test_a_standing_link_is_sent_once_more_and_not_twice(world: World, second: World) -> None:
    link = await world.invite(send=True)
    for sent in (2, 3):
        world.clock.move(AT_ONCE)
        await asyncio.gather(*(one.links.send(world.zhou, link.session, "consumer") for one in (world, second, world)))
        assert await queued(world) == sent


async def test_a_first_link_is_one_link_whoever_asks_for_it(world: World, second: World) -> None:
    session = await world.session()
    before = await queued(world)
    made = await asyncio.gather(
        *(one.links.issue(world.zhou, session, "consumer", send=True, replaces="") for one in (world, second, world)),
        return_exceptions=True,
    )
    assert {one.id for one in made if not isinstance(one, BaseException)} == {
        link.id for link in (await world.links.current(world.zhou, session)).values()
    }
    assert (await world.events(session)).count("LinkIssued") == 1
    assert await queued(world) == before + 1


async def test_a_link_that_was_seen_to_stand_is_replaced_once(world: World, second: World) -> None:
    link = await world.invite()
    before = await queued(world)
    await asyncio.gather(
        *(
            one.links.issue(world.zhou, link.session, "consumer", send=True, replaces=link.id)
            for one in (world, second)
        ),
        return_exceptions=True,
    )
    assert (await world.events(link.session)).count("LinkIssued") == 2
    assert await queued(world) == before + 1
    (standing,) = (await world.links.current(world.zhou, link.session)).values()
    assert (await world.links.look(secret_of(standing))).link == standing.id


async def test_a_call_back_is_noted_once_for_each_call(office: Office, second: World) -> None:
    complaint, _ = await office.recorded(RecordHeld(office.call(), office.refund(at_once=True)))
    zhou = office.world.zhou
    for seen in (0, 1):
        pressed = [
            one.desk.call_back(zhou, complaint, "consumer", False, "", "没人接", seen) for one in (office.world, second)
        ]
        await asyncio.gather(*pressed)
        assert len((await office.world.complaints.state(complaint)).calls) == seen + 1
