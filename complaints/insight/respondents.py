"""One business as its complaints show it: figures, repeats, promises, and how it behaved in each.

Pure: facts and conduct in, a profile out. Every number is a set of complaints, so that whoever reads it can open them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from complaints.clocks import local_day
from complaints.complaint import Complaint
from complaints.events import ComplaintEvent, MediationClosed, PromisesKept
from complaints.notices.answers import AnswerGiven, AnswerMissed
from complaints.procedure.messages import MediationEnded
from complaints.statistics.definitions import find_statistic
from complaints.statistics.facts import Fact
from complaints.statistics.figures import Figure, belongs, figure, tallies
from complaints.statistics.periods import Period, each_month

FIGURES: Final = ("received", "accepted", "mediated", "success_rate", "loss_recovered", "median_days_to_handling")
REPEATS: Final = 3  # complaints of one kind that make it a repeated problem
PROMISES: Final = ("kept", "late", "overdue", "open")
ANSWERS: Final = ("yes", "no", "unsure", "missed")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A problem of which there were at least `REPEATS` complaints. `again`: those received after one of the same kind
    had been settled: what was promised one consumer did not keep it from the next."""

    problem: str
    records: tuple[str, ...]
    again: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Profile:
    """`parts`: the complaints behind each number, by name ("all", "problem:quality", "promise:kept", "willing:no",
    "came", "away", …), the newest first. `months`: complaints received in each month of the period."""

    period: Period
    figures: Sequence[Figure]
    parts: Mapping[str, tuple[str, ...]]
    months: Sequence[tuple[str, int]]
    problems: Sequence[tuple[str, int]]
    repeat: Repeat | None
    asked: int  # how many times the business was asked whether it would mediate, and answered or let the day pass

    def count(self, part: str) -> int:
        return len(self.parts.get(part, ()))


@dataclass(frozen=True, slots=True)
class SimilarRespondent:
    """Another respondent and what it has in common: `reasons` are of `complaints.insight.same_business.KINDS`.
    `complaints`: how many of it the officer sees. `joins`: what it would be when both are counted as one, "head" or
    "member", and "" where nothing suggests that. `apart`: somebody has said that they are two."""

    respondent: str
    name: str
    reasons: tuple[str, ...]
    complaints: int
    joins: str = ""
    apart: bool = False


def profile(facts: Sequence[Fact], conducts: Mapping[str, Conduct], period: Period, today: date) -> Profile:
    """`facts`: the respondent's; those received in the period are looked at. Complaints that were merged, or whose
    import was taken back, are none."""
    known = [fact for fact in facts if fact.counted]
    seen = sorted(
        (fact for fact in known if period.holds(fact.received)), key=lambda fact: (fact.received, fact.id), reverse=True
    )
    parts: dict[str, list[str]] = {"all": [fact.id for fact in seen]}
    for fact in seen:
        for part in _parts(fact, conducts.get(fact.id, NOTHING), today):
            parts.setdefault(part, []).append(fact.id)
    wanted = [find_statistic(name) for name in FIGURES]
    measures = list(dict.fromkeys(measure for one in wanted for measure in one.measures))  # each is counted once
    counted = tallies(known, measures, period, today)
    for one in wanted:
        top = one.measures[0]
        behind = [fact for fact in known if belongs(fact, top, period, today)]
        parts[one.id] = [fact.id for fact in sorted(behind, key=lambda fact: (fact.received, fact.id), reverse=True)]
    repeat = repeated(seen)
    if repeat is not None:
        parts["again"] = list(repeat.again)
    months = Counter(f"{fact.received:%Y-%m}" for fact in seen)
    problems = Counter(fact.problem for fact in seen)
    return Profile(
        period,
        [figure(one, counted) for one in wanted],
        {name: tuple(ids) for name, ids in parts.items()},
        [(month, months[month]) for month in each_month(period)],
        sorted(problems.items(), key=lambda pair: (-pair[1], pair[0])),
        repeat,
        sum(len(parts.get(f"willing:{answer}", ())) for answer in ANSWERS),
    )


