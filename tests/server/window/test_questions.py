"""What each side is asked afterwards, on a real database: sent once, answered by a link, counted, and called back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from complaints.complaint import local_day
from complaints.public_views import PerformanceView
from complaints.statistics import find_statistic
from complaints.statistics.figures import Period
from complaints.statistics.views import StatisticsQuery
from journal.refusals import Refused
from server.complaints.promise_store import PerformanceStore, performing
from server.db.projections import rebuild
from server.db.schema import complaint_facts
from server.identity.link_store import LinkStore
from server.statistics.store import SqlStatistics
from server.window.answers import QuestionService, QuestionServices
from tests.server.app.office import FIRST, World
from tests.server.complaints.test_reminders import reminders, settled


def questions(world: World) -> QuestionService:
    return QuestionService(
        QuestionServices(
            LinkStore(world.database),
            world.store,
            world.complaints,
            world.rooms,
            world.database,
            world.seal,
            world.outbox.nudge,
            world.clock.now,
            "https://tiaojie.example",
        )
    )


async def sent(world: World) -> dict[str, str]:
    """The secrets of the links that went out so far, by phone; the newest of each."""
    await world.outbox.deliver_due()
    found = {}
    for notice in world.phones.received:
        if secret := re.search(r"/q/([\w-]+)", notice.text):
            assert len(secret[1]) == 24
            found[notice.to] = secret[1]
    return found


async def view(world: World, standing: str = "") -> PerformanceView:
    return await PerformanceStore(world.database).view(world.zhou, standing, "", world.clock.now())


async def test_each_side_is_asked_after_the_end_and_whoever_was_promised_something_once_after_the_day(
    world: World,
) -> None:
    complaint, session = await settled(world, world.clock.now() + timedelta(days=5))
    asking = questions(world)
    for _ in range(3):
        await asking.after(await world.rooms.state(session))
        await asking.ask_due()
    first = await sent(world)
    assert first.keys() == {"13800005076", "13900000812"}
    world.move(days=6)
    today = local_day(world.clock.now(), FIRST.zone)
    assert [one.asks(today) for one in await performing(world.database, today)] == [True]
    for _ in range(2):
        await asking.ask_due()
    assert [one.asks(today) for one in await performing(world.database, today)] == [False]
    second = await sent(world)
    assert second["13800005076"] != first["13800005076"]
    assert second["13900000812"] == first["13900000812"]  # nothing was promised to the business
    told = [
        (event.data["whom"], event.data["when"])
        for event in await world.journal.read(f"complaint/{complaint}")
        if event.type == "QuestionsSent"
    ]
    assert sorted(told) == [("business", "closed"), ("consumer", "closed"), ("consumer", "due")]


async def test_a_message_names_nobody_and_the_page_nothing_a_code_would_guard(world: World) -> None:
    _, session = await settled(world, world.clock.now() + timedelta(days=5))
    asking = questions(world)
    await asking.after(await world.rooms.state(session))
    secret = (await sent(world))["13800005076"]
    text = next(notice.text for notice in world.phones.received if secret in notice.text)
    assert not re.search("丁小禾|知遇桥|退还|陈立", text)
    page = await asking.look(secret)
    assert (page.whom, page.promised, page.answered) == ("consumer", True, None)
    assert "丁小禾" not in repr(page)


async def test_an_answer_moves_the_promise_the_figures_and_the_list_of_calls(world: World) -> None:
    complaint, session = await settled(world, world.clock.now() + timedelta(days=1))
    asking = questions(world)
    await asking.after(await world.rooms.state(session))
    world.move(days=3)
    await asking.ask_due()
    assert [one.standing for one in (await view(world)).rows] == ["late"]
    secret = (await sent(world))["13800005076"]
    await asking.answer(secret, "yes", "", "no", True, "还没到账")
    await asking.answer(secret, "yes", "", "no", True, "还没到账")  # tapped twice
    seen = await view(world)
    [promise] = seen.rows
    assert (promise.standing, promise.paid, promise.business) == ("broken", "no", "武汉知遇桥信息技术有限公司")
    assert [(one.whom, one.name) for one in seen.wishes] == [("consumer", "丁小禾")]
    assert (seen.asked, seen.answered, seen.heard) == (1, 1, 1)
    assert (seen.rated, seen.satisfied) == (0, 0), "who was heard has not said that they are satisfied"
    assert seen.respondents[0].standing == {"broken": 1}
    await asking.answer(secret, "no", "", "partly", False, "")
    async with world.database.read() as connection:
        fact = (await connection.execute(select(complaint_facts))).one()
    assert (fact.asked is not None, fact.answered is not None, fact.heard) == (True, True, None)
    assert len((await view(world)).wishes) == 1  # a wish is met by a call, not by a second thought
    await world.desk.call_back(world.zhou, complaint, "consumer", False, "", "没人接")
    assert len((await view(world)).wishes) == 1
    await world.desk.call_back(world.zhou, complaint, "consumer", True, "yes", "")
    assert not (await view(world)).wishes
    await world.desk.note_term(world.zhou, complaint, session, 1, "")
    assert [one.standing for one in (await view(world, "kept")).rows] == ["kept"]
    before = await view(world)
    await rebuild(world.database)
    assert await view(world) == before


async def test_satisfaction_counts_who_said_so_and_being_heard_stays_another_figure(world: World) -> None:
    _, session = await settled(world, world.clock.now() + timedelta(days=1))
    asking = questions(world)
    await asking.after(await world.rooms.state(session))
    secret = (await sent(world))["13800005076"]
    await asking.answer(secret, "yes", "no", "", False, "")
    seen = await view(world)
    assert (seen.heard, seen.rated, seen.satisfied) == (1, 1, 0)
    world.move(hours=1)
    await asking.answer(secret, "no", "partly", "", False, "")
    seen = await view(world)
    assert (seen.heard, seen.rated, seen.satisfied) == (0, 1, 1)
    today = world.clock.now().date()
    month = Period(today - timedelta(days=20), today)
    wanted = [find_statistic("satisfaction"), find_statistic("felt_heard")]
    figures = (await SqlStatistics(world.database).figures(wanted, StatisticsQuery(month, today)))[""]
    assert [str(figures[one.id].value) for one in wanted] == ["100.0", "0.0"]
    assert [one.zh for one in wanted] == ["消费者满意率", "表示意见得到认真听取的比例"]


async def test_another_office_sees_no_promise_and_no_wish(world: World) -> None:
    _, session = await settled(world, world.clock.now() + timedelta(days=1))
    asking = questions(world)
    await asking.after(await world.rooms.state(session))
    await asking.answer((await sent(world))["13800005076"], "yes", "yes", "", True, "")
    store = PerformanceStore(world.database)
    theirs = await store.view(world.other, "", "", world.clock.now())
    assert (theirs.rows, theirs.wishes, theirs.asked, await store.wishes(world.other)) == ([], [], 0, 0)


async def test_a_link_answers_for_its_own_side_while_it_is_good(world: World) -> None:
    _, session = await settled(world, world.clock.now() + timedelta(days=1))
    asking = questions(world)
    await asking.after(await world.rooms.state(session))
    secret = (await sent(world))["13900000812"]
    with pytest.raises(Refused, match="bad_choice"):
        await asking.answer(secret, "perhaps", "", "", False, "")
    with pytest.raises(Refused, match="link_unknown"):
        await asking.look("guessed")
    with pytest.raises(Refused, match="link_unknown"):
        await asking.look((await world.invite()).url.rpartition("/")[2])  # a seat's link opens no questions
    world.move(days=61)
    with pytest.raises(Refused, match="link_expired"):
        await asking.answer(secret, "yes", "", "", False, "")


async def test_a_promise_a_week_late_is_the_supervisors_to_look_at_once(world: World) -> None:
    complaint, _ = await settled(world, world.clock.now() + timedelta(days=1))
    reminding = reminders(world)
    for days in (1, 2, 7, 1):
        world.move(days=days)
        await reminding.remind()
        await reminding.remind()
    told = [
        event.data["when"] for event in await world.journal.read(f"complaint/{complaint}") if "Remind" in event.type
    ]
    assert told == ["before", "after", "escalated"]
