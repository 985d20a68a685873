"""Messages to who reported: sent, told of, and out of everybody's sight but theirs who verify (Order 121 Art 37)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, select

from complaints.leads import AssignLead, DecideLead, LeadService, ReferLead, TakeBackLeadNote
from journal.refusals import Refused
from offices import Officer
from server.complaints.procedure import NoticeOutcomeRecorder
from server.db.projections import rebuild
from server.db.schema import messages
from server.leads.desk import OfficeLeads
from server.outbox.notifiers import NotDelivered
from tests.server.app.office import World
from tests.server.leads.test_lead_desk import colleague, desk
from tests.server.leads.test_report_desk import TODAY, reported, reports
from tests.web.client import told

FILED = DecideLead("case", "", "陆平", "东市监立〔2026〕12号", competence="29")


@dataclass
class Case:
    world: World
    desk: OfficeLeads
    cha: Officer
    lead: str

    async def texts(self) -> list[str]:
        return [one.text for one in (await self.desk.lead(self.cha, self.lead)).offered]

    async def told(self) -> list[tuple[str, str]]:
        return [(one.what, one.how) for _, one in (await self.desk.lead(self.cha, self.lead)).lead.standing_told]

    async def sent(self) -> list[tuple[str, str, str]]:
        await self.world.outbox.deliver_due()
        return [(one.to, one.kind, one.text) for one in self.world.phones.received]

    async def queued(self) -> int:
        async with self.world.database.read() as connection:
            return (await connection.execute(select(func.count()).select_from(messages))).scalar_one()


@pytest.fixture
async def case(world: World) -> Case:
    leads = LeadService(world.journal, world.clock.now)
    telling = NoticeOutcomeRecorder(world.complaints, leads, world.store, world.clock.now)
    world.outbox.taken, world.outbox.given_up = telling.taken, telling.given_up
    lead, _ = await reports(world).register(world.zhou, reported(world))
    cha = await colleague(world, "cha", "inspector")
    return Case(world, desk(world), cha, lead)


async def test_whether_a_case_is_filed_goes_out_word_for_word_as_shown_and_counts_once_it_has_left(case: Case) -> None:
    await case.desk.ask(case.cha, case.lead, FILED)
    [text] = await case.texts()
    assert "您2026年6月24日反映的事项已决定立案。" in text
    await case.desk.message(case.cha, case.lead, "decision", "")
    assert (await case.told(), await case.texts()) == ([], [])  # on its way
    assert await case.sent() == [("13800005076", "notice", text)]
    assert await case.told() == [("decision", "message")]


async def test_whoever_reads_the_phone_learns_neither_what_nor_whom_nor_that_it_was_a_report(case: Case) -> None:
    await case.desk.ask(case.cha, case.lead, replace(FILED, owed=("result", "reward")))
    page = await case.desk.lead(case.cha, case.lead)
    assert [one.what for one in page.offered] == ["decision", "result", "reward"]
    await case.desk.message(case.cha, case.lead, "decision", "")
    await case.desk.message(case.cha, case.lead, "result", "已责令改正")
    await case.desk.message(case.cha, case.lead, "reward", "")
    opened = page.lead.opened
    for _, _, text in await case.sent():
        for secret in ("举", opened.about, opened.title, opened.informant, opened.own_number, "12号", "http"):
            assert secret not in text, text
    assert len(await case.sent()) == 3


async def test_an_inspectors_words_name_neither_the_business_nor_the_informant(case: Case) -> None:
    await case.desk.ask(case.cha, case.lead, DecideLead("unfounded", "查无实据", "陆平", "", ("result",), "29"))
    for words, code in (
        ("甲健身馆已改正", "bad_choice"),
        ("丁小禾所述不实", "bad_choice"),
        (" ", "missing"),
        ("长" * 61, "too_long"),
    ):
        with pytest.raises(Refused, match=code):
            await case.desk.message(case.cha, case.lead, "result", words)
    assert await case.queued() == 0


async def test_to_whom_to_turn_is_the_authority_on_file_and_never_the_police(case: Case) -> None:
    await case.desk.ask(case.cha, case.lead, AssignLead(case.cha.id, ""))
    for to, name in (("authority", "江岸区市场监督管理局"), ("police", "东湖公安分局")):
        await case.desk.ask(case.cha, case.lead, ReferLead(TODAY, to, name, "", "", TODAY))
    await case.desk.ask(case.cha, case.lead, DecideLead("moved", "不在本辖区"))
    [one] = (await case.desk.lead(case.cha, case.lead)).offered
    assert (one.asks, one.said) == ("authority", "江岸区市场监督管理局")
    await case.desk.message(case.cha, case.lead, "moved", one.said)
    [(_, _, text)] = await case.sent()
    assert "不属于我们的处理权限，请直接向江岸区市场监督管理局提出。" in text


async def test_a_message_the_gateway_refuses_has_told_nobody_and_says_so_on_the_leads_page(case: Case) -> None:
    await case.desk.ask(case.cha, case.lead, FILED)
    await case.desk.message(case.cha, case.lead, "decision", "")
    case.world.phones.refuse = NotDelivered("gateway answered 403", final=True)
    await case.world.outbox.deliver_due()
    page = await case.desk.lead(case.cha, case.lead)
    assert [one.reason for one in page.lead.undelivered] == ["gateway answered 403"]
    assert [one.what for one in page.offered] == ["decision"]
    assert await case.told() == []


async def test_the_outbox_page_passes_them_over_for_everybody_and_sends_none_again(case: Case) -> None:
    await case.desk.ask(case.cha, case.lead, FILED)
    await case.desk.message(case.cha, case.lead, "decision", "")
    case.world.phones.refuse = NotDelivered("gateway answered 403", final=True)
    await case.world.outbox.deliver_due()
    async with case.world.database.read() as connection:
        [id_] = (await connection.execute(select(messages.c.id))).scalars()
    for officer in (case.world.zhou, await colleague(case.world, "admin2", "administrator")):
        assert await case.world.outbox.messages(officer) == ([], 0)
        with pytest.raises(Refused, match="not_found"):
            await case.world.outbox.resend(officer, id_)


async def test_only_an_inspector_of_the_office_sends_one_and_the_number_stands_nowhere_in_the_open(case: Case) -> None:
    await case.desk.ask(case.cha, case.lead, FILED)
    for role in ("mediator", "supervisor", "administrator"):
        with pytest.raises(Refused, match="not_allowed"):
            await case.desk.message(await colleague(case.world, role, role), case.lead, "decision", "")
    await case.desk.message(case.cha, case.lead, "decision", "")
    page = await case.desk.lead(case.cha, case.lead)
    assert "13800005076" not in told(str(page))
    assert "反映的事项" not in str([event.data for event in page.history])  # sealed in the journal


async def test_a_crash_between_gateway_and_journal_tells_once_and_rows_made_anew_send_nothing(case: Case) -> None:
    await case.desk.ask(case.cha, case.lead, FILED)
    await case.desk.message(case.cha, case.lead, "decision", "")

    async def dies(_message: object, _reason: str) -> None:
        raise OSError("killed")

    telling, case.world.outbox.taken = case.world.outbox.taken, dies
    with pytest.raises(OSError, match="killed"):
        await case.world.outbox.deliver_due()
    case.world.outbox.taken = telling
    case.world.move(hours=1)
    await case.sent()
    assert await case.told() == [("decision", "message")]
    await rebuild(case.world.database)
    assert await case.queued() == 1


async def test_after_a_decision_was_taken_back_they_are_told_of_the_new_one(case: Case) -> None:
    await case.desk.ask(case.cha, case.lead, FILED)
    await case.desk.message(case.cha, case.lead, "decision", "")
    await case.sent()
    await case.desk.ask(case.cha, case.lead, TakeBackLeadNote("decision", 0, "弄错了"))
    await case.desk.ask(case.cha, case.lead, DecideLead("unfounded", "查无实据", "陆平", competence="29"))
    [text] = await case.texts()
    assert "已决定不予立案。" in text


async def test_a_landline_is_offered_no_message(world: World, case: Case) -> None:
    lead, _ = await reports(world).register(world.zhou, reported(world, "k2", phone="027-8765 4321"))
    assert list((await case.desk.lead(case.cha, lead)).offered) == []
