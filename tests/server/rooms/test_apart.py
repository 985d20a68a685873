"""Asynchronous mediation on a real database: who is told what and when, whose page it is, what calendars hold of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from journal.refusals import Refused
from offices import Officer
from rooms import commands as c
from rooms.apart.rules import DAY, HOUR, MEETING, NUDGE
from rooms.scheduling import LENGTH
from rooms.vocabulary import Consent
from server.db.schema import links
from server.identity.codes import Tickets
from server.identity.sign_in_store import TicketStore
from server.outbox.store import MessageStore
from server.rooms.agenda_store import AlertStore, ApartStore, AppointmentStore
from server.rooms.apart import ApartService
from server.window.store import AnswerDrafts
from tests.server.app.office import IP, PASSWORD, World, secret_of


def service(world: World, messages: MessageStore | None = None) -> ApartService:
    return ApartService(
        world.rooms,
        world.links,
        world.store,
        world.desk,
        world.outbox,
        messages or MessageStore(world.database),
        ApartStore(world.database),
        AnswerDrafts(world.database),
        Tickets(world.seal, world.clock.now, TicketStore(world.database)),
        world.seal,
        world.clock.now,
        "zh",
    )


async def begun(world: World, days: int = 7) -> str:
    session = await world.session()
    await service(world).begin(world.zhou, session, world.clock.now() + timedelta(days=days))
    return session


async def told(world: World) -> list[str]:
    await world.outbox.deliver_due()
    return [notice.text for notice in world.phones.received if notice.kind == "reminder"]


async def colleague(world: World) -> Officer:
    administrator = await world.officers.officer(await world.officers.sign_in("admin", PASSWORD, "", IP))
    assert administrator is not None
    return await world.officers.add_officer(administrator, "lihua", "李华", "mediator", PASSWORD)


# ------------------------------------------------------------ whose it is


@pytest.mark.parametrize(
    "ask",
    [
        lambda desk, officer, session, at: desk.begin(officer, session, at),
        lambda desk, officer, session, at: desk.move_end(officer, session, at),
        lambda desk, officer, session, at: desk.call(officer, session, at),
        lambda desk, officer, session, at: desk.open_room(officer, session),
        lambda desk, officer, session, at: desk.nudge(officer, session, "consumer"),
    ],
)
async def test_a_colleague_neither_steers_it_nor_prolongs_its_links(world: World, ask: Callable[..., object]) -> None:
    session = await begun(world)
    await world.invite("consumer", session)

    async def ends() -> list[datetime]:
        async with world.database.read() as connection:
            return list((await connection.execute(select(links.c.expires))).scalars())

    before, at = await ends(), world.clock.now() + timedelta(days=30)
    with pytest.raises(Refused) as no:
        await ask(service(world), await colleague(world), session, at)  # type: ignore[misc]
    assert no.value.code == "not_of_the_case"
    assert await ends() == before
    assert await told(world) == []


# ------------------------------------------------------------ a meeting that was called


async def test_everybody_is_reminded_of_a_meeting_the_day_and_the_hour_before_once(world: World) -> None:
    session, desk = await begun(world), service(world)
    meeting = world.clock.now() + timedelta(days=3)
    await desk.call(world.zhou, session, meeting)
    assert len(await told(world)) == 2
    sent = Counter[str]()
    for hours in (47, 1, 1, 22, 1, 1):  # up to an hour before the day before, over it, up to the hour before …
        world.move(hours=hours)
        for _ in range(2):
            await desk.remind()
        sent = Counter(text for text in await told(world))
        if world.clock.now() < meeting - timedelta(days=1):
            assert sum(sent.values()) == 2
    state = await world.rooms.state(session)
    assert state.apart is not None
    kinds = Counter((one.seat, one.kind) for one in state.apart.sent)
    assert kinds == {(seat, kind): 1 for seat in ("consumer", "business") for kind in (MEETING, DAY, HOUR)}
    assert sum(sent.values()) == 6
    assert sum("不到一小时" in text for text in sent.elements()) == 2


async def test_a_meeting_called_for_tonight_is_not_reminded_of_as_of_tomorrow_and_one_that_is_off_not_at_all(
    world: World,
) -> None:
    session, desk = await begun(world), service(world)
    await desk.call(world.zhou, session, world.clock.now() + timedelta(hours=5))
    await desk.remind()
    assert len(await told(world)) == 2
    await desk.call(world.zhou, session, None)
    world.move(hours=4.5)
    await desk.remind()
    assert len(await told(world)) == 4  # called, and called off


async def test_who_was_left_out_when_it_was_called_is_told_all_the_same(world: World) -> None:
    session = await begun(world)
    meeting = world.clock.now() + timedelta(days=3)
    await world.rooms.submit(session, c.CallMeeting(meeting), world.zhou.actor)  # and the program died
    for _ in range(2):
        await service(world).remind()
    assert len(await told(world)) == 2


async def test_a_meeting_stands_in_the_calendar_and_takes_its_time_and_the_rest_of_it_takes_none(world: World) -> None:
    session, store = await begun(world), AppointmentStore(world.database)
    now, week = world.clock.now(), timedelta(days=7)
    assert await store.booked(world.zhou.id, now - LENGTH, now + week) == []
    assert await store.between(world.zhou, now - week, now + week) == []
    meeting = now + timedelta(days=3)
    await service(world).call(world.zhou, session, meeting)
    for found in (await store.booked(world.zhou.id, now, now + week), await store.between(world.zhou, now, now + week)):
        assert [(row.id, row.starts) for row in found] == [(session, meeting)]
    assert await store.booked(world.zhou.id, now, meeting) == []
    assert await store.between(world.other, now, now + week) == []
    await service(world).call(world.zhou, session, None)
    assert await store.booked(world.zhou.id, now, now + week) == []


async def test_the_mediator_is_alerted_of_a_meeting_that_is_about_to_begin(world: World) -> None:
    session = await begun(world)
    await service(world).call(world.zhou, session, world.clock.now() + timedelta(days=1))
    world.move(hours=23.9)
    at = world.clock.now()
    alerts = await AlertStore(world.database).clocks(world.zhou, at.date(), at, ZoneInfo("Asia/Shanghai"))
    assert [(one.kind, one.about) for one in alerts if one.kind == "begins"] == [("begins", session)]


# ------------------------------------------------------------ nothing twice


class Hesitating(MessageStore):
    """Waits with a message until it is let go, as a busy database does."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database)
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def put(self, message: object) -> None:
        self.reached.set()
        await self.go.wait()
        await super().put(message)  # type: ignore[arg-type]


