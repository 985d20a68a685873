"""A mediation is moved, everybody invited is told once, and reminded the day and the hour before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from complaints.complaint import fold
from complaints.service import ComplaintService
from complaints.state import Complaint
from journal import Actor
from journal.refusals import Refused
from law import WorkingCalendar
from rooms.commands import AskOtherTime, Cancel, ConfirmIdentity, Reschedule
from rooms.session import Session
from rooms.views import ASKED_MOST
from server.complaints.message_store import NewsMessages
from server.complaints.procedure import FollowUp
from server.db.journal import SqlJournal
from server.db.projections import projectors, rebuild
from server.rooms.agenda_store import AppointmentStore
from server.rooms.appointments import AppointmentService, AvailabilityBook
from tests.server.app.office import World


def service(world: World) -> AppointmentService:
    store = AppointmentStore(world.database)

    async def calendar(_office: str) -> WorkingCalendar:
        return WorkingCalendar()

    book = AvailabilityBook(world.journal, store, calendar, world.clock.now)
    return AppointmentService(
        world.complaints,
        world.rooms,
        world.links,
        world.store,
        store,
        book,
        world.seal,
        world.outbox.nudge,
        world.clock.now,
        "zh",
    )


async def texts(world: World, kind: str) -> Sequence[str]:
    await world.outbox.deliver_due()
    return [notice.text for notice in world.phones.received if notice.kind == kind]


async def invited(world: World) -> tuple[str, str, str]:
    """(complaint, session, the consumer's link) of a mediation in three days."""
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now() + timedelta(days=3), [])
    await world.links.issue(world.zhou, session, "business", send=True)
    link = await world.links.issue(world.zhou, session, "consumer", send=True)
    return complaint, session, link.url


async def test_both_sides_are_told_the_new_time_with_the_link_they_have_and_it_stays_good(world: World) -> None:
    complaint, session, url = await invited(world)
    appointments, starts = service(world), world.clock.now() + timedelta(days=8, hours=2)
    await appointments.reschedule(world.zhou, session, starts)
    told = await texts(world, "rescheduled")
    assert len(told) == 2
    assert all("改到7月2日（星期四）11:00" in text for text in told)
    assert any(url in text for text in told)
    world.move(days=8)  # the link would have ended on the fourth day
    assert (await world.links.look(url.rsplit("/", 1)[1])).seat.id == "consumer"
    state = fold(await world.journal.read(f"complaint/{complaint}"))
    assert state is not None
    assert state.appointments[session].starts == starts
    (row,) = await AppointmentStore(world.database).between(world.zhou, starts, starts + timedelta(days=1))
    assert (row.id, row.starts) == (session, starts)
    await rebuild(world.database)
    assert len(await texts(world, "rescheduled")) == 2


