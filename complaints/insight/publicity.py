"""消费投诉信息公示: which businesses an office names to the public, with which figures, and how it came to that.

Order 121 Art 38 has the office publish complaint information. Here are the events of `publicity/<id>`, a stream for
each office, kind and first day of a period, and the figures; how one follows the other is `publicity_rules`. Names and
counts only: no single complaint and nobody's name.

What counts: complaints that were accepted and whose mediation was concluded in the period, by the one statistical
standard, but for those `uncounted` names. Small numbers of a kind are kept back as in a bulletin (`shown`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, get_args

from complaints.insight.bulletin import Cells, published_counts, published_total
from complaints.insight.respondents import Conduct
from complaints.notices import Addressee
from complaints.record import AttachmentAdded, marked_public
from complaints.state import Complaint
from complaints.statistics import find_statistic
from complaints.statistics.facts import Fact
from complaints.statistics.figures import Period, figure, month, quarter, tallies

STREAM: Final = "publicity"
PublicityKind = Literal["quarter", "month"]
KINDS: Final[tuple[PublicityKind, ...]] = get_args(PublicityKind)
REASONS: Final = ("review", "not_theirs", "duplicate", "abusive", "other")  # why an officer leaves a complaint out
LONGEST: Final = {"reason": 500, "text": 5_000, "by": 60, "name": 120, "note": 200}
MOST_OBJECTIONS: Final = 5  # of one business
MOST_FILES: Final = 12


# ------------------------------------------------------------ figures


@dataclass(frozen=True, slots=True)
class EntryFigures:
    """`complaints`: whose mediation was concluded in the period; `settled` of them. `unanswered`: asked in writing, and
    the day passed without an answer. `promised`: settled with promises whose day is over or that were kept; `kept`."""

    complaints: int
    settled: int
    problems: dict[str, int]
    unanswered: int = 0
    promised: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class ShownFigures:
    """As anybody may read them; None is kept back. `share`: settled of those concluded, in percent."""

    complaints: int
    settled: int
    share: Decimal | None
    problems: Cells | None
    unanswered: int | None
    promised: int | None
    kept: int | None


def figures_of(facts: Sequence[Fact], conducts: Mapping[str, Conduct], period: Period, today: date) -> EntryFigures:
    """Of one business's complaints, by the standard's share of those settled."""
    share = find_statistic("settled_share")
    counted = figure(share, tallies(facts, share.measures, period, today))
    behaved = [conducts.get(one.id, Conduct()) for one in facts]
    standing = Counter(one.standing(today) for one in behaved)
    kept = standing["kept"] + standing["late"]
    return EntryFigures(
        counted.bottom or 0,
        counted.top,
        dict(sorted(Counter(one.problem for one in facts).items())),
        sum(one.willing == "missed" for one in behaved),
        kept + standing["overdue"],
        kept,
    )


def shown(figures: EntryFigures) -> ShownFigures:
    """Of a kind of which there are few, what a complaint was about would be told; how many there were, and how many of
    them were settled, is what is published."""
    share = find_statistic("settled_share")
    percent = (Decimal(100 * figures.settled) / figures.complaints).quantize(Decimal(1).scaleb(-share.digits))
    promises = [figures.promised, figures.kept, figures.promised - figures.kept]
    few = any(published_total(part) is None for part in promises)
    return ShownFigures(
        figures.complaints,
        figures.settled,
        percent,
        published_counts(figures.problems),
        published_total(figures.unanswered),
        None if few else figures.promised,
        None if few else figures.kept,
    )


def uncounted(complaint: Complaint, ground: int | None) -> str:
    """Why a concluded complaint does not count, "" when it does. `ground`: on which its mediation was ended last."""
    if complaint.withdrawn or (ground == 1 and complaint.ended_at is not None):
        return "withdrawn"  # Order 121 Art 23 (1): withdrawn, or made up without the office
    if ground == 6 and complaint.ended_at is not None:
        return "unfit"  # (6): not to be accepted (Art 16), or abusive (Art 42)
    if marked_public(complaint.record).strip() in _NOT_TO_BE:
        return "channel"
    return ""


_NOT_TO_BE: Final = frozenset({"否", "不公示", "不予公示"})  # in the channel's words


# ------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class PublicityBegun:
    """Counted, for people to look at. `offices`: whose complaints; `least`: complaints of a business that is named;
    `days`: working days for objections. `unnamed`: how many had as many and no credit code."""

    office: str
    office_name: str
    offices: tuple[str, ...]
    kind: str
    first: date
    last: date
    least: int
    days: int
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class BusinessNamed:
    """`entry`: the respondent's key, under which those that were joined to it count. `records`: complaints behind the
    figures; `out`: those that do not count, and why."""

    entry: str
    name: str
    code: str
    figures: EntryFigures
    records: tuple[str, ...]
    out: dict[str, str]


@dataclass(frozen=True, slots=True)
class BusinessCorrected:
    """Figures without some complaints, or another name; never more complaints than it was told of."""

    entry: str
    name: str
    figures: EntryFigures
    records: tuple[str, ...]
    out: dict[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class BusinessLeftOut:
    entry: str
    reason: str


@dataclass(frozen=True, slots=True)
class BusinessReturned:
    """It is in again, having been left out before anything was published."""

    entry: str
    reason: str


@dataclass(frozen=True, slots=True)
class ObjectionsOpened:
    pass


@dataclass(frozen=True, slots=True)
class BusinessTold:
    """`due`: the last day to object. `how`: "message" (`to`, with the link `invitation`) or "hand" (`note`)."""

    entry: str
    due: date
    how: str
    invitation: str = ""
    to: Addressee | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class BusinessRead:
    """The business confirmed its phone and saw its entry, for the first time by this link."""

    entry: str


@dataclass(frozen=True, slots=True)
class RecordsViewed:
    """An officer looked at the complaints behind an entry; noted once for each."""

    entry: str


@dataclass(frozen=True, slots=True)
class ObjectionMade:
    """`by`: who objects for the business, as they wrote it; `how`: "link", or "letter" as an officer entered it."""

    entry: str
    objection: str
    text: str
    by: str
    how: str


@dataclass(frozen=True, slots=True)
class ObjectionFileAdded:
    entry: str
    added: AttachmentAdded


@dataclass(frozen=True, slots=True)
class ObjectionFileTaken:
    entry: str
    attachment: str


@dataclass(frozen=True, slots=True)
class ObjectionAnswered:
    """Upheld comes with a correction, or with the business left out."""

    entry: str
    objection: str
    upheld: bool
    reason: str


@dataclass(frozen=True, slots=True)
class PublicityPublished:
    """`second`: the account that said yes, `approval` where it did; `digest`: of what it read."""

    edition: int
    digest: str
    second: str
    second_name: str
    approval: str


@dataclass(frozen=True, slots=True)
class BusinessWithdrawn:
    """From what is published, at once. Everybody reads why."""

    entry: str
    reason: str


@dataclass(frozen=True, slots=True)
class PublicityWithdrawn:
    reason: str


OfEntry = (
    BusinessCorrected | BusinessLeftOut | BusinessReturned | BusinessTold | BusinessRead | RecordsViewed | ObjectionMade
    | ObjectionFileAdded | ObjectionFileTaken | ObjectionAnswered | BusinessWithdrawn
)  # fmt: skip
PublicityEvent = (
    PublicityBegun | BusinessNamed | OfEntry | ObjectionsOpened | PublicityPublished | PublicityWithdrawn
)  # fmt: skip
EVENTS: Final[Mapping[str, type[PublicityEvent]]] = {kind.__name__: kind for kind in get_args(PublicityEvent)}
MAKING: Final = (
    PublicityBegun, BusinessCorrected, BusinessLeftOut, BusinessReturned, ObjectionsOpened, BusinessTold,
    ObjectionAnswered,
)  # fmt: skip
"""Whoever did one of these had a hand in it, and is no second person."""


def publicity_id(office: str, kind: PublicityKind, first: date) -> str:
    return hashlib.sha256(f"{office}\0{kind}\0{first}".encode()).hexdigest()[:16]


def stream(publicity: str) -> str:
    return f"{STREAM}/{publicity}"


def period_of(kind: PublicityKind, day: date) -> Period:
    return quarter(day) if kind == "quarter" else month(day)


def number(kind: str, first: date) -> str:
    """2026-Q2, 2026-06."""
    return f"{first.year}-Q{(first.month + 2) // 3}" if kind == "quarter" else f"{first:%Y-%m}"
