"""Live rooms: real tasks, a real mailbox, a journal in memory."""

from __future__ import annotations

import asyncio

import pytest

import rooms
from journal import refusals
from rooms import commands as c
from rooms.live.registry import Rooms
from rooms.session import Session
from rooms.vocabulary import Phase, Status
from tests.rooms.house import House, X, drain, settle
from tests.rooms.scene import CO, CONSUMER, MEDIATOR, START, M, scheduling, settled


async def test_a_session_nobody_scheduled_is_unknown_and_leaves_no_room_behind(at: House) -> None:
    with pytest.raises(refusals.UnknownSession):
        await at.rooms.state("nothing")
    with pytest.raises(refusals.UnknownSession):
        await at.rooms.submit("nothing", c.Arrive(), MEDIATOR)
    with pytest.raises(refusals.UnknownSession):
        await at.rooms.attach("nothing", M)
    await settle()
    assert at.rooms.awake == 0


async def test_a_session_that_is_looked_at_opens_no_room_and_an_open_room_says_what_it_knows(at: House) -> None:
    await at.open(M)
    open_room = await at.rooms.state(X)
    assert at.rooms.awake == 1
    later = Rooms(at.journal, at.engine, at.clock)
    assert await later.state(X) == open_room
    assert later.awake == 0


async def test_commands_posted_without_waiting_are_decided_in_that_order(at: House) -> None:
    await at.open(M)
    asked = [at.rooms.post(X, c.EnterPhase(phase), MEDIATOR) for phase in list(Phase)[1:] + list(Phase)[:3]]
    await asyncio.gather(*asked)
    entered = [event.data["phase"] for event in await at.journal.read(f"session/{X}") if event.type == "PhaseEntered"]
    assert entered == [phase.value for phase in [Phase.OPENING, *list(Phase)[1:], *list(Phase)[:3]]]


async def test_of_two_who_close_at_once_one_wins_and_the_other_is_told(at: House) -> None:
    await at.open(M)
    await at.ask(c.ProposeOutcome(settled()))
    results = await asyncio.gather(at.ask(c.Close()), at.ask(c.Close()), return_exceptions=True)
    assert sum(isinstance(result, rooms.AlreadyClosed) for result in results) == 1
    assert (await at.types()).count("SessionClosed") == 1


async def test_closing_seals_recordings_before_anybody_follows_up(at: House) -> None:
    followed: list[Session] = []

    async def fails(session: str, state: Session) -> None:
        raise ValueError(session)

    async def follow(session: str, state: Session) -> None:
        followed.append(state)

    at.rooms.on_closed += [fails, follow]
    at.engine.sealed_at = START
    mediator = await at.open(M)
    await at.bring(CO)
    await at.rooms.media_join(X, CO)
    await at.ask(c.ProposeOutcome(settled()))
    await at.ask(c.SeeOutcome(), CONSUMER)
    await at.ask(c.Close())
    await settle()
    assert at.engine.closed == [X]
    assert [state.status for state in followed] == [Status.CLOSED]
    assert [segment.seat for segment in followed[0].segments] == [CO]
    told = await drain(mediator)
    assert told[-1] == ("gone", {"code": "closed"})
    (result,) = [body for name, body in told if name == "part" and body["name"] == "result"]
    assert result["members"]["closed"]["kind"] == "settled"


async def test_an_idle_room_is_forgotten_and_woken_from_its_journal(at: House) -> None:
    await at.ask(scheduling())
    await settle()
    assert at.rooms.awake == 1
    await at.wait(seconds=61)
    assert at.rooms.awake == 0
    assert (await at.rooms.state(X)).number == "东高一投〔2026〕12号"


async def test_a_room_with_somebody_listening_is_not_forgotten(at: House) -> None:
    await at.open(M)
    await at.wait(hours=1)
    assert at.rooms.awake == 1


async def test_a_full_mailbox_refuses_instead_of_growing(at: House) -> None:
    await at.open(M)
    asked = [at.rooms.post(X, c.SetDoor(n % 2 == 0), MEDIATOR) for n in range(600)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert any(isinstance(result, refusals.Busy) for result in results)
    await at.ask(c.Say("还在"))


async def test_a_stopped_registry_takes_nothing_more(at: House) -> None:
    await at.open(M)
    await at.rooms.stop()
    with pytest.raises(refusals.Busy):
        await at.ask(c.Say("还在吗"))


async def test_a_busy_room_still_follows_up_its_closing(at: House) -> None:
    followed: list[str] = []

    async def follow(session: str, state: Session) -> None:
        followed.append(session)

    at.rooms.on_closed.append(follow)
    await at.open(M)
    await at.ask(c.ProposeOutcome(settled()))
    asked = [at.rooms.post(X, c.Close(), MEDIATOR) for _ in range(600)]
    await asyncio.gather(*asked, return_exceptions=True)
    await settle()
    assert followed == [X]
