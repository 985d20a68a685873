"""Whoever has a page open hears of what happens at whichever node it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from complaints import events as c
from complaints.procedure import Assigned
from journal import Actor, Event
from rooms import events as e
from rooms.views import Alert, Change
from server.complaints.officer_store import HandlerStore
from server.db.engine import Database
from server.db.journal import Following, SqlJournal
from server.rooms.agenda_store import HEARD, AlertService, AlertStore
from tests.server.db.history import CONSUMER, MORNING, Teller, registered, scheduled
from tests.server.db.readers import ELSEWHERE, LIN, ZHOU

News = asyncio.Queue[Alert | Change | None]


def alerts(database: Database, follow: Following) -> AlertService:
    return AlertService(follow, AlertStore(database), HandlerStore(database), lambda: MORNING)


@asynccontextmanager
async def told(database: Database) -> AsyncIterator[tuple[News, News, News]]:
    """What windows of a mediator, of their supervisor and of another office's mediator are told of all there is, at a
    process that itself appends nothing."""
    service = alerts(database, partial(SqlJournal(database).follow_all, HEARD, 0))
    async with AsyncExitStack() as opened:
        some = [await opened.enter_async_context(service.window(officer)) for officer in (ZHOU, LIN, ELSEWHERE)]
        running = asyncio.create_task(service.run())
        mediator, supervisor, elsewhere = (news for news in some if news is not None)
        yield mediator, supervisor, elsewhere
        running.cancel()


async def test_a_knock_at_another_nodes_room_is_told_to_its_mediator_and_shown_to_the_office(
    tell: Teller, other: Database
) -> None:
    await tell.session("m1", scheduled(), e.Arrived(CONSUMER.id))
    async with told(other) as (mediator, supervisor, elsewhere):
        assert await mediator.get() == Change("m1")
        knock = await mediator.get()
        assert isinstance(knock, Alert)
        assert (knock.kind, knock.about, knock.seat) == ("knock", "m1", CONSUMER.id)
        assert await supervisor.get() == Change("m1")
        assert elsewhere.empty()


async def test_of_all_that_an_import_at_another_node_brings_a_window_hears_once(tell: Teller, other: Database) -> None:
    for number in range(5):
        await tell.complaint(f"c{number}", registered(f"c{number}"))
    async with told(other) as (mediator, _, elsewhere):
        await tell.complaint("theirs", registered("theirs", "o2"))
        assert await elsewhere.get() == Change()
        assert [await mediator.get() for _ in range(mediator.qsize())] == [Change()]


async def test_who_is_assigned_a_complaint_at_another_node_hears_of_it(
    tell: Teller, journal: SqlJournal, other: Database
) -> None:
    await tell.complaint("c1", registered("c1"))
    chen = Actor("officer", "u-chen", "陈立", "mediator", "o1")
    await journal.append("complaint/c1", 1, [c.to_draft(Assigned(ZHOU.id, ZHOU.name), MORNING, chen)])
    async with told(other) as (mediator, supervisor, _):
        assigned = await mediator.get()
        assert isinstance(assigned, Alert)
        assert (assigned.kind, assigned.about) == ("assigned", "c1")
        assert await mediator.get() == await supervisor.get() == Change()


async def test_where_something_may_have_been_missed_windows_come_back_and_read_it(database: Database) -> None:
    async def lost() -> AsyncIterator[Sequence[Event]]:
        raise ConnectionError("the database is away")
        yield

    service = alerts(database, lost)
    async with service.window(ZHOU) as news:
        assert news is not None
        running = asyncio.create_task(service.run())
        assert await news.get() is None
        running.cancel()
