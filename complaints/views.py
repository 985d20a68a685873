"""A complaint in one line and in a list, its notices, where it stands in the procedure and what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from complaints.duplicates import FiledComplaint, RepeatHint, Resemblance
from complaints.events import ComplaintRegistered
from complaints.record import NOTHING_BOUGHT, ObjectRecord, PartyTyped, SourceNumber
from complaints.record.changes import NO_TRANSFERS, MergedComplaint, Transfers
from complaints.record.places import Jurisdiction
from complaints.service import Authorised
from complaints.triage import Submission, Triage, TriageConfirmed
from law.deadlines import HolidayNotice
from law.orders import OrderRule
from offices import Office


@dataclass(frozen=True, slots=True)
class ShownDeadline:
    """A statutory date and how it comes about; `days` are (date, label, counted).

    `article` and `days` are in the officer's language, `article_en` and `labels_en` in English ("" and (): not known).
    """

    code: str  # "accept" | "mediate" | "tell_end" | "competence" | "verify"
    due: date
    start: date
    article: str
    days: tuple[tuple[date, str, bool], ...] = ()
    estimated: bool = False  # rests on a calendar year not yet published
    standing: bool = False  # stands still during testing: `due` is the earliest date that can be
    left: int = 0  # counted days that remain of one that stands still
    article_en: str = ""
    labels_en: tuple[str, ...] = ()
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
    deadline: ShownDeadline | None
    telling: str = ""  # "owed": somebody must still be told of what was decided; "failed": a message did not leave


MOST_COUNTED = 1_000  # complaints of one window; beyond it the list says "more than"


@dataclass(frozen=True, slots=True)
class ComplaintFilter:
    """ "" and None: not asked for. Days are the officer's own, both included."""

    search: str = ""
    channel: str = ""
    state: str = ""  # "merged" and "undone" are left out unless asked for
    problem: str = ""  # complaints.PROBLEMS
    industry: str = ""  # a section or division of GB/T 4754: "F", "F52"
    office: str = ""
    since: date | None = None
    until: date | None = None
    due: str = ""  # "late" | "today" | "soon"
    page: int = 1
    before: int | None = None  # the window begins after this place
    whose: str = ""  # "mine": what the officer who asks handles


