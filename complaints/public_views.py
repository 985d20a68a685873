"""What consumers and businesses see by the window and by links, and what they send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from complaints.notices.messages import AnswerGiven, QuestionsAnswered
from complaints.record import AttachmentAdded, Claims
from offices import Office


@dataclass(frozen=True, slots=True)
class WindowFiling:
    """What a consumer typed; the phone is complete here."""

    office: str
    title: str
    facts: str
    request: str
    requests: tuple[str, ...]
    amount: Decimal | None
    name: str
    phone: str
    city: str
    business_name: str
    business_phone: str
    business_city: str
    business_address: str
    language: str = "zh"  # of the pages it was written on
    agreed: str = ""  # version of the text on filing that was shown
    age_band: str = ""  # complaints.AgeBand
    guardian: str = ""  # of a minor: the guardian's name, and who that is to them
    relation: str = ""
    guardian_phone: str = ""
    address: str = ""  # correspondence address (Order 121 Art 10); filed from before it was asked, none
    consents: bool = False  # the guardian of a child agreed that its data are processed


@dataclass(frozen=True, slots=True)
class WindowVisit:
    purpose: Literal["file", "follow"]
    phone: str  # masked
    verified: bool
    seconds: int  # until it ends, when nothing more is looked at


@dataclass(frozen=True, slots=True)
class WindowNotice:
    """A notice in force that went to the complainant."""

    notice: str
    kind: str
    number: str
    at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class ComplaintStanding:
    """How a complaint stands. `due`: until when the office must have taken its next step, with the article.

    `files`: what the complainant sent themselves; `fresh`: it was filed on this visit. `bureau`: another that has it
    under its `number_there`; "" for a number while its receipt has not come.
    """

    office: Office
    number: str
    title: str
    business: str
    state: str
    received: datetime
    due: date | None
    article: str
    withdrawn: bool
    can_withdraw: bool
    can_attach: bool = False
    files: Sequence[AttachmentAdded] = ()
    notices: Sequence[WindowNotice] = ()  # newest first
    news: bool = False
    fresh: bool = False
    bureau: str = ""
    number_there: str = ""


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """`claims` and what was answered: only once the code was right. `open`: an answer is still taken."""

    office: Office
    business: str
    phone: str  # masked
    due: date
    late: bool
    open: bool
    verified: bool
    claims: Claims | None
    note: str
    given: AnswerGiven | None
    given_at: datetime | None
    added: Sequence[tuple[str, datetime]]
    files: Sequence[AttachmentAdded]
    typed: Mapping[str, str]  # so far, while nothing was given: field -> text


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """`whom`: "consumer" | "business"; `when`: "closed" | "due"; `promised`: something was left to be done later."""

    office: Office
    number: str
    whom: str
    when: str
    promised: bool
    answered: QuestionsAnswered | None


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """`standing` as in complaints.procedure; `paid`: what the consumer answered, "" when they did not."""

    session: str
    number: int  # of the promise, from 1
    complaint: str
    complaint_number: str
    office: str
    respondent: str  # a key; `business` is its name
    business: str
    who: str  # "consumer" | "business"
    action: str
    amount: Decimal | None
    due: date
    standing: str
    kept: date | None
    reminded: bool
    paid: str


@dataclass(frozen=True, slots=True)
class ChasedPromise:
    """One somebody has to see to. `why`: one of complaints.procedure.rules.CHASED; `late`: since its day."""

    row: PromiseRow
    why: str
    late: timedelta


@dataclass(frozen=True, slots=True)
class PromiseSum:
    """Of one respondent or office: how many promises in each standing, and yuan promised and still open."""

    key: str
    name: str
    standing: dict[str, int]
    promised: Decimal
    open: Decimal


@dataclass(frozen=True, slots=True)
class CallWishRow:
    complaint: str
    number: str
    office: str
    whom: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PerformanceView:
    rows: Sequence[PromiseRow]
    respondents: Sequence[PromiseSum]
    offices: Sequence[PromiseSum]
    wishes: Sequence[CallWishRow]
    asked: int  # consumers asked in the last 90 days, who answered, and who felt heard
    answered: int
    heard: int
    rated: int = 0  # who said how satisfied they are, and who are satisfied or partly satisfied
    satisfied: int = 0
