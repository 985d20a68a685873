"""A report split off and a sign of an offence: their own stream and clock, and the wall around who reported what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from complaints import NotAllowed
from complaints.leads import (
    MEDIATION,
    PROFILE,
    REPORT,
    SPOT,
    AssignLead,
    DecideLead,
    DetachRecord,
    ExtendVerification,
    LeadNumbers,
    LeadService,
    NewLead,
    NoteAction,
    OpenLead,
    TakeBackLeadNote,
    TellInformant,
    WithdrawLead,
)
from journal.refusals import Refused
from offices import Officer, OfficerRole
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from server.complaints.procedure import ProcedureService
from server.db.projections import rebuild
from server.leads.desk import LeadFiles, OfficeLeads
from server.leads.reports import InformantNotifier
from tests.complaints.record.test_uploads import PDF
from tests.server.app.office import PASSWORD, SECOND, World
from tests.web.client import told


def desk(world: World, folder: Path | None = None) -> OfficeLeads:
    """`folder`: where its files lie."""
    now, leads = world.clock.now, LeadService(world.journal, world.clock.now)
    steps = ProcedureService(world.complaints, world.rooms, world.store, world.database, now)
    place = folder or Path("/nowhere")
    files = LeadFiles(leads, EncryptedFileStore(place / "lead-files", case_keys(place, None)))
    telling = InformantNotifier(leads, world.seal, world.outbox.nudge)
    return OfficeLeads(world.complaints, leads, steps, world.database, world.store, files, telling, now)


async def colleague(world: World, login: str, role: OfficerRole) -> Officer:
    return await world.officers.add_officer(replace(world.zhou, role="administrator"), login, "何静", role, PASSWORD)


async def test_a_split_report_has_its_own_stream_clock_and_readers(world: World) -> None:
    complaint, leads = await world.register(), desk(world)
    inspector = await colleague(world, "cha", "inspector")
    await leads.hand_on(world.zhou, complaint, REPORT, "虚构原价", "标注的原价从未成交")
    (row,) = await leads.leads(inspector)
    page = await leads.lead(inspector, row.id)
    assert (page.lead.opened.informant, page.lead.opened.phone_masked) == ("丁小禾", "138 **** 5076")
    assert page.deadline.start == date(2026, 6, 20)  # the day of receipt
    assert sum(counts for _, _, counts in page.deadline.days) == 15
    assert "行政处罚程序规定》第十八条" in page.deadline.article
    assert await leads.leads(replace(inspector, office=SECOND)) == []
    with pytest.raises(Refused) as no:
        await leads.lead(replace(inspector, office=SECOND), row.id)
    assert no.value.status == 404


async def test_the_complaints_file_says_nothing_of_what_was_reported(world: World) -> None:
    complaint = await world.register()
    await desk(world).hand_on(world.zhou, complaint, REPORT, "虚构原价", "标注的原价从未成交")
    last = (await world.journal.read(f"complaint/{complaint}"))[-1]
    assert (last.type, list(last.data)) == ("ReportSplit", ["lead"])
    board = await ProcedureService(world.complaints, world.rooms, world.store, world.database, world.clock.now).board(
        world.zhou, "verify", world.clock.now() + timedelta(days=60)
    )
    assert [*board.late, *board.today, *board.soon] == []


async def test_splitting_again_splits_nothing(world: World) -> None:
    complaint, leads = await world.register(), desk(world)
    await leads.hand_on(world.zhou, complaint, REPORT, "虚构原价", "标注的原价从未成交")
    with pytest.raises(Refused, match="wrong_state"):
        await leads.hand_on(world.zhou, complaint, REPORT, "虚构原价", "再来一次")
    assert len(await leads.leads(await colleague(world, "cha", "inspector"))) == 1


async def test_a_sign_found_in_mediation_counts_from_when_it_was_found_and_names_nobody(world: World) -> None:
    complaint, leads = await world.register(), desk(world)
    with pytest.raises(Refused, match="wrong_state"):  # nothing is being mediated
        await leads.hand_on(world.zhou, complaint, MEDIATION, "无证经营", "没有营业执照")
    await world.desk.accept(world.zhou, complaint)
    await leads.hand_on(world.zhou, complaint, MEDIATION, "无证经营", "没有营业执照")
    (row,) = await leads.leads(await colleague(world, "cha", "inspector"))
    page = await leads.lead(await colleague(world, "luping", "supervisor"), row.id)
    assert page.deadline.start == date(2026, 6, 24)
    assert page.lead.opened.informant == ""
    assert "第二十七条" in page.deadline.article


async def test_the_supervisor_extends_it_once_and_the_inspector_decides_it(world: World) -> None:
    complaint, leads = await world.register(), desk(world)
    inspector, supervisor = await colleague(world, "cha", "inspector"), await colleague(world, "luping", "supervisor")
    await leads.hand_on(world.zhou, complaint, REPORT, "虚构原价", "标注的原价从未成交")
    (row,) = await leads.leads(inspector)
    with pytest.raises(Refused, match="not_allowed"):
        await leads.ask(inspector, row.id, ExtendVerification("取证困难"))
    await leads.ask(supervisor, row.id, ExtendVerification("取证困难"))
    with pytest.raises(Refused, match="wrong_state"):
        await leads.ask(supervisor, row.id, ExtendVerification("还是困难"))
    page = await leads.lead(inspector, row.id)
    assert sum(counts for _, _, counts in page.deadline.days) == 30
    await rebuild(world.database)
    assert (await leads.lead(inspector, row.id)).deadline == page.deadline
    await leads.ask(inspector, row.id, DecideLead("unfounded", "查无实据", "陆平", competence="29"))
    (row,) = await leads.leads(inspector)
    assert (row.state, row.due) == ("decided", None)
    with pytest.raises(Refused, match="wrong_state"):
        await leads.ask(inspector, row.id, DecideLead("case"))


async def test_inspectors_see_leads_on_the_board_and_no_complaint(world: World) -> None:
    complaint = await world.register()
    await desk(world).hand_on(world.zhou, complaint, REPORT, "虚构原价", "标注的原价从未成交")
    inspector = await colleague(world, "cha", "inspector")
    steps = ProcedureService(world.complaints, world.rooms, world.store, world.database, world.clock.now)
    board = await steps.board(inspector, "", world.clock.now() + timedelta(days=60))
    assert [(row.kind, row.deadline.code) for row in board.late] == [("lead", "verify")]
    assert board.counts == {"verify": (1, 0, 0)}


async def test_no_supervisor_registers_a_report(world: World) -> None:
    complaint = await world.register()
    await desk(world).hand_on(world.zhou, complaint, REPORT, "虚构原价", "标注的原价从未成交")
    inspector = await colleague(world, "cha", "inspector")
    (row,) = await desk(world).leads(inspector)
    opened = (await desk(world).lead(inspector, row.id)).lead.opened
    supervisor = await colleague(world, "luping", "supervisor")
    with pytest.raises(NotAllowed):
        await LeadService(world.journal, world.clock.now).submit("x", OpenLead(opened), supervisor.actor)


# ---------------------------------------------------------------- numbers, records, owners


TODAY = date(2026, 6, 24)


def pointed(*records: str, key: str = "spot/1", origin: str = SPOT) -> NewLead:
    return NewLead(origin, "婚恋网退款投诉激增", "本周9件，预期2件。", "知遇桥", key, {"problem": "contract"}, records)


async def test_reports_are_numbered_by_office_and_year_without_gaps(world: World) -> None:
    inspector, leads = await colleague(world, "cha", "inspector"), desk(world)
    for _ in range(3):
        await leads.hand_on(world.zhou, await world.register(), REPORT, "虚构原价", "标注的原价从未成交")
    with pytest.raises(Refused, match="too_long"):
        await leads.hand_on(world.zhou, await world.register(), REPORT, "长" * 121, "无")
    await leads.hand_on(world.zhou, await world.register(), REPORT, "虚构原价", "标注的原价从未成交")
    await leads.hand_on(world.other, await world.register(world.other), REPORT, "虚构原价", "标注的原价从未成交")
    numbers = sorted(row.number for row in await leads.leads(inspector))
    assert numbers == [f"东高一投举〔2026〕000{n}号" for n in (1, 2, 3, 4)]
    elsewhere = await leads.leads(replace(inspector, office=SECOND))
    assert [row.number for row in elsewhere] == ["东高二投举〔2026〕0001号"]


async def test_a_number_whose_lead_never_came_about_goes_to_the_next(world: World) -> None:
    giving = LeadNumbers(world.journal).giving
    async with giving("office-1", "东高一投", 2026, "lost", world.clock.now(), world.zhou.actor) as number:
        pass  # and the program died
    inspector = await colleague(world, "cha", "inspector")
    await desk(world).open(inspector, pointed(await world.register()))
    (row,) = await desk(world).leads(inspector)
    assert row.number == number


async def test_a_lead_from_a_hot_spot_is_opened_once_with_its_records_and_its_own_clock(world: World) -> None:
    records, leads = [await world.register() for _ in range(2)], desk(world)
    supervisor = await colleague(world, "luping", "supervisor")
    lead = await leads.open(supervisor, pointed(*records))
    assert await leads.open(supervisor, pointed(*records)) == lead
    page = await leads.lead(supervisor, lead)
    assert {one.id for one in page.records} == set(records)
    assert sum(counts for _, _, counts in page.deadline.days) == 15
    assert "行政处罚程序规定》第十八条" in page.deadline.article
    assert page.deadline.start == TODAY
    assert len(await leads.leads(supervisor)) == 1


async def test_nobody_opens_a_lead_on_records_they_do_not_see(world: World) -> None:
    record, leads = await world.register(world.other), desk(world)
    supervisor = await colleague(world, "luping", "supervisor")
    with pytest.raises(Refused, match="not_found"):
        await leads.open(supervisor, pointed(record))
    with pytest.raises(Refused, match="not_allowed"):
        await leads.open(world.zhou, pointed(await world.register()))
    await world.store.oversee(supervisor.id, [SECOND.id])
    opened = (await leads.lead(supervisor, await leads.open(supervisor, pointed(record)))).lead.opened
    assert (opened.office, opened.own_number) == (SECOND.id, "东高二投线〔2026〕0001号")


async def test_records_show_what_is_claimed_and_not_who_claims_it(world: World) -> None:
    complaint, leads = await world.register(), desk(world)
    lead = await leads.open(world.zhou, pointed(complaint, key="shop", origin=PROFILE))
    inspector = await colleague(world, "cha", "inspector")
    (shown,) = (await leads.lead(inspector, lead)).records
    assert shown.facts == "购买3,000积分，用去640积分。"
    shown_whole = told(str(await leads.lead(inspector, lead)))
    assert "丁小禾" not in shown_whole
    assert "5076" not in shown_whole
    await leads.ask(inspector, lead, DetachRecord(complaint, "不是一回事"))
    assert (await leads.lead(inspector, lead)).records == []
    number = (await world.complaints.state(complaint)).record.number
    await leads.attach(inspector, lead, f" {number} ")
    assert len((await leads.lead(inspector, lead)).records) == 1
    with pytest.raises(Refused, match="not_found"):
        await leads.attach(inspector, lead, "东高二投〔2026〕0001号")


async def test_a_mediation_s_file_says_no_more_of_its_lead_whatever_happens_behind_the_wall(
    world: World, tmp_path: Path
) -> None:
    complaint, leads = await world.register(), desk(world, tmp_path)
    await world.desk.accept(world.zhou, complaint)
    await leads.hand_on(world.zhou, complaint, MEDIATION, "无证经营", "没有营业执照")
    before = [event.data for event in await world.journal.read(f"complaint/{complaint}")]
    inspector = await colleague(world, "cha", "inspector")
    (row,) = await leads.leads(inspector)
    await leads.ask(inspector, row.id, AssignLead(inspector.id, ""))
    await leads.ask(inspector, row.id, NoteAction(TODAY, "inspection", "查看", TODAY))
    await leads.add_file(inspector, row.id, "现场.pdf", PDF, "")
    await leads.ask(inspector, row.id, DecideLead("case"))
    after = await world.journal.read(f"complaint/{complaint}")
    assert [event.data for event in after] == before
    assert list(after[-1].data) == ["lead"]
    assert row.number not in str(after)


async def test_who_has_a_lead_decides_it_and_a_colleague_takes_it_over_first(world: World) -> None:
    leads, lead = desk(world), ""
    cha, gao = await colleague(world, "cha", "inspector"), await colleague(world, "gao", "inspector")
    supervisor = await colleague(world, "luping", "supervisor")
    lead = await leads.open(supervisor, pointed(await world.register()))
    await leads.ask(supervisor, lead, AssignLead(cha.id, "谁都行"))
    assert (await leads.lead(cha, lead)).lead.owner_name == cha.name, "the name is the account's"
    with pytest.raises(Refused, match="not_owner"):
        await leads.ask(gao, lead, DecideLead("case"))
    with pytest.raises(Refused, match="not_allowed"):
        await leads.ask(gao, lead, AssignLead(cha.id, ""))
    with pytest.raises(Refused, match="bad_choice"):
        await leads.ask(supervisor, lead, AssignLead(world.zhou.id, ""))
    await leads.ask(gao, lead, AssignLead(gao.id, ""))
    await leads.ask(gao, lead, DecideLead("case"))
    assert [row.outcome for row in await leads.leads(gao, mine=True)] == ["case"]
    assert await leads.leads(cha, mine=True) == []


async def test_what_a_clerk_noted_by_mistake_is_taken_back_and_stays_in_the_history(world: World) -> None:
    leads = desk(world)
    cha, supervisor = await colleague(world, "cha", "inspector"), await colleague(world, "luping", "supervisor")
    lead = await leads.open(supervisor, pointed(await world.register()))
    with pytest.raises(Refused, match="bad_day"):
        await leads.ask(cha, lead, NoteAction(TODAY + timedelta(days=1), "talk", "", TODAY))
    await leads.ask(cha, lead, NoteAction(TODAY, "talk", "", TODAY))
    await leads.ask(cha, lead, DecideLead("verified"))
    await leads.ask(cha, lead, TakeBackLeadNote("action", 1, "记错了单位"))
    await leads.ask(cha, lead, TakeBackLeadNote("decision", 0, "按错了"))
    with pytest.raises(Refused, match="wrong_state"):
        await leads.ask(cha, lead, TakeBackLeadNote("decision", 0, "再按一次"))
    page = await leads.lead(cha, lead)
    assert (page.lead.state, page.lead.acted) == ("open", None)
    (row,) = await leads.leads(cha)
    assert row.due is not None, "its clock runs on"
    await leads.ask(supervisor, lead, WithdrawLead("开错了"))
    with pytest.raises(Refused, match="wrong_state"):
        await leads.ask(cha, lead, DecideLead("case"))
    await leads.ask(supervisor, lead, TakeBackLeadNote("withdrawal", 0, "没开错"))
    assert (await leads.lead(cha, lead)).lead.state == "open"
    assert len((await leads.lead(cha, lead)).history) == 7


async def test_handing_it_elsewhere_says_to_whom(world: World) -> None:
    leads, cha = desk(world), await colleague(world, "cha", "inspector")
    lead = await leads.open(cha, pointed(await world.register()))
    with pytest.raises(Refused, match="missing"):
        await leads.ask(cha, lead, DecideLead("moved", " "))
    await leads.ask(cha, lead, DecideLead("moved", "区公安分局"))


# ---------------------------------------------------------------- the informant


async def test_the_informant_is_told_and_nobody_sees_who_it_is_without_saying_why(world: World) -> None:
    complaint, leads = await world.register(), desk(world)
    cha = await colleague(world, "cha", "inspector")
    await leads.hand_on(world.zhou, complaint, REPORT, "虚构原价", "标注的原价从未成交")
    (row,) = await leads.leads(cha)
    with pytest.raises(Refused, match="missing"):
        await leads.informant(cha, row.id, " ")
    assert await leads.informant(cha, row.id, "告知是否立案") == ("丁小禾", "13800005076")
    await leads.ask(cha, row.id, TellInformant(TODAY, "decision", "phone", "已立案", TODAY))
    page = await leads.lead(cha, row.id)
    assert [event.type for event in page.history][-2:] == ["InformantRevealed", "InformantTold"]
    assert "13800005076" not in str(page.history)
    await leads.ask(cha, row.id, TakeBackLeadNote("told", 1, "没有接通"))
    assert (await leads.lead(cha, row.id)).lead.standing_told == ()


async def test_where_nobody_reported_there_is_nobody_to_tell(world: World) -> None:
    leads, cha = desk(world), await colleague(world, "cha", "inspector")
    lead = await leads.open(cha, pointed(await world.register()))
    with pytest.raises(Refused, match="wrong_state"):
        await leads.ask(cha, lead, TellInformant(TODAY, "result", "phone", "", TODAY))
    with pytest.raises(Refused, match="wrong_state"):
        await leads.informant(cha, lead, "好奇")


# ---------------------------------------------------------------- files


async def test_a_lead_s_file_is_sealed_given_out_with_a_note_and_removed_for_a_reason(
    world: World, tmp_path: Path
) -> None:
    leads, cha = desk(world, tmp_path), await colleague(world, "cha", "inspector")
    lead = await leads.open(cha, pointed(await world.register()))
    await leads.add_file(cha, lead, "现场.pdf", PDF, "门头照片")
    with pytest.raises(Refused, match="bad_upload"):
        await leads.add_file(cha, lead, "现场.pdf", b"MZ" + PDF, "")
    (file,) = (await leads.lead(cha, lead)).lead.files
    stored = list((tmp_path / "lead-files").rglob(file.attachment))
    assert PDF not in stored[0].read_bytes()
    found, opened = await leads.take_file(cha, lead, file.attachment, original=False)
    with opened:
        assert (opened.read(), found.name) == (PDF, "现场.pdf")
    stranger = replace(cha, office=SECOND)
    with pytest.raises(Refused, match="not_found"):
        await leads.take_file(stranger, lead, file.attachment, original=False)
    with pytest.raises(Refused, match="missing"):
        await leads.remove_file(cha, lead, file.attachment, "")
    await leads.remove_file(cha, lead, file.attachment, "传错了")
    assert not stored[0].exists()
    told = [event.type for event in (await leads.lead(cha, lead)).history]
    assert told[-3:] == ["AttachmentAdded", "AttachmentTaken", "AttachmentRemoved"]


# ---------------------------------------------------------------- before and after


async def test_complaints_are_counted_around_the_first_action_that_stands(world: World) -> None:
    leads, cha = desk(world), await colleague(world, "cha", "inspector")
    lead = await leads.open(cha, replace(pointed(await world.register()), subject={"channel": "12315"}))
    assert (await leads.lead(cha, lead)).aftermath is None
    await leads.ask(cha, lead, NoteAction(TODAY, "inspection", "", TODAY))
    world.move(days=30)
    for _ in range(2):
        await world.register()  # received four days before
    counted = (await leads.lead(cha, lead)).aftermath
    assert counted is not None
    assert (sum(counted.before), counted.after) == (1, (0, 0, 0, 2))
    assert counted.verdict == "few"