@dataclass(frozen=True, slots=True)
class ComplaintList:
    """Newest receipt first. `total` of this window; `older`: where the next window begins, None when this is all."""

    rows: Sequence[ComplaintRow]
    total: int
    page_size: int
    older: int | None = None
    offices: Sequence[Office] = ()  # that the officer may choose from


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody is reached, as typed; "" for what was not."""

    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class KnownContact:
    """How a business was reached in another complaint about it. `textable`: its number takes text messages."""

    complaint: str
    number: str  # of the complaint
    received: date
    phone: str  # masked
    email: str
    textable: bool

    @property
    def choice(self) -> str:
        """What a form says of it: with what it showed, so that another number of that complaint is not taken for it."""
        return "|".join((self.complaint, self.phone, self.email))


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """A complaint as an officer types it, numbers complete: `complaints.service.Filing` without its office."""

    channel: str
    received: datetime
    title: str
    request: str
    facts: str
    amount: Decimal | None
    consumer: PartyTyped
    business: PartyTyped
    industry: str = ""
    problem: str = ""
    mode: str = ""
    sources: tuple[SourceNumber, ...] = ()
    joint: tuple[PartyTyped, ...] = ()
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
    place: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredArea:
    jurisdiction: Jurisdiction
    office: str  # its office's short name


@dataclass(frozen=True, slots=True)
class TriagePage:
    """`record` is the record as it is now; `official` names finer codes of its industry, where they were imported."""

    suggested: Triage
    submission: Submission
    record: ComplaintRegistered
    areas: Sequence[AnsweredArea]
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
    """Of one complaint. `merged`: the one it went into; `took`: those that went into it; `by_others`: those in which
    other people tell the same, nearest first."""

    suggested: Sequence[SuggestedDuplicate] = ()
    hints: Sequence[RepeatHint] = ()
    merged: MergedComplaint | None = None
    took: Sequence[MergedComplaint] = ()
    earlier: EarlierComplaint | None = None
    by_others: Sequence[FiledComplaint] = ()


@dataclass(frozen=True, slots=True)
class NoticeReceiver:
    """Whom a notice is for. `state`: of the message, "by_hand" when no number takes one."""

    whom: str  # "consumer" | "business"
    name: str
    phone: str  # masked
    state: str  # "queued" | "sent" | "failed" | "dead" | "by_hand"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: str
    kind: str  # complaints.notices.NoticeKind
    number: str
    at: datetime
    by: str
    to: Sequence[NoticeReceiver]
    state: Literal["standing", "replaced", "withdrawn"]
    replaces: str = ""
    replaced_by: str = ""
    reason: str = ""  # of the withdrawal
    sha256: str = ""
    edition: str = ""
    articles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NoticeList:
    """`owed`: kinds whose occasion has come and of which none is in force; `possible`: also those that are;
    `drafts`: what can be printed of the file, "register" always, "agreement" and "record" from the outcome."""

    issued: Sequence[NoticeRow] = ()  # newest first
    owed: Sequence[str] = ()
    possible: Sequence[str] = ()
    drafts: Sequence[str] = ()


NO_NOTICES = NoticeList()


@dataclass(frozen=True, slots=True)
class Undeliverable:
    whom: str
    reason: str


@dataclass(frozen=True, slots=True)
class TellingView:
    """What of the present state is still to be told. `what`: complaints.notices.NoticeKind, "" for nothing;
    `waiting`: of the `untold`, those whose message is on its way."""

    what: str = ""
    untold: Sequence[str] = ()
    waiting: Sequence[str] = ()
    failed: Sequence[Undeliverable] = ()


NOTHING_TO_TELL = TellingView()


@dataclass(frozen=True, slots=True)
class NoticeWish:
    """`english`: with an English rendering behind it; `receiver`: of a complaint sent on, `within` the same bureau."""

    kind: str
    note: str = ""
    receiver: str = ""
    english: bool = False
    replaces: str = ""  # the number of the one in force
    within: bool = False


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """A PDF and the name to save it under."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReadableNotice:
    """A notice as it was issued, to be read on a phone. `blocks`: (style, text) as of `server.documents`."""

    notice: str
    number: str
    office: str
    title: str
    addressee: str
    blocks: Sequence[tuple[str, str]]
    date: str
    english: tuple[str, Sequence[tuple[str, str]]] | None = None  # title and blocks, for reading only


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a decision would have printed and sent. `messages`: (whom, name, masked number, text), text "" for somebody
    no message can reach."""

    sheet: ReadableNotice
    messages: Sequence[tuple[str, str, str, str]]

    @property
    def reachable(self) -> bool:
        """A message goes to everybody who has to be told."""
        return all(text for *_, text in self.messages)


@dataclass(frozen=True, slots=True)
class ProcedureView:
    """`steps`: keys of `complaints.procedure.transitions.STEPS` this officer may ask now, in the procedure's order."""

    state: str = ""
    steps: Sequence[str] = ()
    testing: str = ""  # the body, while it lasts
    testing_since: datetime | None = None
    recusal_by: str = ""  # who asked, while it is not decided
    recusal_since: datetime | None = None
    delegated: str = ""
    disputed: str = ""  # the other office, while it lasts
    dispatched: bool = False  # it came from the intake unit
    split: bool = False  # its report part is a lead of its own
    offices: Sequence[tuple[str, str]] = ()  # where it can be dispatched to: id, name
    cells: Sequence[tuple[str, str]] = ()  # other bureaus it can be sent to: id, name
    transfers: Transfers = NO_TRANSFERS


NO_PROCEDURE = ProcedureView()


@dataclass(frozen=True, slots=True)
class DueRow:
    """`kind`: "complaint" | "lead"; `title` says who and what about."""

    kind: str
    id: str
    number: str
    title: str
    office: str  # its name
    deadline: ShownDeadline


@dataclass(frozen=True, slots=True)
class DueBoard:
    """What is late, due today, due soon, and what stands still; the earliest of each, and not all where there are very
    many. `counts`: of all, by clock code: (late, today, soon)."""

    late: Sequence[DueRow] = ()
    today: Sequence[DueRow] = ()
    soon: Sequence[DueRow] = ()
    standing: Sequence[DueRow] = ()
    counts: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    until: date | None = None  # the last day that is soon


@dataclass(frozen=True, slots=True)
class HeldAct:
    """What is done at `due`: `act` "accept" | "assign". `failed`: why it was not, a refusal's code."""

    complaint: str
    number: str
    due: datetime
    failed: str = ""
    act: str = "accept"


@dataclass(frozen=True, slots=True)
class Queue:
    """What an office has to accept or refuse. `complaint`: the one to look at and its `position`, "" when there is
    none; the figures count all. `held`: acts of the officer's own that can be undone, the newest first."""

    complaint: str = ""
    position: str = ""
    waiting: int = 0
    late: int = 0
    today: int = 0
    held: Sequence[HeldAct] = ()
    failed: Sequence[HeldAct] = ()


@dataclass(frozen=True, slots=True)
class DueCase:
    """A complaint to go on with."""

    id: str
    number: str
    due: date


@dataclass(frozen=True, slots=True)
class HolidayYear:
    notice: HolidayNotice
    entered: datetime
    by: str


@dataclass(frozen=True, slots=True)
class OrdersInUse:
    """By which rule complaints fall under an order; `older`: how many under way the officer sees under Order 20."""

    rule: OrderRule
    older: int = 0
