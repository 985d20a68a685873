"""What comes due by itself: promises are reminded of once, the last one kept settles, and a missing answer is noted."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from complaints import WrongState
from complaints.commands import Refuse, TakeBack
from complaints.complaint import local_day
from complaints.notices.messages import AnswerInvited, InviteAnswer
from complaints.procedure import EndMediation
from complaints.state import ComplaintState
from rooms.commands import Arrive, Close, ProposeOutcome
from rooms.vocabulary import Outcome, OutcomeKind, Side, Status, Term
from server.complaints.procedure import FollowUp, ProcedureService, Reminders
from server.complaints.promise_store import performing
from server.db.projections import rebuild
from server.identity.account_store import OfficerPhoneStore
from server.identity.sign_ins import OfficerPhoneService
from tests.server.app.office import FIRST, World


def reminders(world: World) -> Reminders:
    return Reminders(
        world.complaints,
        world.rooms,
        world.store,
        world.database,
        world.seal,
        world.outbox.nudge,
        world.clock.now,
        "zh",
        phones(world),
    )


def phones(world: World) -> OfficerPhoneService:
    return OfficerPhoneService(OfficerPhoneStore(world.database), world.seal, world.officers.standing)


async def settled(world: World, *dues: datetime, consumer_phone: str = "138 0000 5076") -> tuple[str, str]:
    """(complaint, session): the business owes something by each of these moments."""
    complaint = await world.register(consumer_phone=consumer_phone)
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now(), [])
    terms = tuple(Term(Side.BUSINESS, f"退还第{n}笔", Decimal("500.00"), due) for n, due in enumerate(dues, 1))
    for command in (Arrive(), ProposeOutcome(Outcome(OutcomeKind.SETTLED, terms, Decimal("1000.00"))), Close()):
        await world.rooms.submit(session, command, world.zhou.actor)
    follow = FollowUp(world.complaints, world.rooms, lambda: world.journal.follow(["session"]), _nothing)
    await follow.follow(session)
    return complaint, session


async def _nothing() -> list[str]:
    return []


async def sent(world: World, kind: str) -> list[str]:
    await world.outbox.deliver_due()
    return [notice.text for notice in world.phones.received if notice.kind == kind]


async def test_who_owes_something_is_reminded_the_day_before_and_the_office_once_after(world: World) -> None:
    due = world.clock.now() + timedelta(days=5)
    complaint, _ = await settled(world, due)
    await reminders(world).remind()
    assert await sent(world, "reminder") == []
    world.move(days=4)
    for _ in range(3):
        await reminders(world).remind()
    (text,) = await sent(world, "reminder")
    assert "由您履行，期限是6月29日" in text
    assert not any(word in text for word in ("丁小禾", "知遇桥", "退还"))
    world.move(days=3)
    for _ in range(2):
        await reminders(world).remind()
    told = [
        event.data["when"] for event in await world.journal.read(f"complaint/{complaint}") if "Remind" in event.type
    ]
    assert told == ["before", "after"]


async def test_what_was_kept_is_reminded_of_no_more_and_the_last_promise_kept_settles_it(world: World) -> None:
    due = world.clock.now() + timedelta(days=1)
    complaint, session = await settled(world, due, due)
    await world.desk.note_term(world.zhou, complaint, session, 1, "已到账")
    assert (await world.complaints.state(complaint)).state is ComplaintState.PERFORMING
    await world.desk.note_term(world.zhou, complaint, session, 2, "")
    assert (await world.complaints.state(complaint)).state is ComplaintState.SETTLED
    await reminders(world).remind()
    assert await sent(world, "reminder") == []


async def test_a_settlement_is_read_only_once_the_day_of_one_of_its_promises_is_near(world: World) -> None:
    due = world.clock.now() + timedelta(days=5)
    day = local_day(due, FIRST.zone)
    complaint, session = await settled(world, due, due + timedelta(days=30))

    async def owed(by: date) -> list[tuple[str, str]]:
        return [(one.session, one.complaint) for one in await performing(world.database, by)]

    assert await owed(day - timedelta(days=1)) == []
    assert await owed(day) == [(session, complaint)]
    await world.desk.note_term(world.zhou, complaint, session, 1, "")
    assert await owed(day) == []
    assert await owed(day + timedelta(days=30)) == [(session, complaint)]


async def test_a_settlement_of_which_all_is_said_is_not_read_again(world: World) -> None:
    await settled(world, world.clock.now() + timedelta(days=2))
    said = []
    for _ in range(12):
        today = local_day(world.clock.now(), FIRST.zone)
        near = today + timedelta(days=1)
        said += [one.reminds(today) for one in await performing(world.database, near)]
        await reminders(world).remind()
        assert not any(one.reminds(today) for one in await performing(world.database, near))
        world.move(days=1)
    # The day before, the day after, and a week late.
    assert said == [True, False, True, *[False] * 6, True, False]


async def test_a_call_back_noted_by_mistake_is_taken_back_once(world: World) -> None:
    complaint, _ = await settled(world, world.clock.now() + timedelta(days=9))
    await world.desk.call_back(world.zhou, complaint, "consumer", True, "yes", "")
    await world.desk.take_back_call(world.zhou, complaint, 1, "打错了电话")
    state = await world.complaints.state(complaint)
    assert (len(state.calls), state.undone_calls) == (1, frozenset({1}))
    with pytest.raises(Exception, match="wrong_state"):
        await world.desk.take_back_call(world.zhou, complaint, 1, "再来一次")


async def test_an_answer_that_did_not_come_is_noted_once_after_its_day_also_after_rebuilding(world: World) -> None:
    complaint = await world.register()
    invited = AnswerInvited(uuid.uuid4().hex, date(2026, 6, 26))
    await world.complaints.submit(complaint, InviteAnswer(invited), world.zhou.actor)
    await reminders(world).remind()
    assert (await world.complaints.state(complaint)).answers[0].missed_at is None
    world.move(days=3)
    await rebuild(world.database)
    for _ in range(2):
        await reminders(world).remind()
    assert (await world.complaints.state(complaint)).answers[0].missed_at is not None
    types = Counter(event.type for event in await world.journal.read(f"complaint/{complaint}"))
    assert types["AnswerMissed"] == 1


async def test_a_mistaken_decision_is_taken_back_within_three_days_and_not_later(world: World) -> None:
    complaint = await world.register()
    actor = world.zhou.actor
    await world.complaints.submit(complaint, Refuse(1), actor)
    await world.desk.take_back(world.zhou, complaint, "refused", "选错了理由")
    assert (await world.complaints.state(complaint)).state is ComplaintState.REGISTERED
    await world.desk.accept(world.zhou, complaint)
    await world.complaints.submit(complaint, EndMediation(2), actor)
    await world.desk.take_back(world.zhou, complaint, "ended", "看错了")
    state = await world.complaints.state(complaint)
    assert (state.state, state.ended_at) == (ComplaintState.ACCEPTED, None)
    await world.complaints.submit(complaint, EndMediation(2), actor)
    world.move(days=3, minutes=1)
    with pytest.raises(WrongState):
        await world.complaints.submit(complaint, TakeBack("ended", "太晚了"), actor)


async def test_a_corrected_number_reaches_the_seats_of_a_session_to_come(world: World) -> None:
    from tests.server.complaints.test_amending import amend

    world.desk.renumber, world.desk.held = world.links.follow_number, world.links.is_held
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now() + timedelta(days=2), [])
    old = await world.links.issue(world.zhou, session, "consumer", send=True)
    await world.outbox.deliver_due()
    await amend(world, complaint, consumer_phone="13800005077")
    room = await world.rooms.state(session)
    assert room.seats["consumer"].seat.phone == "138 **** 5077"
    assert room.seats["consumer"].link not in ("", old.id)
    assert "PhoneCorrected" in await world.events(session)
    await world.outbox.deliver_due()
    assert [notice.to for notice in world.phones.received if notice.kind == "link"] == ["13800005076", "13800005077"]


async def test_taking_a_complaint_back_calls_off_what_was_arranged(world: World, tmp_path: Path) -> None:
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now() + timedelta(days=2), [])
    steps = ProcedureService(world.complaints, world.rooms, world.store, world.database, world.clock.now)
    await steps.withdrawn(complaint)
    room = await world.rooms.state(session)
    assert (room.status, room.cancel_reason) == (Status.CANCELLED, "the complaint was withdrawn")
