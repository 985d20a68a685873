"""Reports registered by themselves: who sees them, when they are due, how they are joined, counted; consultations."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from complaints.consultations import AnswerConsultation, CloseConsultation, ConsultationService
from complaints.leads import (
    REPORT,
    BeginLeadTesting,
    DecideLead,
    DisputeCompetence,
    EndLeadTesting,
    LeadService,
    NewConsultation,
    NewReport,
    ReportFilter,
    SupplementReport,
    TellInformant,
    WithdrawLead,
)
from journal.refusals import Refused
from server.app.topics import report_names
from server.complaints.procedure import ProcedureService
from server.db.projections import rebuild
from server.db.schema import complaint_facts, complaints
from server.leads import report_store
from server.leads.reports import OfficeConsultations, ReportService
from server.oversight.act_store import ActStore
from tests.server.app.office import SECOND, World
from tests.server.documents.pdf import text_of
from tests.server.documents.test_press import PRESS
from tests.server.leads.test_lead_desk import colleague, desk, pointed
from tests.web.client import told

TODAY = date(2026, 6, 24)
YEAR = ReportFilter(date(2026, 1, 1), date(2026, 12, 31))


def reports(world: World) -> ReportService:
    now = world.clock.now
    return ReportService(LeadService(world.journal, now), world.database, world.seal, PRESS, report_names(), now)


def consultations(world: World) -> OfficeConsultations:
    return OfficeConsultations(ConsultationService(world.journal, world.clock.now), world.database, world.seal)


def procedure(world: World) -> ProcedureService:
    return ProcedureService(world.complaints, world.rooms, world.store, world.database, world.clock.now)


def reported(world: World, key: str = "k1", **changes: object) -> NewReport:
    new = NewReport(
        key=key,
        channel="window",
        mode="visit",
        received=world.clock.now(),
        title="无照经营",
        content="门店未办理营业执照，6月20日仍在营业。",
        about="甲健身馆",
        place="珞喻路1号",
        informant="丁小禾",
        phone="138 0000 5076",
        real_name=True,
    )
    return replace(new, **changes)  # type: ignore[arg-type]


# ---------------------------------------------------------------- registered, behind the wall


async def test_who_takes_a_report_in_is_given_its_number_and_reads_no_more_of_it(world: World) -> None:
    lead, number = await reports(world).register(world.zhou, reported(world))
    assert number == "东高一投举〔2026〕0001号"
    with pytest.raises(Refused, match="not_allowed"):
        await reports(world).reports(world.zhou, YEAR)
    board = await procedure(world).board(world.zhou, "", world.clock.now() + timedelta(days=60))
    assert [*board.late, *board.today, *board.soon] == []
    inspector = await colleague(world, "cha", "inspector")
    ((row,), total) = await reports(world).reports(inspector, YEAR)
    assert (row.id, row.number, total, row.informant) == (lead, number, 1, "named")
    page = await desk(world).lead(inspector, lead)
    assert page.deadline.start == TODAY
    assert "第三十五条" in page.deadline.article
    assert "13800005076" not in told(str(page))


async def test_a_form_sent_twice_registers_one_report_under_one_number(world: World) -> None:
    first = await reports(world).register(world.zhou, reported(world))
    assert await reports(world).register(world.zhou, reported(world)) == first
    _, second = await reports(world).register(world.zhou, reported(world, "k2"))
    assert second == "东高一投举〔2026〕0002号"


async def test_neither_supervisor_nor_administrator_registers_a_report(world: World) -> None:
    for role in ("supervisor", "administrator"):
        with pytest.raises(Refused, match="not_allowed"):
            await reports(world).register(await colleague(world, role, role), reported(world))


async def test_another_office_sees_nothing_of_it(world: World) -> None:
    await reports(world).register(world.zhou, reported(world))
    inspector = replace(await colleague(world, "cha", "inspector"), office=SECOND)
    assert await reports(world).reports(inspector, YEAR) == ([], 0)
    assert (await reports(world).figures(inspector, YEAR)).received == 0


async def test_the_credit_code_of_who_is_reported_is_on_file_in_full_as_a_complaint_has_it(world: World) -> None:
    lead, _ = await reports(world).register(world.zhou, reported(world, credit_code="91350100M000100Y43"))
    opened = (await desk(world).lead(await colleague(world, "cha", "inspector"), lead)).lead.opened
    assert opened.report is not None
    assert opened.report.credit_code == "91350100M000100Y43"


async def test_what_is_wrong_with_a_report_is_said_and_uses_no_number(world: World) -> None:
    for code, changes in (
        ("missing", {"content": " "}),
        ("bad_phone", {"phone": "12"}),
        ("bad_check", {"credit_code": "91420100000000000X"}),
        ("bad_choice", {"subject": "weather"}),
        ("missing", {"informant": ""}),
        ("too_long", {"title": "长" * 121}),
    ):
        with pytest.raises(Refused, match=code):
            await reports(world).register(world.zhou, reported(world, **changes))
    assert (await reports(world).register(world.zhou, reported(world)))[1] == "东高一投举〔2026〕0001号"


async def test_nothing_but_a_desk_of_its_own_joins_or_supplements_a_report(world: World) -> None:
    lead, _ = await reports(world).register(world.zhou, reported(world))
    with pytest.raises(Refused, match="not_allowed"):
        await desk(world).ask(await colleague(world, "cha", "inspector"), lead, SupplementReport("更多"))


# ---------------------------------------------------------------- on paper


async def test_only_who_reads_reports_prints_them_and_each_their_own_offices(world: World) -> None:
    lead, _ = await reports(world).register(world.zhou, reported(world))
    for role in ("mediator", "administrator"):
        officer = await colleague(world, f"a-{role}", role)
        for asked in (reports(world).book(officer, YEAR), reports(world).form(officer, lead)):
            with pytest.raises(Refused, match="not_allowed"):
                await asked
    elsewhere = replace(await colleague(world, "cha", "inspector"), office=SECOND)
    assert "共0件" in text_of((await reports(world).book(elsewhere, YEAR)).content)
    with pytest.raises(Refused, match="not_found"):
        await reports(world).form(elsewhere, lead)


async def test_a_printed_register_holds_all_its_pages_list_and_says_so_where_that_is_too_much(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cha = await colleague(world, "cha", "inspector")
    for n in range(3):
        await reports(world).register(world.zhou, reported(world, f"k{n}"))
    monkeypatch.setattr(report_store, "MOST_PRINTED", 3)
    printed = text_of((await reports(world).book(cha, YEAR)).content)
    assert all(f"东高一投举〔2026〕000{n}号" in re.sub(r"\s", "", printed) for n in (1, 2, 3))
    monkeypatch.setattr(report_store, "MOST_PRINTED", 2)
    with pytest.raises(Refused, match="too_many") as no:
        await reports(world).book(cha, YEAR)
    assert no.value.params == {"most": 2}


async def test_a_saved_register_is_what_the_list_has_and_says_where_it_is_cut(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cha = await colleague(world, "cha", "inspector")
    for n in range(3):
        await reports(world).register(world.zhou, reported(world, f"k{n}"))
    listed, _ = await reports(world).reports(cha, YEAR)
    assert await reports(world).saved(cha, YEAR) == (listed, False)
    monkeypatch.setattr(report_store, "MOST_SAVED", 2)
    assert await reports(world).saved(cha, YEAR) == (listed[:2], True)
    elsewhere = replace(await colleague(world, "cha2", "inspector"), office=SECOND)
    assert await reports(world).saved(elsewhere, YEAR) == ([], False)
    with pytest.raises(Refused, match="not_allowed"):
        await reports(world).saved(world.zhou, YEAR)


async def test_no_register_form_is_printed_of_a_lead_that_nobody_reported(world: World) -> None:
    complaint = await world.register()
    cha = await colleague(world, "cha", "inspector")
    lead = await desk(world).open(cha, pointed(complaint))
    with pytest.raises(Refused, match="not_found"):
        await reports(world).form(cha, lead)


# ---------------------------------------------------------------- due


async def test_an_inspector_s_desk_has_its_dates_with_reasons_and_what_stands_still(world: World) -> None:
    cha = await colleague(world, "cha", "inspector")
    lead, _ = await reports(world).register(world.zhou, reported(world))
    await desk(world).ask(cha, lead, DisputeCompetence(TODAY, "西湖区局", "行为发生地", TODAY))
    board = await procedure(world).board(cha, "", world.clock.now() + timedelta(days=60))
    assert sorted(row.deadline.code for row in board.late) == ["competence", "verify"]
    await desk(world).ask(cha, lead, BeginLeadTesting(TODAY, "testing", "省质检院", TODAY))
    board = await procedure(world).board(cha, "", world.clock.now() + timedelta(days=60))
    assert [row.deadline.code for row in board.late] == ["competence"]
    assert [(row.id, row.deadline.standing) for row in board.standing] == [(lead, True)]
    assert [row.id for row in (await procedure(world).board(world.zhou, "", world.clock.now())).standing] == []
    await desk(world).ask(cha, lead, EndLeadTesting(TODAY, TODAY))
    assert (await procedure(world).board(cha, "", world.clock.now())).standing == []


async def test_an_older_report_by_name_is_on_the_board_until_the_informant_was_told_of_the_filing(world: World) -> None:
    cha = await colleague(world, "cha", "inspector")
    spring = world.clock.now() - timedelta(days=80)  # under Order 20
    lead, _ = await reports(world).register(world.zhou, reported(world, received=spring))
    await desk(world).ask(cha, lead, DecideLead("case", "", "陆平", competence="25"))
    board = await procedure(world).board(cha, "tell_filing", world.clock.now() + timedelta(days=5))
    assert [row.id for row in [*board.late, *board.today, *board.soon]] == [lead]
    await rebuild(world.database)
    await desk(world).ask(cha, lead, TellInformant(TODAY, "decision", "phone", "已立案", TODAY))
    board = await procedure(world).board(cha, "tell_filing", world.clock.now() + timedelta(days=5))
    assert [*board.late, *board.today, *board.soon] == []


# ---------------------------------------------------------------- Order 121 Art 35


async def test_a_repeated_report_is_found_by_its_informant_and_joined_to_the_earlier_one(world: World) -> None:
    cha = await colleague(world, "cha", "inspector")
    first, number = await reports(world).register(world.zhou, reported(world))
    world.move(days=9)
    second, _ = await reports(world).register(world.zhou, reported(world, "k2", content="并且伪造检验报告。"))
    page = await desk(world).lead(cha, second)
    assert [row.number for row in page.earlier] == [number]
    await reports(world).join(cha, second, number, "facts")
    earlier, later = await desk(world).lead(cha, first), await desk(world).lead(cha, second)
    assert (earlier.deadline.start, later.lead.state) == (date(2026, 7, 3), "joined")
    assert (await reports(world).figures(cha, YEAR)).joined == 1
    await reports(world).separate(cha, second, "不是同一违法事实")
    assert (await desk(world).lead(cha, first)).deadline.start == TODAY
    assert (await desk(world).lead(cha, second)).lead.state == "open"


async def test_somebody_else_s_report_or_an_unknown_number_joins_nothing(world: World) -> None:
    cha = await colleague(world, "cha", "inspector")
    first, number = await reports(world).register(world.zhou, reported(world))
    other, _ = await reports(world).register(world.zhou, reported(world, "k2", phone="13900001111", informant="陈一"))
    assert (await desk(world).lead(cha, other)).earlier == []
    with pytest.raises(Refused, match="bad_choice"):
        await reports(world).join(cha, other, number, "repeat")
    with pytest.raises(Refused, match="not_found"):
        await reports(world).join(cha, other, "东高一投举〔2026〕0099号", "repeat")
    assert (await desk(world).lead(cha, first)).lead.joins == ()


async def test_a_report_split_off_a_complaint_is_in_the_register_and_found_as_the_earlier_one(world: World) -> None:
    cha = await colleague(world, "cha", "inspector")
    await desk(world).hand_on(world.zhou, await world.register(), REPORT, "虚构原价", "标注的原价从未成交")
    ((split,), _) = await reports(world).reports(cha, YEAR)
    assert (split.informant, split.number) == ("named", "东高一投举〔2026〕0001号")
    lead, _ = await reports(world).register(world.zhou, reported(world))
    assert [row.id for row in (await desk(world).lead(cha, lead)).earlier] == [split.id]


# ---------------------------------------------------------------- counted


async def test_the_register_counts_what_was_received_filed_and_decided_in_time(world: World) -> None:
    cha, supervisor = await colleague(world, "cha", "inspector"), await colleague(world, "luping", "supervisor")
    made = [(await reports(world).register(world.zhou, reported(world, f"k{n}")))[0] for n in range(4)]
    nobody = reported(world, "k9", informant="", phone="", real_name=False, channel="12315")
    await reports(world).register(world.zhou, nobody)
    await desk(world).ask(cha, made[0], DecideLead("case", "", "陆平", competence="29"))
    await desk(world).ask(supervisor, made[3], WithdrawLead("误登记"))
    world.move(days=30)
    await desk(world).ask(cha, made[1], DecideLead("unfounded", "", "陆平", competence="29"))
    found = await reports(world).figures(cha, YEAR)
    assert (found.received, found.named, found.anonymous, found.open, found.overdue) == (4, 3, 1, 2, 2)
    assert (found.decided, found.filed, found.in_time, found.late) == (2, 1, 1, 1)
    assert found.by_channel == {"window": 3, "12315": 1}
    await rebuild(world.database)
    assert await reports(world).figures(cha, YEAR) == found
    before = ReportFilter(date(2026, 1, 1), TODAY - timedelta(days=1))
    assert (await reports(world).figures(cha, before)).received == 0


# ---------------------------------------------------------------- consultations


def asked(world: World, **changes: object) -> NewConsultation:
    new = NewConsultation(
        "k1", "disclosure", "window", "visit", world.clock.now(), "申请公开抽检结果", "申请公开6月抽检结果", "陈一",
        "13900005678",
    )  # fmt: skip
    return replace(new, **changes)  # type: ignore[arg-type]


async def test_another_body_s_matter_is_registered_answered_and_closed(world: World) -> None:
    service = consultations(world)
    id_ = await service.register(world.zhou, asked(world))
    assert await service.register(world.zhou, asked(world)) == id_
    assert (await service.consultation(world.zhou, id_)).consultation.registered.number == "东高一投询〔2026〕0001号"
    with pytest.raises(Refused, match="wrong_state"):
        await service.ask(world.zhou, id_, CloseConsultation())
    await service.ask(world.zhou, id_, AnswerConsultation(TODAY, "visit", "请向信息公开机构提出", TODAY))
    await service.ask(world.zhou, id_, CloseConsultation())
    ((row,), total) = await service.consultations(world.zhou, "closed", "", 1)
    assert (row.id, row.answered, total) == (id_, TODAY, 1)
    assert await service.counts(world.zhou, TODAY, TODAY) == {"disclosure": (1, 1)}
    await rebuild(world.database)
    assert await service.counts(world.zhou, TODAY, TODAY) == {"disclosure": (1, 1)}


async def test_a_saved_register_of_consultations_is_what_the_list_has_and_says_where_it_is_cut(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = consultations(world)
    for n in range(3):
        await service.register(world.zhou, asked(world, key=f"k{n}"))
    listed, _ = await service.consultations(world.zhou, "", "disclosure", 1)
    assert len(listed) == 3
    assert await service.saved(world.zhou, "", "disclosure") == (listed, False)
    assert await service.saved(world.zhou, "closed", "") == ([], False)
    monkeypatch.setattr(report_store, "MOST_SAVED", 2)
    assert await service.saved(world.zhou, "", "") == (listed[:2], True)
    assert await service.saved(world.other, "", "") == ([], False)
    with pytest.raises(Refused, match="not_allowed"):
        await service.saved(await colleague(world, "cha", "inspector"), "", "")


async def test_inspectors_and_other_offices_see_no_consultation_and_a_full_number_is_shown_for_a_reason(
    world: World,
) -> None:
    service = consultations(world)
    id_ = await service.register(world.zhou, asked(world))
    with pytest.raises(Refused, match="not_found"):
        await service.consultation(world.other, id_)
    with pytest.raises(Refused, match="not_allowed"):
        await service.consultation(await colleague(world, "cha", "inspector"), id_)
    with pytest.raises(Refused, match="missing"):
        await service.person(world.zhou, id_, " ")
    assert await service.person(world.zhou, id_, "回电答复") == ("陈一", "13900005678")
    page = await service.consultation(world.zhou, id_)
    assert [event.type for event in page.history] == ["ConsultationRegistered", "PersonRevealed"]
    assert (
        await ActStore(world.database).count(world.zhou.id, "unmasked", world.clock.now() - timedelta(hours=1)) == 1
    ), "a look of the day"
    assert "13900005678" not in str(page)


async def test_a_consultation_is_in_no_figure_of_complaints(world: World) -> None:
    await consultations(world).register(world.zhou, asked(world))
    async with world.database.read() as connection:
        for table in (complaints, complaint_facts):
            assert (await connection.execute(select(func.count()).select_from(table))).scalar_one() == 0
