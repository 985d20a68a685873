"""A lead: a report, part of a mixed submission, a sign of an offence found in mediation, or what figures point to.

Owns the stream `lead/<id>`, which is walled off from the complaint: the complaint's file names only the lead's id,
and who reported what stands here alone (Order 121 Art 37). It is verified within 15 working days, once as many again
with approval (Art 27; what was not found in mediation: Art 35), whatever becomes of the mediation. `events` and
`commands` are the words, `lead` the state, `decisions` the rules. Here are `LeadService`, the one writer, which counts
leads as `complaints.service` counts reports (decision 47), and what pages show and take of leads, reports and
consultations.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from complaints import Busy, UnknownComplaint
from complaints.consultations import Consultation
from complaints.insight.aftermath import Aftermath
from complaints.insight.spots import SpotFigures
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
    check_same_informant,
    sendable,
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
from complaints.service import Serials, append, written_number
from complaints.views import ShownDeadline
from journal import TRIES, Actor, Conflict, Draft, Event, Journal

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
            for _ in range(TRIES):
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


# ------------------------------------------------------------ views


@dataclass(frozen=True, slots=True)
class LeadRow:
    """`origin`: one of `complaints.leads.ORIGINS`; `state`: "open" | "decided" | "joined" | "withdrawn"; `due` None
    once it is not open, and while its clock stands still. `informant`: of a report, "named" | "unnamed" | "anonymous".
    `number`: its own, or its complaint's where it is from before leads had numbers."""

    id: str
    number: str
    origin: str
    state: str
    title: str
    found: datetime
    due: date | None
    owner: str = ""  # user id
    owner_name: str = ""
    outcome: str = ""
    acted: date | None = None
    channel: str = ""  # of a report
    informant: str = ""
    in_time: bool | None = None  # decided within its period


@dataclass(frozen=True, slots=True)
class LeadRecord:
    """A complaint attached to a lead, as who verifies it sees it: what is claimed, without who claims it."""

    id: str
    number: str
    received: date
    title: str
    facts: str
    amount: Decimal | None
    state: str
    problem: str


@dataclass(frozen=True, slots=True)
class LeadPage:
    """`deadline`: its period of verification; `clocks`: those that run or stand still now. `records`: those that can be
    read, the newest first; `inspectors`: user ids and names it can be given to; `earlier`: reports by the same phone
    that it may be joined to; `offered`: messages that can be sent to who reported."""

    id: str
    lead: Lead
    deadline: ShownDeadline
    history: Sequence[Event]
    records: Sequence[LeadRecord] = ()
    inspectors: Sequence[tuple[str, str]] = ()
    aftermath: Aftermath | None = None
    clocks: Sequence[ShownDeadline] = ()
    earlier: Sequence[LeadRow] = ()
    offered: Sequence[OfferedMessage] = ()


@dataclass(frozen=True, slots=True)
class NewLead:
    """`subject` and `records` as in `complaints.leads.LeadOpened`. `key`: asked twice with the same, it is one lead."""

    origin: str
    title: str
    content: str
    about: str
    key: str
    subject: Mapping[str, str] = field(default_factory=dict)
    records: Sequence[str] = ()
    spot: str = ""


@dataclass(frozen=True, slots=True)
class OfferedMessage:
    """A message that can be sent to who reported. `text`: as it would read; `asks`: what has to be added to it,
    "authority" | "result" | ""; `said`: what is on file of that."""

    what: str  # complaints.leads.TOLD
    text: str
    asks: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class SpotAtHand:
    """A hot spot as a lead is opened from it. `kind`, `key`: as in `complaints.insight.spots.SpotFound`; `figures`:
    what was expected and seen up to `day`; `subject`: as in `complaints.leads.LeadOpened`; `records`: ids."""

    id: str
    kind: str
    key: str
    figures: SpotFigures
    day: date
    subject: Mapping[str, str]
    records: Sequence[str]


REPORTS_PAGE = 50
"""Rows of a page of the register, and of consultations."""


MOST_PRINTED = 1_000
"""Reports in one printed register."""


MOST_SAVED = 20_000
"""Reports in one register as a workbook."""


@dataclass(frozen=True, slots=True)
class NewReport:
    """As typed. `key`: asked twice with the same, it is one report. `subject`: `law.orders.SUBJECTS`."""

    key: str
    channel: str
    mode: str
    received: datetime
    title: str
    content: str
    about: str
    subject: str = "conduct"
    place: str = ""
    credit_code: str = ""
    informant: str = ""
    phone: str = ""
    real_name: bool = False
    insider: bool = False
    source: str = ""
    row: str = ""  # of an import: "<batch>/<row>"


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """`first` and `last`: local days of receipt; `state`: of `LeadRow`, "" for all."""

    first: date
    last: date
    state: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """Of the reports received in a period, without those registered by mistake. `filed`: a case was filed; `in_time`
    and `late`: of the decided; `overdue`: open past their date. `by_channel`, `by_outcome`: counts by value."""

    received: int = 0
    named: int = 0
    anonymous: int = 0
    joined: int = 0
    open: int = 0
    decided: int = 0
    in_time: int = 0
    late: int = 0
    overdue: int = 0
    by_channel: Mapping[str, int] = field(default_factory=dict)
    by_outcome: Mapping[str, int] = field(default_factory=dict)

    @property
    def filed(self) -> int:
        return self.by_outcome.get("case", 0)


@dataclass(frozen=True, slots=True)
class ConsultationRow:
    """`state`: `complaints.consultations.STATES`; `kind`: `law.grounds.MATTERS`; `answered`: a local day."""

    id: str
    number: str
    kind: str
    state: str
    title: str
    received: datetime
    channel: str
    answered: date | None = None


@dataclass(frozen=True, slots=True)
class ConsultationPage:
    id: str
    consultation: Consultation
    history: Sequence[Event]


@dataclass(frozen=True, slots=True)
class NewConsultation:
    """As typed. `key`: asked twice with the same, it is one consultation."""

    key: str
    kind: str
    channel: str
    mode: str
    received: datetime
    title: str
    content: str
    person: str = ""
    phone: str = ""
    source: str = ""
    row: str = ""  # of an import: "<batch>/<row>"
