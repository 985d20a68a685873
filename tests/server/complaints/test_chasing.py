"""Promises chased without anybody starting it: reminded of, asked about, brought to the officer who sees to them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from complaints.procedure.rules import chased, promise_standing
from server.complaints.officer_store import HandlerStore
from server.complaints.promise_store import PerformanceStore
from server.complaints.store import SqlReads
from server.db.projections import rebuild
from server.rooms.agenda_store import HEARD, AlertService, AlertStore
from tests.server.app.office import World
from tests.server.complaints.test_reminders import reminders, settled
from tests.server.window.test_questions import questions, sent

CONSUMER, BUSINESS = "13800005076", "13900000812"


async def days_pass(world: World, days: int) -> None:
    """With what the program does by itself each day."""
    for _ in range(days):
        world.move(days=1)
        await reminders(world).remind()
        await questions(world).ask_due()
        await world.outbox.deliver_due()


async def why(world: World) -> list[str]:
    return [one.why for one in await PerformanceStore(world.database).chased(world.zhou, world.clock.now())]


async def bell(world: World) -> list[str]:
    alerts = AlertService(
        partial(world.journal.follow_all, HEARD),
        AlertStore(world.database),
        HandlerStore(world.database),
        world.clock.now,
    )
    return [one.kind for one in await alerts.history(world.zhou) if one.kind in ("unkept", "unanswered")]


async def test_the_business_is_reminded_the_consumer_asked_and_silence_comes_to_the_officer(
    world: World, tmp_path: Path
) -> None:
    complaint, _ = await settled(world, world.clock.now() + timedelta(days=5))
    await days_pass(world, 6)
    texts = {one.to: one.text for one in world.phones.received if one.kind in ("reminder", "link")}
    assert "由您履行" in texts[BUSINESS]
    assert re.search(r"/q/[\w-]{24}", texts[CONSUMER])
    assert (await why(world), await bell(world)) == ([], [])
    await days_pass(world, 3)
    assert (await why(world), await bell(world)) == ([], [])
    await days_pass(world, 1)
    assert (await why(world), await bell(world)) == (["unanswered"], ["unanswered"])
    reads = SqlReads(world.database, world.rooms, tmp_path, world.clock.now)
    [term] = (await reads.complaint(world.zhou, complaint)).terms
    went = {(one.what, one.whom): one.state for one in term.messages}
    assert went.keys() == {("before", "business"), ("after", "office"), ("asked", "consumer")}
    assert went["before", "business"] == went["asked", "consumer"] == "sent"


async def test_who_has_no_mobile_number_is_on_the_officers_list_to_call(world: World) -> None:
    complaint, session = await settled(world, world.clock.now() + timedelta(days=1), consumer_phone="027-87650000")
    await days_pass(world, 2)
    assert CONSUMER not in await sent(world)
    assert (await why(world), await bell(world)) == ([], [])
    await days_pass(world, 1)
    assert (await why(world), await bell(world)) == (["call"], ["unanswered"])
    await world.desk.note_term(world.zhou, complaint, session, 1, "")  # they said so on the telephone
    assert (await why(world), await bell(world)) == ([], [])


async def test_what_the_consumer_answers_decides_who_sees_to_it(world: World) -> None:
    complaint, session = await settled(world, world.clock.now() + timedelta(days=1))
    await days_pass(world, 2)
    secret = (await sent(world))[CONSUMER]
    for answer, alert in (("no", ["unkept"]), ("partly", ["unkept"]), ("yes", [])):
        world.move(minutes=1)
        await questions(world).answer(secret, "", "", answer, False, "")
        assert (await why(world), await bell(world)) == ([answer], alert)
    before = await PerformanceStore(world.database).chased(world.zhou, world.clock.now())
    await rebuild(world.database)
    assert await PerformanceStore(world.database).chased(world.zhou, world.clock.now()) == before
    await world.desk.note_term(world.zhou, complaint, session, 1, "")
    assert (await why(world), await bell(world)) == ([], [])


async def test_promises_for_several_days_are_asked_about_one_day_after_the_other(world: World) -> None:
    now = world.clock.now()
    complaint, session = await settled(world, now + timedelta(days=1), now + timedelta(days=10))
    await days_pass(world, 2)
    first = (await sent(world))[CONSUMER]
    await questions(world).answer(first, "", "", "yes", False, "")
    await world.desk.note_term(world.zhou, complaint, session, 1, "")
    await days_pass(world, 9)
    second = (await sent(world))[CONSUMER]
    assert second != first
    await questions(world).answer(second, "", "", "no", False, "")
    [left] = await PerformanceStore(world.database).chased(world.zhou, world.clock.now())
    assert (left.row.number, left.why) == (2, "no")
    asked = [
        (one.data["whom"], one.data["term"])
        for one in await world.journal.read(f"complaint/{complaint}")
        if one.type == "QuestionsSent" and one.data["when"] == "due"
    ]
    assert asked == [("consumer", 0), ("consumer", 2)]  # the business, to whom nothing was promised, is not asked


def test_an_answer_before_the_day_counts_only_where_it_says_that_it_was_kept() -> None:
    day = date(2026, 6, 10)
    assert chased(day, None, "", day) == ""
    assert chased(day, None, "yes", day - timedelta(days=3)) == "yes"
    assert chased(day, None, "", day + timedelta(days=1)) == ""  # they may be asked any minute
    assert chased(day, None, "", day + timedelta(days=2)) == "call"
    assert chased(day, day + timedelta(days=1), "", day + timedelta(days=5)) == "unanswered"
    assert chased(day, day + timedelta(days=2), "", day + timedelta(days=5)) == ""
    assert promise_standing(day, None, "partly", day + timedelta(days=1)) == "escalated"
