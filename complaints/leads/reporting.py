"""The rules of what interrupts, joins, disputes and hands over a lead; most of it is of reports alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from complaints.errors import BadChoice, BadDay, UnknownComplaint, WrongState
from complaints.leads import commands as c
from complaints.leads.events import (
    BODIES,
    JOINED,
    SETTLED,
    TESTS,
    InformantWithdrew,
    JoinedIntoReport,
    JoinTakenBack,
    LeadCompetenceDisputed,
    LeadCompetenceSettled,
    LeadEvent,
    LeadReferred,
    LeadTestingBegun,
    LeadTestingEnded,
    LeadWithdrawn,
    ReportJoined,
    ReportSeparated,
    ReportSupplemented,
)
from complaints.leads.lead import Lead
from complaints.state import among, past, said, short

MOST_JOINED: Final = 200
MOST_SUPPLEMENTS: Final = 50
MOST_NOTED: Final = 50  # times of testing, disputes, referrals


def decide_report(command: c.ReportCommand, lead: Lead) -> Sequence[LeadEvent]:
    """DomainError says why not. The lead is not withdrawn."""
    match command:
        case c.BeginLeadTesting(day, kind, body, today):
            _open(lead, len(lead.testing))
            past(day, today)
            among("kind", kind, TESTS)
            short("whom", body)
            if lead.tested is not None:
                raise WrongState(state=lead.state)
            if lead.testing and day < (lead.testing[-1].ended or day):
                raise BadDay(field="day")
            return [LeadTestingBegun(day, kind, body.strip())]
        case c.EndLeadTesting(day, today):
            _open(lead)
            past(day, today)
            if lead.tested is None:
                raise WrongState(state=lead.state)
            if day < lead.tested.begun.day:
                raise BadDay(field="day")
            return [LeadTestingEnded(day)]
        case c.DisputeCompetence(day, other, reason, today):
            _open(lead, len(lead.disputes))
            past(day, today)
            said("other", other, "whom")
            said("reason", reason, "reason")
            if lead.disputed is not None:
                raise WrongState(state=lead.state)
            return [LeadCompetenceDisputed(day, other.strip(), reason.strip())]
        case c.SettleLeadCompetence(how, ours, note):
            _open(lead)
            among("how", how, SETTLED)
            short("note", note)
            if lead.disputed is None:
                raise WrongState(state=lead.state)
            return [LeadCompetenceSettled(how, ours, note.strip())]
        case c.NoteInformantWithdrew(day, note, today):
            past(day, today)
            short("note", note)
            if not lead.report or lead.withdrew is not None or lead.state != "open":
                raise WrongState(state=lead.state)
            return [InformantWithdrew(day, note.strip())]
        case c.ReferLead(day, to, name, note, document, today):
            if lead.joined_into is not None or len(lead.referrals) >= MOST_NOTED:
                raise WrongState(state=lead.state)
            past(day, today)
            among("to", to, BODIES)
            said("name", name, "whom")
            short("note", note)
            short("whom", document)
            return [LeadReferred(day, to, name.strip(), note.strip(), document.strip())]
        case _:
            return _joining(command, lead)


def _joining(
    command: c.KeepJoined | c.TakeBackJoin | c.JoinInto | c.SeparateReport | c.SupplementReport | c.UndoReportImport,
    lead: Lead,
) -> Sequence[LeadEvent]:
    match command:
        case c.KeepJoined(which, number, received, how):
            among("how", how, JOINED)
            if any(one.joined.lead == which for one in lead.joins):
                return []
            if not lead.report or lead.joined_into is not None or len(lead.joins) >= MOST_JOINED:
                raise WrongState(state=lead.state)
            # What is decided is not opened again: the new report has its own period.
            if how == "facts" and lead.outcome:
                raise WrongState(state=lead.state)
            return [ReportJoined(which, number, received, how)]
        case c.TakeBackJoin(which, reason):
            said("reason", reason, "reason")
            if not any(one.joined.lead == which for one in lead.joins):
                raise UnknownComplaint
            return [JoinTakenBack(which, reason.strip())]
        case c.JoinInto(which, number, how):
            among("how", how, JOINED)
            if lead.joined_into is not None and lead.joined_into.lead == which:
                return []
            if not lead.report or lead.state != "open" or lead.joins:
                raise WrongState(state=lead.state)
            return [JoinedIntoReport(which, number, how)]
        case c.SeparateReport(reason):
            said("reason", reason, "reason")
            if lead.joined_into is None:
                raise WrongState(state=lead.state)
            return [ReportSeparated(reason.strip())]
        case c.SupplementReport(content, source):
            said("content", content, "facts")
            if not lead.report or len(lead.supplements) >= MOST_SUPPLEMENTS:
                raise WrongState(state=lead.state)
            return [] if content.strip() == lead.newest_content else [ReportSupplemented(content.strip(), source)]
        case c.UndoReportImport(reason):
            said("reason", reason, "reason")
            if lead != Lead(lead.opened, records=lead.opened.records):  # somebody has worked on it
                raise WrongState(state=lead.state)
            return [LeadWithdrawn(reason.strip())]
        case _:
            assert_never(command)


def check_same_informant(later: Lead, earlier: Lead) -> None:
    """BadChoice unless one person made both, the earlier one first: only then is the later one a repeated one (Art 35).

    By the number where both left one, else by the name; an anonymous report is nobody's second. Whether both are of one
    business is the inspector's to say: it may be named in two ways.
    """
    for one in (later, earlier):
        if not one.report or not one.reported:
            raise BadChoice(field="into")
    keys = [one.opened.report.informant_key if one.opened.report else "" for one in (later, earlier)]
    names = [one.opened.informant.strip() for one in (later, earlier)]
    same = keys[0] == keys[1] if all(keys) else names[0] == names[1] != ""
    if not same or later.opened.found < earlier.opened.found:
        raise BadChoice(field="into")


def _open(lead: Lead, noted: int = 0) -> None:
    if lead.state != "open" or noted >= MOST_NOTED:
        raise WrongState(state=lead.state)
