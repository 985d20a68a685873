"""No text of a lead or a consultation gets past the gate without a bound, whoever sends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import consultations as q
from complaints.commands import office_standing
from complaints.leads import Lead, commands as c, decide
from complaints.leads.decisions import RIGHTS
from complaints.leads.events import InformantMessaged
from complaints.record import AttachmentAdded
from journal import SYSTEM, Actor
from journal.refusals import LONGEST_TEXT, DomainError
from tests.complaints.leads.test_reports import (
    ANSWER,
    INSPECTOR,
    MEDIATOR,
    RECEIVED,
    SUPERVISOR,
    TODAY,
    asked,
    consultation,
    opened,
    report,
)
from tests.journal.longer import longer, texts

DAY = RECEIVED.date() + timedelta(days=3)
TESTING = c.BeginLeadTesting(DAY, "inspection", "市质检所", TODAY)
DISPUTE = c.DisputeCompetence(DAY, "二所", "经营地在别处", TODAY)
JOIN = c.KeepJoined("earlier", "2号", RECEIVED, "repeat")
PHOTO = AttachmentAdded("a", "照片.jpg", "jpeg", 10, "s", "o")
REACHED = replace(opened(), phone="sealed")
MESSAGE = c.MessageInformant(InformantMessaged("received", "m", "sealed", "138****0000", "sealed"))
CASE = c.DecideLead("case", "立案", "陆平", "立字1号", (), "29")

ASKED: list[tuple[c.LeadCommand, Lead | None]] = [
    (c.OpenLead(replace(opened(), own_number="1号", number="2号", subject={"respondent": "甲超市"})), None),
    (TESTING, report()),
    (c.EndLeadTesting(DAY, TODAY), report(TESTING)),
    (DISPUTE, report()),
    (c.SettleLeadCompetence("agreed", True, "商定"), report(DISPUTE)),
    (JOIN, report()),
    (c.TakeBackJoin("earlier", "不是一回事"), report(JOIN)),
    (c.JoinInto("earlier", "2号", "repeat"), report()),
    (c.SeparateReport("不是一回事"), report(c.JoinInto("earlier", "2号", "repeat"))),
    (c.SupplementReport("又补充了照片", "12315"), report()),
    (c.NoteInformantWithdrew(DAY, "来电撤回", TODAY), report()),
    (c.ReferLead(DAY, "authority", "市农业农村局", "种子", "移字1号", TODAY), report()),
    (c.UndoReportImport("导错了"), report()),
    (c.ExtendVerification("案情复杂"), report()),
    (c.AssignLead("cha", "何静"), report()),
    (c.AttachRecord("c2"), report()),
    (c.DetachRecord("c2", "无关"), report(c.AttachRecord("c2"))),
    (c.NoteAction(DAY, "inspection", "查了货架", TODAY), report()),
    (c.TellInformant(DAY, "received", "phone", "已告知", TODAY), report()),
    (MESSAGE, report(begun=REACHED)),
    (c.NoteInformantMessageTaken("m", DAY), report(MESSAGE, begun=REACHED)),
    (c.NoteInformantMessageLost("m", "空号"), report(MESSAGE, begun=REACHED)),
    (c.RevealInformant("核实经过"), report()),
    (CASE, report()),
    (c.WithdrawLead("登记重复"), report()),
    (c.TakeBackLeadNote("action", 1, "记错了"), report(c.NoteAction(DAY, "talk", "", TODAY))),
    (c.AddLeadFile(PHOTO), report()),
    (c.TakeLeadFile("a"), report(c.AddLeadFile(PHOTO))),
    (c.RemoveLeadFile("a", "传错了"), report(c.AddLeadFile(PHOTO))),
    (c.HoldLead("复议"), report()),
    (c.LiftLeadHold("复议结束"), report(c.HoldLead("复议"))),
    (c.NoteLeadFileArchived("p", "s", "d"), report()),
]


def whoever_may(command: c.LeadCommand) -> Actor:
    rights = RIGHTS[type(command)]
    return next(one for one in (INSPECTOR, SUPERVISOR, MEDIATOR, SYSTEM) if office_standing(one) in rights)


def test_every_command_is_asked() -> None:
    assert {type(command) for command, _ in ASKED} == set(RIGHTS)


@pytest.mark.parametrize(("command", "lead"), ASKED, ids=[type(command).__name__ for command, _ in ASKED])
def test_no_text_of_a_lead_is_longer_than_its_bound(command: c.LeadCommand, lead: Lead | None) -> None:
    by = whoever_may(command)
    decide(command, lead, by)  # as it is, nothing is too long
    for name, put in longer(command):
        try:
            events = decide(put, lead, by)
        except DomainError:
            continue
        assert max(map(len, texts(events)), default=0) <= LONGEST_TEXT, name


CONSULTED: list[tuple[q.ConsultationCommand, q.Consultation | None]] = [
    (q.RegisterConsultation(asked()), None),
    (ANSWER, consultation()),
    (q.CloseConsultation("答复清楚"), consultation(ANSWER)),
    (q.TakeBackConsultation("answer", "没有接通"), consultation(ANSWER)),
    (q.UndoConsultation("误登记"), consultation()),
    (q.RevealPerson("回电核实"), q.Consultation(replace(asked(), phone="sealed"))),
]


def test_every_command_of_a_consultation_is_asked() -> None:
    assert {type(command) for command, _ in CONSULTED} == set(q.RIGHTS)


@pytest.mark.parametrize(("command", "state"), CONSULTED, ids=[type(command).__name__ for command, _ in CONSULTED])
def test_nor_is_one_of_a_consultation(command: q.ConsultationCommand, state: q.Consultation | None) -> None:
    q.decide(command, state, MEDIATOR)
    for name, put in longer(command):
        try:
            events = q.decide(put, state, MEDIATOR)
        except DomainError:
            continue
        assert max(map(len, texts(events)), default=0) <= LONGEST_TEXT, name
