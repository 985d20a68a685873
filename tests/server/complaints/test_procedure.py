"""Steps of the procedure at the desk: whose they are, which offices, what follows in the rooms, the board, holidays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from complaints import procedure as p
from complaints.commands import Accept
from complaints.complaint import local_day, running
from complaints.notices import NoticeKind
from complaints.notices.messages import NoteTold
from complaints.state import ComplaintState
from complaints.views import OrdersInUse
from journal.refusals import Refused, Suspended
from law import ORDER_20, ORDER_121, OrderRule, StatutoryOrder, WorkingCalendar, accept_by, mediate_by
from law.deadlines import HolidayNotice, read_holiday_notice
from offices import Office, Officer
from rooms.commands import Arrive, EndRecess, GoApart, MoveEnd, OpenRoom, PutFact, Say
from rooms.live.registry import Rooms
from rooms.vocabulary import Status
from server.complaints.office_store import working_calendar
from server.complaints.officer_store import MOST_LATE
from server.complaints.procedure import FollowUp, ProcedureService
from server.complaints.service import OfficeComplaints
from server.complaints.store import SqlReads
from server.db.projections import rebuild
from server.db.schema import complaint_facts
from server.documents import written
from server.documents.facts import DocumentCase, Given, articles, facts
from server.identity.offices import HolidayService
from server.rooms.service import RoomContextReader
from server.rooms.store import unfollowed_sessions
from tests.server.app.office import FIRST, PASSWORD, SECOND, NoMedia, World

TEXT = "2027-02-05..2027-02-11 春节\n2027-02-20 班"


def desk(world: World) -> ProcedureService:
    return ProcedureService(world.complaints, world.rooms, world.store, world.database, world.clock.now)


def reads(world: World) -> SqlReads:
    return SqlReads(world.database, world.rooms, Path(), world.clock.now)


async def supervisor(world: World, *overseen: str) -> Officer:
    administrator = replace(world.zhou, role="administrator")
    made = await world.officers.add_officer(administrator, "luo", "罗建国", "supervisor", PASSWORD)
    await world.store.oversee(made.id, overseen)
    return made


async def intake(world: World) -> Officer:
    """A mediator of a unit that dispatches."""
    unit = Office("intake", "投诉举报中心", "中心", "027-00001200", "东高投", intake=True)
    await world.store.add_office(unit)
    return Officer("he", "he", "何静", "mediator", unit, totp=False)


async def state(world: World, complaint: str) -> ComplaintState:
    return (await world.complaints.state(complaint)).state


async def test_another_offices_complaint_is_not_there(world: World) -> None:
    complaint = await world.register()
    with pytest.raises(Refused) as no:
        await desk(world).ask(world.other, complaint, p.RaiseCompetence("一所", "经营地"))
    assert (no.value.code, no.value.status) == ("not_found", 404)


async def test_a_step_is_asked_by_the_role_whose_it_is(world: World) -> None:
    complaint = await world.register()
    with pytest.raises(Refused) as no:
        await desk(world).ask(world.zhou, complaint, p.ChooseOrder("20", "登记晚了"))
    assert (no.value.code, no.value.status) == ("not_allowed", 403)
    await desk(world).ask(await supervisor(world), complaint, p.ChooseOrder("20", "登记晚了"))
    assert (await world.complaints.state(complaint)).record.order == "20"
    last = (await world.journal.read(f"complaint/{complaint}"))[-1]
    assert (last.type, last.actor.name, last.data["before"]) == ("OrderChosen", "罗建国", "121")


async def test_a_supervisor_reaches_the_offices_they_oversee_and_no_other(world: World) -> None:
    theirs = await world.register(world.other)
    luo = await supervisor(world)
    with pytest.raises(Refused):
        await desk(world).ask(luo, theirs, p.Supervise("请报进展"))
    await world.store.oversee(luo.id, [SECOND.id])
    await desk(world).ask(luo, theirs, p.Supervise("请报进展"))


async def test_time_being_up_is_no_ground_before_it_is(world: World) -> None:
    complaint = await world.register()
    await world.desk.accept(world.zhou, complaint)
    with pytest.raises(Refused, match="too_early"):
        await desk(world).ask(world.zhou, complaint, p.EndMediation(5))
    world.move(days=60)  # its last day, on which they may still agree
    with pytest.raises(Refused, match="too_early"):
        await desk(world).ask(world.zhou, complaint, p.EndMediation(5))
    world.move(days=1)
    await desk(world).ask(world.zhou, complaint, p.EndMediation(5))
    assert await state(world, complaint) is ComplaintState.ENDED


async def test_ending_it_cancels_what_was_arranged_but_not_what_is_under_way(world: World) -> None:
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now() + timedelta(days=2), [])
    await desk(world).ask(world.zhou, complaint, p.EndMediation(1, "投诉人撤回"))
    assert (await world.rooms.state(session)).status is Status.CANCELLED
    follow = FollowUp(
        world.complaints,
        world.rooms,
        lambda: world.journal.follow(["session"]),
        lambda: unfollowed_sessions(world.database),
    )
    await follow.follow(session)
    assert await state(world, complaint) is ComplaintState.ENDED

    live = await world.session()
    await world.rooms.submit(live, Arrive(), world.zhou.actor)
    with pytest.raises(Refused, match="session_open"):
        await desk(world).ask(world.zhou, (await world.rooms.state(live)).complaint, p.EndMediation(1))


async def test_a_request_for_recusal_interrupts_the_session_until_it_is_decided(world: World) -> None:
    rooms = Rooms(
        world.journal,
        NoMedia(),
        world.clock,
        RoomContextReader(world.complaints, world.store, partial(working_calendar, world.database)),
    )
    await rooms.start()
    session = await OfficeComplaints(world.complaints, rooms).schedule(
        world.zhou, await world.register(), world.clock.now(), []
    )
    steps = ProcedureService(world.complaints, rooms, world.store, world.database, world.clock.now)
    await rooms.submit(session, Arrive(), world.zhou.actor)
    complaint = (await rooms.state(session)).complaint
    await steps.ask(world.zhou, complaint, p.RequestRecusal("consumer", world.zhou.id, "是商家的亲戚"))
    assert (await rooms.state(session)).status is Status.RECESS
    with pytest.raises(Suspended):
        await rooms.submit(session, EndRecess(), world.zhou.actor)
    luo = await supervisor(world)
    await steps.ask(luo, complaint, p.DecideRecusal(granted=False, reason="查无此事"))
    await rooms.submit(session, EndRecess(), world.zhou.actor)
    assert (await rooms.state(session)).status is Status.LIVE
    await steps.ask(world.zhou, complaint, p.RequestRecusal("business", world.zhou.id, "同学"))
    await steps.ask(luo, complaint, p.DecideRecusal(granted=True, reason="属实"))
    with pytest.raises(Suspended):  # whoever was recused does not go on
        await rooms.submit(session, EndRecess(), world.zhou.actor)
    await rooms.stop()


async def test_nobody_writes_in_their_own_time_while_a_request_for_recusal_is_undecided(world: World) -> None:
    reader = RoomContextReader(world.complaints, world.store, partial(working_calendar, world.database))
    rooms = Rooms(world.journal, NoMedia(), world.clock, reader)
    await rooms.start()
    office = OfficeComplaints(world.complaints, rooms)
    session = await office.schedule(world.zhou, await world.register(), world.clock.now(), [])
    complaint, until = (await rooms.state(session)).complaint, world.clock.now() + timedelta(days=7)
    steps = ProcedureService(world.complaints, rooms, world.store, world.database, world.clock.now)
    await rooms.submit(session, GoApart(until, until + timedelta(days=7)), world.zhou.actor)
    await rooms.submit(session, Say("请各自说明"), world.zhou.actor)
    await steps.ask(world.zhou, complaint, p.RequestRecusal("consumer", world.zhou.id, "是商家的亲戚"))
    for command in (Say("继续"), PutFact(text="已付三千元"), OpenRoom()):
        with pytest.raises(Suspended):
            await rooms.submit(session, command, world.zhou.actor)
    await rooms.submit(session, MoveEnd(until + timedelta(days=1), until + timedelta(days=8)), world.zhou.actor)
    read = await rooms.read_lines(session, (await rooms.state(session)).mediator_seat)
    assert [line["text"] for line in read] == ["请各自说明"]
    await steps.ask(await supervisor(world), complaint, p.DecideRecusal(granted=False, reason="查无此事"))
    await rooms.submit(session, Say("继续"), world.zhou.actor)
    await rooms.stop()


async def test_a_recused_mediators_arranged_session_is_cancelled(world: World) -> None:
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now() + timedelta(days=2), [])
    await desk(world).ask(world.zhou, complaint, p.RequestRecusal("business", world.zhou.id, "同学"))
    await desk(world).ask(await supervisor(world), complaint, p.DecideRecusal(granted=True, reason="属实"))
    assert (await world.rooms.state(session)).status is Status.CANCELLED


async def test_a_dispatched_complaint_is_seen_by_the_office_that_has_it_and_by_no_other(world: World) -> None:
    he, steps = await intake(world), desk(world)
    complaint = await world.register(he)
    read = reads(world)
    assert ("office-1", "东湖高新区市场监管一所") in (await read.complaint(he, complaint)).procedure.offices
    await steps.ask(he, complaint, p.Dispatch("office-1", "经营地在一所辖区"))
    for officer, sees in ((world.zhou, True), (he, False), (world.other, False)):
        try:
            await read.complaint(officer, complaint)
        except Refused:
            assert not sees
        else:
            assert sees
    number = (await world.complaints.state(complaint)).record.number
    assert number.startswith("东高投")  # one number, wherever it goes
    with pytest.raises(Refused):  # never sideways (Art 41)
        await steps.ask(world.zhou, complaint, p.Dispatch("office-2"))
    await steps.ask(world.zhou, complaint, p.ReturnToIntake("注册地在外区"))
    assert (await read.complaint(he, complaint)).row.number == number


async def test_the_receiving_office_has_its_own_seven_working_days_as_the_dispatch_notice_says(world: World) -> None:
    he, steps = await intake(world), desk(world)
    complaint = await world.register(he)
    before = (await reads(world).complaint(he, complaint)).row.deadline
    world.move(days=9)
    await steps.ask(he, complaint, p.Dispatch("office-1", "经营地在一所辖区"))
    row = (await reads(world).complaint(world.zhou, complaint)).row
    here = local_day(world.clock.now(), world.zhou.office.zone)
    assert row.deadline is not None
    assert before is not None
    assert (row.deadline.start, row.deadline.due) == (here, accept_by(here, ORDER_121, WorkingCalendar()).due)
    assert row.deadline.due > before.due


async def test_within_one_bureau_the_period_runs_on_from_when_the_bureau_received_it(world: World) -> None:
    """Order 121 Art 41: a body of the same bureau decides in its name, and the bureau has received it already."""
    bureau = "东湖高新区市场监督管理局"
    unit = Office("intake", "投诉举报中心", "中心", "027-00001200", "东高投", intake=True, authority=bureau)
    for office in (unit, Office("office-3", "市场监管三所", "三所", "027-00001203", "东高三投", authority=bureau)):
        await world.store.add_office(office)
    he = Officer("he", "he", "何静", "mediator", unit, totp=False)
    complaint = await world.register(he)
    before = (await reads(world).complaint(he, complaint)).row.deadline
    world.move(days=5)
    await desk(world).ask(he, complaint, p.Dispatch("office-3"))
    after = running(await world.complaints.state(complaint), unit.zone)
    assert after is not None
    assert before is not None
    assert (after.start, after.due) == (before.start, before.due)


@pytest.mark.parametrize(
    ("within", "said"),
    [
        (False, "由江岸区市场监督管理局自收到投诉之日起七个工作日内决定"),
        (True, "由江岸区市场监督管理局以本机关名义，自本机关收到投诉之日（2026年6月"),
    ],
)
async def test_the_dispatch_notice_counts_from_where_the_clock_does(world: World, within: bool, said: str) -> None:
    complaint = await world.register()
    entries = await world.journal.read(f"complaint/{complaint}")
    given = Given(receiver="江岸区市场监督管理局", within=within)
    case = DocumentCase(await world.complaints.state(complaint), entries, world.zhou.office, "周敏", given=given)
    sheet = written("dispatch", "121", facts("dispatch", case, "zh"), None, date(2026, 6, 24), "1号")
    told = [block.text for block in sheet.blocks if "七个工作日" in block.text]
    assert len(told) == 1
    assert said in told[0]


async def test_complaints_under_way_fall_under_the_newer_order_where_procedure_follows_it(world: World) -> None:
    """Their notices cite it and statistics count by it; nothing moves by the other rule."""
    luo, steps = await supervisor(world), desk(world)
    complaint = await world.register()
    await steps.ask(luo, complaint, p.ChooseOrder("20", "4月10日已经收到"))
    await world.complaints.submit(complaint, Accept(), world.zhou.actor)
    assert await steps.orders(luo) == OrdersInUse(OrderRule.RECEIPT, 1)
    with pytest.raises(Refused, match="wrong_state"):
        await steps.apply_order(luo, "程序从新")
    world.complaints.order_rule = OrderRule.PROCEDURE
    with pytest.raises(Refused, match="not_allowed"):
        await steps.apply_order(world.zhou, "程序从新")
    before = await cited(world, complaint), await mediate_due(world, complaint)
    assert before == ("order-20/14", by(ORDER_20, world))
    assert await steps.apply_order(luo, "程序从新") == (1, 0)
    after = await cited(world, complaint), await mediate_due(world, complaint)
    assert after == ("order-121/15", by(ORDER_121, world))
    assert await steps.orders(luo) == OrdersInUse(OrderRule.PROCEDURE, 0)
    newest = (await world.journal.read(f"complaint/{complaint}"))[-1]
    assert (newest.type, newest.actor.name, newest.data["reason"]) == ("OrderChosen", "罗建国", "程序从新")


async def cited(world: World, complaint: str) -> str:
    """The first article an acceptance notice rests on."""
    entries = await world.journal.read(f"complaint/{complaint}")
    case = DocumentCase(await world.complaints.state(complaint), entries, world.zhou.office, "周敏")
    return articles(NoticeKind.ACCEPTANCE, case)[0]


async def mediate_due(world: World, complaint: str) -> date:
    wanted = select(complaint_facts.c.mediate_due).where(complaint_facts.c.id == complaint)
    async with world.database.read() as connection:
        due: date = (await connection.execute(wanted)).scalar_one()
    return due


def by(order: StatutoryOrder, world: World) -> date:
    return mediate_by(local_day(world.clock.now(), world.zhou.office.zone), order, WorkingCalendar()).due


async def test_only_the_intake_unit_dispatches_and_only_to_an_office_there_is(world: World) -> None:
    complaint = await world.register()
    with pytest.raises(Refused, match="not_allowed"):
        await desk(world).ask(world.zhou, complaint, p.Dispatch("office-2"))
    he = await intake(world)
    with pytest.raises(Refused, match="bad_choice"):
        await desk(world).ask(he, await world.register(he), p.Dispatch("nowhere"))


async def test_the_board_has_what_is_late_today_and_soon_by_clock(world: World) -> None:
    late = await world.register()  # received four days before 24 June 2026: due on 30 June
    await desk(world).ask(world.zhou, late, p.RaiseCompetence("二所", "经营地"))  # until 3 July
    await world.register(world.other)
    steps, zhou = desk(world), world.zhou

    async def seen(day: int, clock: str = "") -> dict[str, list[str]]:
        board = await steps.board(zhou, clock, world.clock.now() + timedelta(days=day))
        return {
            name: [row.deadline.code for row in getattr(board, name)]
            for name in ("late", "today", "soon")
            if getattr(board, name)
        }

    due = (await steps.board(zhou, "", world.clock.now() + timedelta(days=5))).soon[0].deadline
    assert due.due == date(2026, 6, 30)
    assert due.days[-1] == (due.due, "7", True)
    assert await seen(0) == {}
    assert await seen(6) == {"today": ["accept"], "soon": ["competence"]}
    assert await seen(10) == {"late": ["accept", "competence"]}
    assert await seen(10, "competence") == {"late": ["competence"]}
    board = await steps.board(zhou, "", world.clock.now() + timedelta(days=10))
    assert board.counts == {"accept": (1, 0, 0), "competence": (1, 0, 0)}
    await rebuild(world.database)
    assert (await steps.board(zhou, "", world.clock.now() + timedelta(days=10))) == board
    await steps.ask(zhou, late, p.SettleCompetence("agreed", ours=True))
    assert await seen(10) == {"late": ["accept"]}


async def test_however_many_are_late_what_is_due_soon_is_there_and_all_are_counted(world: World) -> None:
    for _ in range(MOST_LATE + 2):
        await world.register()
    world.move(days=30)
    await world.register()
    board = await desk(world).board(world.zhou, "", world.clock.now() + timedelta(days=4))
    assert (len(board.late), len(board.today), len(board.soon)) == (MOST_LATE, 0, 1)
    assert board.counts == {"accept": (MOST_LATE + 2, 0, 1)}


async def test_what_is_being_tested_is_due_on_no_day(world: World) -> None:
    complaint = await world.register()
    await world.desk.accept(world.zhou, complaint)
    told = NoteTold("acceptance", ("consumer",), "phone", world.clock.now(), "丁小禾", "周敏")
    await world.desk.told(world.zhou, complaint, told)
    await desk(world).ask(world.zhou, complaint, p.BeginTesting("省质检院"))
    board = await desk(world).board(world.zhou, "", world.clock.now() + timedelta(days=90))
    assert [*board.late, *board.today, *board.soon] == []
    (still,) = board.standing
    assert (still.deadline.standing, still.deadline.left) == (True, 60)
    world.move(days=10)
    await desk(world).ask(world.zhou, complaint, p.EndTesting("合格"))
    page = await reads(world).complaint(world.zhou, complaint)
    assert page.deadlines[1].due == date(2026, 9, 2)  # 60 days from 24 June, and ten
    assert sum(label == "检测鉴定" for _, label, _ in page.deadlines[1].days) == 10


async def test_an_entered_notice_dates_the_offices_open_complaints_anew_and_no_others(world: World) -> None:
    world.move(days=225)  # 4 February 2027; received four days before
    ours, theirs = await world.register(), await world.register(world.other)
    holidays = HolidayService(world.database, world.journal, world.clock.now)
    he = replace(world.zhou, role="administrator")
    read_model = reads(world)

    async def accept(officer: Officer, complaint: str) -> tuple[date, bool]:
        clock = (await read_model.complaint(officer, complaint)).deadlines[0]
        return clock.due, clock.estimated

    before, other = await accept(world.zhou, ours), await accept(world.other, theirs)
    assert before[1]
    notice = read_holiday_notice(TEXT, 2027)
    assert await holidays.enter(he, notice) == 1
    assert await accept(world.zhou, ours) == (date(2027, 2, 16), False)
    assert await accept(world.other, theirs) == other
    assert [(year.notice, year.by) for year in await holidays.years(he)] == [(notice, "周敏")]
    await rebuild(world.database)
    assert await accept(world.zhou, ours) == (date(2027, 2, 16), False)
    assert await holidays.withdraw(he, 2027) == 1
    assert await accept(world.zhou, ours) == before
    with pytest.raises(Refused):
        await holidays.withdraw(he, 2027)
    with pytest.raises(Refused):
        await holidays.enter(world.zhou, HolidayNotice(2027, ()))


async def test_a_unit_below_a_citys_bureau_dispatches_within_that_city_and_to_no_other(world: World) -> None:
    city = replace(FIRST, id="wuhan", name="武汉市局", short="武汉市局", number_prefix="武投", level="city")
    await world.store.add_office(city)
    unit = replace(FIRST, intake=True, superior="wuhan")
    await world.store.change_offices([unit])
    officer, complaint = replace(world.zhou, office=unit), await world.register()
    with pytest.raises(Refused, match="bad_choice"):
        await desk(world).ask(officer, complaint, p.Dispatch(SECOND.id))
    await world.store.change_offices([replace(SECOND, superior="wuhan")])
    await desk(world).ask(officer, complaint, p.Dispatch(SECOND.id))
    assert (await world.complaints.state(complaint)).record.office == SECOND.id