async def test_a_complaint_is_not_read_again_before_its_next_reminder_is_due(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, session, _ = await invited(world)
    appointments, read, known = service(world), list[str](), world.complaints.state

    async def noted(complaint: str) -> Complaint:
        read.append(complaint)
        return await known(complaint)

    monkeypatch.setattr(world.complaints, "state", noted)
    world.move(days=2, minutes=5)
    await appointments.remind()
    assert len(await texts(world, "reminder")) == 2
    read.clear()
    await appointments.remind()
    assert read == []
    starts = world.clock.now() + timedelta(hours=20)
    await appointments.reschedule(world.zhou, session, starts)
    read.clear()
    await appointments.remind()  # it begins at another time: looked at anew
    assert read != []


async def test_who_asked_for_another_time_is_told_that_it_stays_and_nobody_else_is(world: World) -> None:
    complaint, session, url = await invited(world)
    appointments, before = service(world), (await world.rooms.state(session)).starts
    await appointments.decline(world.zhou, session, "consumer")
    assert await texts(world, "reminder") == []  # nobody asked
    asker = Actor("party", "consumer", "丁小禾", "consumer", world.zhou.office.id)
    for command in (ConfirmIdentity("code"), AskOtherTime("周四上午")):
        await world.rooms.submit(session, command, asker)
    for _again in range(2):
        await appointments.decline(world.zhou, session, "consumer")
    (told,) = await texts(world, "reminder")
    assert "没能改成" in told
    assert url in told
    state = await world.rooms.state(session)
    assert (state.starts, state.seats["consumer"].wish) == (before, "")
    types = Counter(event.type for event in await world.journal.read(f"complaint/{complaint}"))
    assert types["MediationTimeKept"] == 1


async def test_a_desk_reads_no_more_requests_than_it_shows_and_those_that_were_answered_do_not_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for day in range(ASKED_MOST + 3):
        complaint = await world.register()
        starts = world.clock.now() + timedelta(days=3 + day)
        session = await world.desk.schedule(world.zhou, complaint, starts, [])
        asker = Actor("party", "consumer", "丁小禾", "consumer", world.zhou.office.id)
        for command in (ConfirmIdentity("code"), AskOtherTime("周四上午")):
            await world.rooms.submit(session, command, asker)
        asked.append(session)
    appointments, read, known = service(world), list[str](), world.rooms.state

    async def noted(session: str) -> Session:
        read.append(session)
        return await known(session)

    monkeypatch.setattr(world.rooms, "state", noted)
    assert [row.id for row, _ in await appointments.asked(world.zhou)] == asked[: ASKED_MOST + 1] == read
    monkeypatch.undo()
    await appointments.decline(world.zhou, asked[1], "consumer")
    assert [row.id for row, _ in await appointments.asked(world.zhou)] == [asked[0], *asked[2 : ASKED_MOST + 2]]


async def test_what_a_crash_left_out_is_told_at_the_next_start_and_only_once(world: World) -> None:
    complaint, session, _ = await invited(world)
    starts = world.clock.now() + timedelta(days=5)
    await world.rooms.submit(session, Reschedule(starts, starts + timedelta(hours=12)), world.zhou.actor)
    assert await texts(world, "rescheduled") == []
    for _again in range(2):
        await service(world).catch_up()
    assert len(await texts(world, "rescheduled")) == 2
    types = Counter(event.type for event in await world.journal.read(f"complaint/{complaint}"))
    assert types["MediationRescheduled"] == 1


async def test_everybody_is_reminded_the_day_and_the_hour_before_once_each(world: World) -> None:
    complaint, _, url = await invited(world)
    appointments = service(world)
    await appointments.remind()
    assert await texts(world, "reminder") == []
    world.move(days=2)
    for _again in range(2):
        await appointments.remind()
    day = await texts(world, "reminder")
    assert len(day) == 2
    assert all("就要开始了" in text for text in day)
    assert any(url in text for text in day)
    world.move(hours=23, minutes=5)
    for _again in range(2):
        await appointments.remind()
    assert sum("一小时内" in text for text in await texts(world, "reminder")) == 2
    noted = [
        e.data["when"] for e in await world.journal.read(f"complaint/{complaint}") if e.type == "MediationReminded"
    ]
    assert noted == ["day", "hour"]


async def test_moved_it_is_reminded_of_anew_and_what_was_arranged_within_the_hour_is_not(world: World) -> None:
    _, session, _ = await invited(world)
    appointments = service(world)
    world.move(days=2)
    await appointments.remind()
    await appointments.reschedule(world.zhou, session, world.clock.now() + timedelta(days=4))
    world.move(days=3)
    await appointments.remind()
    assert len(await texts(world, "reminder")) == 4
    await appointments.reschedule(world.zhou, session, world.clock.now() + timedelta(minutes=40))
    await appointments.remind()
    assert len(await texts(world, "reminder")) == 4


async def test_a_session_that_was_moved_and_is_off_tells_both_of_the_time_it_had(world: World) -> None:
    _, session, _ = await invited(world)
    starts = world.clock.now() + timedelta(days=8, hours=2)
    await service(world).reschedule(world.zhou, session, starts)
    await world.rooms.submit(session, Cancel("双方和解"), world.zhou.actor)
    news = NewsMessages(world.seal, "https://tiaojie.example.cn", "zh")
    complaints = ComplaintService(SqlJournal(world.database, projectors(news)), world.seal, world.clock.now)

    async def nothing() -> list[str]:
        return []

    await FollowUp(complaints, world.rooms, lambda: world.journal.follow(["session"]), nothing).follow(session)
    told = await texts(world, "cancelled")
    assert len(told) == 2
    assert all("原定7月2日（星期四）11:00的调解" in text for text in told)
    sent = await AppointmentStore(world.database).sent(session)
    kinds = {number: [one.kind for one in shown] for number, shown in sent.items()}
    assert all(set(each) == {"cancelled", "rescheduled", "link"} for each in kinds.values())


async def test_another_offices_session_is_not_there_and_a_time_gone_by_is_refused(world: World) -> None:
    _, session, _ = await invited(world)
    with pytest.raises(Refused, match="not_found"):
        await service(world).reschedule(world.other, session, world.clock.now() + timedelta(days=1))
    with pytest.raises(Refused, match="bad_value"):
        await service(world).reschedule(world.zhou, session, world.clock.now() - timedelta(days=1))


async def test_a_mediator_sets_their_own_hours_and_not_those_of_the_office(world: World) -> None:
    book, hours = service(world).book, (((600, 660),),) * 5 + ((),) * 2
    with pytest.raises(Refused, match="not_allowed"):
        await book.set_hours(world.zhou, hours, office=True)
    with pytest.raises(Refused, match="not_allowed"):
        await book.set_hours(replace(world.zhou, role="supervisor"), hours, office=False)
    assert (await book.of_office(world.zhou.office.id)).hours is None
    assert (await book.of_officer(world.zhou.id)).hours is None


async def test_a_diary_has_own_hours_before_the_offices_and_forgets_an_absence_taken_back(world: World) -> None:
    book, zhou = service(world).book, world.zhou
    office = (((600, 660),),) * 5 + ((),) * 2
    await book.set_hours(replace(zhou, id="luo", role="supervisor"), office, office=True)
    free = (await book.diary(zhou.id, zhou.office, world.clock.now())).free(world.clock.now(), 2)
    assert [(one.hour, one.minute) for one in free] == [(2, 0), (2, 30)]  # a Wednesday's, in UTC; notice is two hours
    own = (((840, 900),),) * 5 + ((),) * 2
    await book.set_hours(zhou, own, office=False)
    diary = await book.diary(zhou.id, zhou.office, world.clock.now())
    assert diary.hours == own
    first = diary.free(world.clock.now(), 1)[0]
    await book.enter_absence(zhou, first - timedelta(hours=1), first + timedelta(hours=3), "培训")
    assert (await book.diary(zhou.id, zhou.office, world.clock.now())).free(world.clock.now(), 1)[0] > first
    (away,) = (await book.of_officer(zhou.id)).absences
    await book.withdraw_absence(zhou, away.id)
    assert (await book.diary(zhou.id, zhou.office, world.clock.now())).free(world.clock.now(), 1)[0] == first
    with pytest.raises(Refused, match="not_found"):
        await book.withdraw_absence(zhou, away.id)
