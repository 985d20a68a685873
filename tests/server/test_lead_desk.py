"""A report split off and a sign of an offence: their own stream and clock, and the wall around who reported what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from complaints.errors import NotAllowed
from complaints.leads import MEDIATION, REPORT, DecideLead, ExtendVerification, LeadService, OpenLead
from server.lead_desk import LeadDesk
from server.procedure_desk import ProcedureDesk
from server.storage.projections import rebuild
from tests.identity.office import PASSWORD, SECOND, World
from web.ports import Officer, OfficerRole, Refused


def desk(world: World) -> LeadDesk:
    steps = ProcedureDesk(world.complaints, world.rooms, world.store, world.database, world.clock.now)
    return LeadDesk(
        world.complaints, LeadService(world.journal, world.clock.now), steps, world.database, world.clock.now
    )


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
    board = await ProcedureDesk(world.complaints, world.rooms, world.store, world.database, world.clock.now).board(
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
    await leads.ask(inspector, row.id, DecideLead("no_case", "查无实据"))
    (row,) = await leads.leads(inspector)
    assert (row.state, row.due) == ("decided", None)
    with pytest.raises(Refused, match="wrong_state"):
        await leads.ask(inspector, row.id, DecideLead("case"))


async def test_inspectors_see_leads_on_the_board_and_no_complaint(world: World) -> None:
    complaint = await world.register()
    await desk(world).hand_on(world.zhou, complaint, REPORT, "虚构原价", "标注的原价从未成交")
    inspector = await colleague(world, "cha", "inspector")
    steps = ProcedureDesk(world.complaints, world.rooms, world.store, world.database, world.clock.now)
    board = await steps.board(inspector, "", world.clock.now() + timedelta(days=60))
    assert [(row.kind, row.deadline.code) for row in board.late] == [("lead", "verify")]
    assert board.counts == {"verify": (1, 0, 0)}


async def test_nobody_but_who_mediates_opens_a_lead(world: World) -> None:
    complaint = await world.register()
    await desk(world).hand_on(world.zhou, complaint, REPORT, "虚构原价", "标注的原价从未成交")
    inspector = await colleague(world, "cha", "inspector")
    (row,) = await desk(world).leads(inspector)
    opened = (await desk(world).lead(inspector, row.id)).lead.opened
    with pytest.raises(NotAllowed):
        await LeadService(world.journal, world.clock.now).submit("x", OpenLead(opened), inspector.actor)
