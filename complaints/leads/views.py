"""Leads, reports and consultations: rows, pages, and what is typed of a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from complaints.consultations import Consultation
from complaints.insight.aftermath import Aftermath
from complaints.insight.spots import SpotFigures
from complaints.leads import Lead
from complaints.views import ShownDeadline
from journal import Event


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
