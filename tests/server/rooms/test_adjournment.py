"""A session adjourned to another time goes on then, by itself: same people, fresh links, once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

import server.complaints.procedure
from complaints.state import ComplaintState
from journal import SYSTEM, Actor
from journal.refusals import UnknownSession
from offices import Office
from rooms.commands import Arrive, Cancel, ChooseName, Close, ProposeOutcome, Remove
from rooms.session import Session
from rooms.vocabulary import Outcome, OutcomeKind, Role, Side
from server.complaints.procedure import FollowUp, after
from server.rooms.service import Adjournment, next_session
from server.rooms.store import unfollowed_sessions
from tests.server.app.office import World

LAWYER = (Role.LAWYER, "石律师", "13900001234", Side.BUSINESS)
OBSERVER = (Role.OBSERVER, "见习生", "", None)


def follow_up(world: World) -> FollowUp:
    return FollowUp(
        world.complaints,
        world.rooms,
        lambda: world.journal.follow(["session"]),
        lambda: unfollowed_sessions(world.database),
        adjourned=Adjournment(world.complaints, world.rooms, world.links, world.store, world.clock.now),
    )


def later(world: World, **by: float) -> datetime:
    return world.clock.now() + timedelta(**(by or {"days": 7}))


async def adjourned(world: World) -> tuple[str, str]:
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now(), [LAWYER, OBSERVER])
    outcome = Outcome(OutcomeKind.ADJOURNED, adjourned_to=later(world))
    consumer = (await world.rooms.state(session)).seats["consumer"].seat
    await world.rooms.submit(session, ChooseName("小禾"), Actor("party", consumer.id, consumer.name))
    for command in (Arrive(), Remove("observer", "起哄"), ProposeOutcome(outcome), Close()):
        await world.rooms.submit(session, command, world.zhou.actor)
    return complaint, session


async def messages(world: World) -> list[str]:
    await world.outbox.deliver_due()
    return [notice.to for notice in world.phones.received if notice.kind == "link"]


async def test_the_next_session_has_the_same_seats_at_the_new_time(world: World) -> None:
    complaint, session = await adjourned(world)
    await follow_up(world).follow(session)
    state = await world.rooms.state(next_session(session))
    assert (state.complaint, state.ordinal, state.starts) == (complaint, 2, later(world))
    assert list(state.seats) == ["mediator", "consumer", "business", "lawyer"]  # not whoever was asked to leave
    assert state.seats["consumer"].name == "丁小禾"  # as on file
    assert state.mediator == world.zhou.id
    assert state.order == (await world.rooms.state(session)).order
    assert (await world.complaints.state(complaint)).state is ComplaintState.MEDIATING


async def test_everybody_gets_a_fresh_link_and_a_message(world: World) -> None:
    _complaint, session = await adjourned(world)
    await follow_up(world).follow(session)
    links = await world.links.current(world.zhou, next_session(session))
    assert set(links) == {"consumer", "business", "lawyer"}
    assert sorted(await messages(world)) == ["13800005076", "13900000812", "13900001234"]


async def test_following_again_after_a_restart_changes_nothing(world: World) -> None:
    complaint, session = await adjourned(world)
    await follow_up(world).follow(session)
    following = next_session(session)
    await world.links.revoke(world.zhou, following, "lawyer", "不再代理")
    before = await world.events(following)
    await follow_up(world).catch_up()
    assert await world.events(following) == before  # the office's own revocation stands
    assert len(await messages(world)) == 3
    assert len((await world.complaints.state(complaint)).sessions) == 2


@pytest.mark.parametrize("step", ["complaint", "room", "links"])
async def test_a_crash_at_any_step_is_made_up_for(world: World, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint, session = await adjourned(world)

    class Crash(BaseException):
        pass

    async def dies(*_args: object, **_more: object) -> None:
        raise Crash

    with monkeypatch.context() as broken:
        match step:
            case "complaint":
                broken.setattr(Adjournment, "__call__", dies)
            case "room":
                broken.setattr(Adjournment, "_hold", dies)
            case "links":
                broken.setattr(type(world.links._services.store), "issue", dies)  # journaled, not yet stored
        with pytest.raises(Crash):
            await follow_up(world).follow(session)
    await follow_up(world).catch_up()
    await follow_up(world).catch_up()
    following = next_session(session)
    assert (await world.rooms.state(following)).ordinal == 2
    assert set(await world.links.current(world.zhou, following)) == {"consumer", "business", "lawyer"}
    assert len(await messages(world)) == 3
    assert len((await world.complaints.state(complaint)).sessions) == 2


async def test_it_happens_by_itself_while_the_program_runs(world: World) -> None:
    watching = world.journal.follow(["session"])
    task = follow_up(world)
    await task.start()
    _complaint, session = await adjourned(world)
    async with asyncio.timeout(10):
        async for event in watching:
            if event.stream.endswith(next_session(session)) and event.type == "LinkIssued":
                break
    await task.stop()


async def test_one_session_that_cannot_be_followed_keeps_no_other_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.complaints.procedure, "_AGAIN_AFTER", 0.01)
    ((_, first), (_, second)) = await adjourned(world), await adjourned(world)
    told: list[str] = []
    all_told = asyncio.Event()

    async def breaks_once(over: Session) -> None:
        if over.id == first and not told:
            told.append("broken")
            raise RuntimeError("a bug")
        told.append(over.id)
        if {first, second} <= set(told):
            all_told.set()

    task = FollowUp(
        world.complaints,
        world.rooms,
        lambda: world.journal.follow(["session"]),
        lambda: asyncio.sleep(0, [first, second]),
        [breaks_once],
    )
    await task.catch_up()
    assert told == ["broken", second]
    await task.start()
    async with asyncio.timeout(10):
        await all_told.wait()
    await task.stop()


async def test_what_the_office_arranged_itself_meanwhile_stands(world: World) -> None:
    complaint, session = await adjourned(world)
    command = after(await world.rooms.state(session))
    assert command is not None
    await world.complaints.submit(complaint, command, SYSTEM)
    own = await world.desk.schedule(world.zhou, complaint, later(world, days=2), [])
    await follow_up(world).catch_up()
    assert (await world.complaints.state(complaint)).sessions == (session, own)


async def test_a_time_that_passed_while_nothing_ran_is_the_offices_to_arrange(world: World) -> None:
    _complaint, session = await adjourned(world)
    world.move(days=8)
    await follow_up(world).catch_up()
    with pytest.raises(UnknownSession):
        await world.rooms.state(next_session(session))


async def test_a_next_session_that_was_cancelled_is_not_brought_back(world: World) -> None:
    complaint, session = await adjourned(world)
    await follow_up(world).follow(session)
    following = next_session(session)
    await world.rooms.submit(following, Cancel("双方要求改期"), world.zhou.actor)
    before = await world.events(following)
    await follow_up(world).catch_up()
    assert await world.events(following) == before
    assert not (await world.complaints.state(complaint)).open_sessions


async def test_a_mediator_who_is_not_at_the_office_any_more_invites_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _complaint, session = await adjourned(world)

    async def elsewhere(_store: object, _office: str) -> Office:
        return world.other.office

    monkeypatch.setattr(type(world.store), "office", elsewhere)
    await follow_up(world).follow(session)
    with pytest.raises(UnknownSession):
        await world.rooms.state(next_session(session))