def repeated(facts: Collection[Fact]) -> Repeat | None:
    """The problem with the most complaints, when it repeats; of equally many the one seen last."""
    kinds: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.problem:
            kinds.setdefault(fact.problem, []).append(fact)
    often = [(len(some), max(fact.received for fact in some), kind) for kind, some in kinds.items()]
    many, last, kind = max(often, default=(0, date.min, ""))
    if many < REPEATS:
        return None
    some = sorted(kinds[kind], key=lambda fact: (fact.received, fact.id), reverse=True)
    settled = min((fact.settled for fact in some if fact.settled is not None), default=None)
    again = [fact.id for fact in some if settled is not None and fact.received > settled]
    return Repeat(kind, tuple(fact.id for fact in some), tuple(again), some[-1].received, last)


def _parts(fact: Fact, behaved: Conduct, today: date) -> Iterable[str]:
    yield f"problem:{fact.problem}"
    if standing := behaved.standing(today):
        yield f"promise:{standing}"
    if behaved.willing:
        yield f"willing:{behaved.willing}"
    if behaved.held:
        yield "came"
    if behaved.away:
        yield "away"


# ------------------------------------------------------------ conduct


_AWAY: Final = {"121": 2, "20": 3}  # order -> the ground on which a party stayed away or refused
TELLING: Final = frozenset(
    {
        "MediationClosed", "MediationCancelled", "MediationEnded", "PromisesKept", "NoteTakenBack", "AnswerGiven",
        "AnswerMissed", "AnswerWithdrawn", "ComplaintWithdrawn",
    }
)  # fmt: skip
"""Types of events after which it may be another."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """`willing`: "yes" | "no" | "unsure" as the business last wrote, "missed" when it let the day pass, "" unasked.

    `held`: sessions that took place. `away`: mediation ended because a party stayed away or refused; which of the two
    the ground does not say. `promised`: the local day the last promise was due; `kept`: the day they were noted as
    kept.
    """

    willing: str = ""
    held: int = 0
    away: bool = False
    promised: date | None = None
    kept: date | None = None

    def standing(self, today: date) -> str:
        """Of its promises: "kept" | "late" (kept after their day) | "overdue" | "open"; "" when there were none."""
        if self.promised is None:
            return ""
        if self.kept is not None:
            return "kept" if self.kept <= self.promised else "late"
        return "overdue" if self.promised < today else "open"


NOTHING: Final = Conduct()


@dataclass(frozen=True, slots=True)
class ConductNoted:
    """What a complaint's events have said so far of how its business behaved; `conduct` makes days of it."""

    willing: str = ""
    ground: int | None = None
    kept_at: datetime | None = None
    due: datetime | None = None  # of the promises made last


def note_conduct(before: ConductNoted, event: ComplaintEvent, at: datetime, after: Complaint) -> ConductNoted:
    """With one more event. `after`: the complaint as it left it."""
    noted = before
    match event:
        case AnswerGiven(willing=said):
            noted = replace(noted, willing=said)
        case AnswerMissed() if not noted.willing:
            noted = replace(noted, willing="missed")
        case MediationClosed(ground=found) | MediationEnded(ground=found):
            noted = replace(noted, ground=found)
        case PromisesKept():
            noted = replace(noted, kept_at=at)
        case _:
            pass
    return noted if after.promises_due is None else replace(noted, due=after.promises_due)


def conduct(noted: ConductNoted, complaint: Complaint, zone: str) -> Conduct:
    """How a business behaved in one complaint: whether it would mediate, whether it came, whether it kept its promises.

    Days are local to the complaint's office.
    """
    performed = noted.kept_at is not None and complaint.kept_due is not None
    promised = noted.due if performed or complaint.promises_due is not None else None
    ended = complaint.ended_at is not None
    return Conduct(
        noted.willing,
        complaint.held,
        ended and noted.ground == _AWAY.get(complaint.record.order),
        None if promised is None else local_day(promised, zone),
        local_day(noted.kept_at, zone) if performed and noted.kept_at is not None else None,
    )
