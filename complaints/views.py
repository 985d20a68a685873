"""A complaint in one line and in a list, with the dates the law sets, and how one is registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from complaints.changes.messages import MergedComplaint
from complaints.duplicates.signals import Hint, Resemblance
from complaints.events import ComplaintRegistered
from complaints.record.parties import Person
from complaints.record.places import Jurisdiction
from complaints.record.record import NOTHING_BOUGHT, ObjectRecord, SourceNumber
from complaints.service import Authorised
from complaints.triage.confirmation import TriageConfirmed
from complaints.triage.suggestions import Submission, Triage
from offices.people import Office


@dataclass(frozen=True, slots=True)
class Deadline:
    """A statutory date and how it comes about; `days` are (date, label, counted).

    `article` and `days` are in the officer's language, `article_en` and `labels_en` in English ("" and (): not known).
    """

    code: str  # "accept" | "mediate" | "tell_end" | "competence" | "verify"
    due: date
    start: date
    article: str
    days: Sequence[tuple[date, str, bool]] = ()
    estimated: bool = False  # rests on a calendar year not yet published
    standing: bool = False  # stands still during testing: `due` is the earliest date that can be
    left: int = 0  # counted days that remain of one that stands still
    article_en: str = ""
    labels_en: Sequence[str] = ()
    running: bool = True  # False: what it was for is done


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """A complaint in lists. `state`: registered, accepted, refused, mediating, settled, performing, ended, closed."""

    id: str
    number: str
    title: str
    channel: str
    state: str
    received: datetime
    amount: Decimal | None
    consumer: str
    business: str
    loss_recovered: Decimal
    deadline: Deadline | None
    telling: str = ""  # "owed": somebody must still be told of what was decided; "failed": a message did not leave


MOST_COUNTED = 1_000  # complaints of one window; beyond it the list says "more than"


@dataclass(frozen=True, slots=True)
class ComplaintFilter:
    """ "" and None: not asked for. Days are the officer's own, both included."""

    search: str = ""
    channel: str = ""
    state: str = ""  # "merged" and "undone" are left out unless asked for
    problem: str = ""  # complaints.vocabulary.PROBLEMS
    industry: str = ""  # a section or division of GB/T 4754: "F", "F52"
    office: str = ""
    since: date | None = None
    until: date | None = None
    due: str = ""  # "late" | "today" | "soon"
    page: int = 1
    before: int | None = None  # the window begins after this place


@dataclass(frozen=True, slots=True)
class ComplaintList:
    """Newest receipt first. `total` of this window; `older`: where the next window begins, None when this is all."""

    rows: Sequence[ComplaintRow]
    total: int
    page_size: int
    older: int | None = None
    offices: Sequence[Office] = ()  # that the officer may choose from


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """A complaint as an officer types it, numbers complete: `complaints.service.Filing` without its office."""

    channel: str
    received: datetime
    title: str
    request: str
    facts: str
    amount: Decimal | None
    consumer: Person
    business: Person
    industry: str = ""
    problem: str = ""
    mode: str = ""
    sources: tuple[SourceNumber, ...] = ()
    joint: tuple[Person, ...] = ()
    representatives: tuple[str, ...] = ()
    proxy: Authorised | None = None
    object: ObjectRecord = NOTHING_BOUGHT
    requests: tuple[str, ...] = ()
    problem_class: str = ""
    industry_code: str = ""
    division: str = ""
    jurisdiction: str = ""
    urgency: tuple[str, ...] = ()
    secret: bool = False
    wants_reply: bool = True
    keywords: tuple[str, ...] = ()
    also_reports: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    jurisdiction: Jurisdiction
    office: str  # its office's short name


@dataclass(frozen=True, slots=True)
class TriagePage:
    """`record` is the record as it is now; `official` names finer codes of its industry, where they were imported."""

    suggested: Triage
    submission: Submission
    record: ComplaintRegistered
    areas: Sequence[Area]
    official: Mapping[str, str]
    confirmed: TriageConfirmed | None


@dataclass(frozen=True, slots=True)
class SuggestedDuplicate:
    row: ComplaintRow
    resemblance: Resemblance
    mergeable: bool  # both are at a stage where one can go into the other


@dataclass(frozen=True, slots=True)
class EarlierComplaint:
    """The same person's complaint of the same business that another office received before (Order 121 Art 14): who has
    it, and nothing of what it says."""

    office: str
    number: str
    received: datetime


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """Of one complaint. `merged`: the one it went into; `took`: those that went into it."""

    suggested: Sequence[SuggestedDuplicate] = ()
    hints: Sequence[Hint] = ()
    merged: MergedComplaint | None = None
    took: Sequence[MergedComplaint] = ()
    earlier: EarlierComplaint | None = None
