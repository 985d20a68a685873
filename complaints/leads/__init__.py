"""A lead: a report, part of a mixed submission, a sign of an offence found in mediation, or what figures point to.

Owns the stream `lead/<id>`, which is walled off from the complaint: the complaint's file names only the lead's id,
and who reported what stands here alone (Order 121 Art 37). It is verified within 15 working days, once as many again
with approval (Art 27; what was not found in mediation: Art 35), whatever becomes of the mediation. `events` and
`commands` are the words, `lead` the state, `decisions` and `reporting` the rules; `Leads` here is the one writer,
and counts leads as `complaints.service` counts reports (decision 47).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from complaints import Busy, UnknownComplaint
from complaints.leads.commands import (
    AddLeadFile,
    AssignLead,
    AttachRecord,
    BeginLeadTesting,
    DecideLead,
    DetachRecord,
    DisputeCompetence,
    EndLeadTesting,
    ExtendVerification,
    HoldLead,
    JoinInto,
    KeepJoined,
    LeadCommand,
    LiftLeadHold,
    MessageInformant,
    NoteAction,
    NoteInformantMessageLost,
    NoteInformantMessageTaken,
    NoteInformantWithdrew,
    NoteLeadFileArchived,
    OpenLead,
    ReferLead,
    RemoveLeadFile,
    RevealInformant,
    SeparateReport,
    SettleLeadCompetence,
    SupplementReport,
    TakeBackJoin,
    TakeBackLeadNote,
    TakeLeadFile,
    TellInformant,
    UndoReportImport,
    WithdrawLead,
)
from complaints.leads.decisions import MOST_FILES, MOST_RECORDS, RIGHTS, decide
from complaints.leads.events import (
    ACTIONS,
    BODIES,
    BY_HAND,
    FILING,
    HOW,
    JOINED,
    MEDIATION,
    ORIGINS,
    OUTCOMES,
    OWED,
    PROFILE,
    REPORT,
    SETTLED,
    SPOT,
    TESTS,
    TOLD,
    InformantMessaged,
    LeadDecided,
    LeadEvent,
    LeadOpened,
    ReportRecord,
    VerificationExtended,
)
from complaints.leads.lead import STREAM, Lead, evolve, fold, of_report, stream
from complaints.leads.reporting import check_same_informant, sendable
from complaints.service import Serials, append, written_number
from journal import Actor, Conflict, Draft, Event, Journal

__all__ = [
    "ACTIONS",
    "BODIES",
    "BY_HAND",
    "FILING",
    "HOW",
    "JOINED",
    "MEDIATION",
    "MOST_FILES",
    "MOST_RECORDS",
    "ORIGINS",
    "OUTCOMES",
    "OWED",
    "PROFILE",
    "REPORT",
    "RIGHTS",
    "SETTLED",
    "SPOT",
    "STREAM",
    "TESTS",
    "TOLD",
    "AddLeadFile",
    "AssignLead",
    "AttachRecord",
    "BeginLeadTesting",
    "DecideLead",
    "DetachRecord",
    "DisputeCompetence",
    "EndLeadTesting",
    "ExtendVerification",
    "HoldLead",
    "InformantMessaged",
    "JoinInto",
    "KeepJoined",
    "Lead",
    "LeadCommand",
    "LeadDecided",
    "LeadEvent",
    "LeadOpened",
    "LeadService",
    "LiftLeadHold",
    "MessageInformant",
    "NoteAction",
    "NoteInformantMessageLost",
    "NoteInformantMessageTaken",
    "NoteInformantWithdrew",
    "NoteLeadFileArchived",
    "OpenLead",
    "ReferLead",
    "RemoveLeadFile",
    "ReportRecord",
    "RevealInformant",
    "SeparateReport",
    "SettleLeadCompetence",
    "SupplementReport",
    "TakeBackJoin",
    "TakeBackLeadNote",
    "TakeLeadFile",
    "TellInformant",
    "UndoReportImport",
    "VerificationExtended",
    "WithdrawLead",
    "check_same_informant",
    "decide",
    "evolve",
    "fold",
    "of_report",
    "sendable",
    "stream",
]


class LeadService:
    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now
        self._numbers = LeadNumbers(journal)
        self._reports = Serials(journal, "reports", "举")

    async def state(self, lead: str) -> Lead:
        folded = fold(await self._journal.read(stream(lead)))
        if folded is None:
            raise UnknownComplaint
        return folded

    async def open(self, lead: str, opened: LeadOpened, prefix: str, year: int, actor: Actor) -> str:
        """Under the office's next number, which is returned; opened again it keeps the one it has.

        Reports are counted by themselves: an import registers them in another process than the one leads are opened in.
        """
        known = fold(await self._journal.read(stream(lead)))
        if known is not None:
            return known.opened.own_number
        decide(OpenLead(opened), None, actor)  # a refusal uses no number
        if opened.origin == REPORT:
            number = await self._reports.number(opened.office, prefix, year, lead, self._now(), actor)
            await self.submit(lead, OpenLead(replace(opened, own_number=number)), actor)
            return number
        async with self._numbers.giving(opened.office, prefix, year, lead, self._now(), actor) as number:
            await self.submit(lead, OpenLead(replace(opened, own_number=number)), actor)
        return number

    async def submit(self, lead: str, command: LeadCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(lead), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )


SERIAL = "线"
_TRIES = 20
_GIVEN = "LeadNumberGiven"


class LeadNumbers:
    """Numbers of leads: 东高一投线〔2026〕0007号, counted per office and year, without gaps.

    Owns the streams `office/<office>/leads/<year>`. A number is given before its lead is opened; one whose lead never
    came about (the program died in between) is given again to the next. That needs one giver at a time, which is the
    web process: it holds `giving` around number and opening.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def giving(
        self, office: str, prefix: str, year: int, lead: str, at: datetime, actor: Actor
    ) -> AsyncIterator[str]:
        """The number for this lead, which is opened within; Busy."""
        told = f"office/{office}/leads/{year}"
        async with self._locks.setdefault(told, asyncio.Lock()):
            for _ in range(_TRIES):
                given = await self._journal.read(told)
                number = await self._next(given)
                try:
                    await self._journal.append(
                        told, len(given), [Draft(_GIVEN, {"number": number, "lead": lead}, at, actor)]
                    )
                except Conflict:
                    continue
                yield written_number(f"{prefix}{SERIAL}", year, number)
                return
            raise Busy

    async def _next(self, given: list[Event]) -> int:
        if not given:
            return 1
        number: int = given[-1].data["number"]
        return number + 1 if await self._journal.read(stream(given[-1].data["lead"])) else number