async def test_the_task_that_reminds_does_not_make_up_for_what_is_just_being_queued(world: World) -> None:
    session, slow = await begun(world), Hesitating(world)
    desk = service(world, slow)
    nudging = asyncio.create_task(desk.nudge(world.zhou, session, "consumer"))
    await slow.reached.wait()
    slow.reached.clear()
    reminding = asyncio.create_task(desk.remind())
    while not (reminding.done() or slow.reached.is_set() or desk._turn._waiters):  # noqa: ASYNC110  # nothing tells of who waits for a lock
        await asyncio.sleep(0)
    slow.go.set()
    await nudging
    await reminding
    assert len(await told(world)) == 1


async def test_two_presses_at_once_open_the_room_and_tell_everybody_once(world: World) -> None:
    session, desk = await begun(world), service(world)
    device = await world.links.begin(secret_of(await world.invite("consumer", session)))
    guest = await world.links.guest(await world.links.check_code(device, await world.code_for(device), IP))
    assert guest is not None
    await world.rooms.submit(session, c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), guest.actor)
    ends = await asyncio.gather(*(desk.open_room(world.zhou, session) for _ in range(2)), return_exceptions=True)
    assert sum(one is None for one in ends) == 1
    assert len(await told(world)) == 1


async def test_who_was_put_out_stops_nobody_elses_message(world: World) -> None:
    session, desk = await begun(world), service(world)
    await world.rooms.submit(session, c.Remove("consumer", "扰乱调解"), world.zhou.actor)
    await desk.call(world.zhou, session, world.clock.now() + timedelta(days=3))
    assert len(await told(world)) == 1
    world.move(days=6.5)
    await desk.remind()
    state = await world.rooms.state(session)
    assert state.apart is not None
    assert {one.seat for one in state.apart.sent} == {"business"}
    assert len(await told(world)) == 2


async def test_a_nudge_counts_once_however_often_it_is_pressed(world: World) -> None:
    session, desk = await begun(world), service(world)
    ends = await asyncio.gather(
        *(desk.nudge(world.zhou, session, "consumer") for _ in range(3)), return_exceptions=True
    )
    assert sorted(getattr(one, "code", "sent") for one in ends) == ["sent", "too_soon", "too_soon"]
    state = await world.rooms.state(session)
    assert state.apart is not None
    assert [one.kind for one in state.apart.sent] == [NUDGE]
    assert len(await told(world)) == 1
