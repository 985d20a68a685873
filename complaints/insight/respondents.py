"""One business as its complaints show it: figures, repeats, promises, how it behaved in each; and which of its keys
count as one.

A profile is pure: facts and conduct in. Every number is a set of complaints, so that whoever reads it can open them.

Two keys of one business, in the stream `respondent/<key>`:

    apart ──join──► joined ──part──► apart
      └──keep apart (no longer suggested; join stays possible)

Nothing is rewritten: facts keep the key they were told by, and whoever reads them looks up with which other it
counts (`server.insight.business_store`). Taken back, figures are what they were.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, NamedTuple, assert_never, get_args

from complaints import BadChoice, Missing, NotAllowed, TooLong, WrongState
from complaints.commands import MEDIATOR, SUPERVISOR, SYSTEM, office_standing
from complaints.complaint import local_day
from complaints.duplicates import core
from complaints.events import ComplaintEvent, MediationClosed, PromisesKept, typed
from complaints.notices.messages import AnswerGiven, AnswerMissed
from complaints.procedure import MediationEnded
from complaints.record import PartyRecord
from complaints.service import append
from complaints.state import Complaint
from complaints.statistics import find_statistic
from complaints.statistics.facts import Fact
from complaints.statistics.figures import Figure, Period, belongs, each_month, figure, tallies
from journal import Actor, Event, Journal

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
    """Another respondent and what it has in common: `reasons` are of `complaints.insight.respondents.KINDS`.
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


STREAM: Final = "respondent"
LONGEST: Final = 500
TITLE: Final = "title"
"""Beside `marks.KINDS`: the whole registered name, which its registry gives to no second firm."""
_FORMS: Final = ("公司", "合作社", "合伙企业", "事务所")
_SHORTEST: Final = 5  # characters of a registered name, its form among them
_NOISE: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class RespondentJoined:
    """Counts as `head` from now on, also of days before. `why`: what both had, of `marks.KINDS` and `TITLE`."""

    head: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RespondentParted:
    """Taken back."""

    head: str
    reason: str


@dataclass(frozen=True, slots=True)
class RespondentKeptApart:
    """Somebody looked at both: they are two."""

    head: str


JoiningEvent = RespondentJoined | RespondentParted | RespondentKeptApart
EVENTS: Mapping[str, type[JoiningEvent]] = {kind.__name__: kind for kind in get_args(JoiningEvent)}


@dataclass(frozen=True, slots=True)
class JoinRespondents:
    head: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartRespondents:
    """`head`: of which it was read that it counts as that."""

    head: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeepRespondentsApart:
    head: str


JoiningCommand = JoinRespondents | PartRespondents | KeepRespondentsApart


@dataclass(frozen=True, slots=True)
class RespondentJoin:
    """`head`: what it counts as, "" for itself; `by`: a name. `apart`: what somebody said it is not."""

    head: str = ""
    why: tuple[str, ...] = ()
    at: datetime | None = None
    by: str = ""
    apart: frozenset[str] = frozenset()


def alike(reasons: Collection[str]) -> bool:
    """Whether what two keys share makes them one business, perhaps: the name and something else."""
    return NAME in reasons and bool({PHONE, ADDRESS, TITLE} & set(reasons))


def registered(title: str) -> str:
    """A firm's name as its registry has it, in one spelling; "" of what names no legal form."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", title)).casefold()
    return plain if plain.endswith(_FORMS) and len(plain) > _SHORTEST else ""


def decide(command: JoiningCommand, now: RespondentJoin, actor: Actor) -> Sequence[JoiningEvent]:
    """DomainError says why not. Empty: already so."""
    if office_standing(actor) not in (
        MEDIATOR,
        SUPERVISOR,
        *((SYSTEM,) if isinstance(command, JoinRespondents) else ()),
    ):
        raise NotAllowed
    match command:
        case JoinRespondents(head, why):
            if not head or not alike(why) or not set(why) <= {*KINDS, TITLE}:
                raise BadChoice(field="head")
            if office_standing(actor) == SYSTEM and head in now.apart:
                raise WrongState(state="apart")  # what a person said stays said
            if now.head == head:
                return []
            if now.head:
                raise WrongState(state="joined")
            return [RespondentJoined(head, tuple(kind for kind in (*KINDS, TITLE) if kind in why))]
        case PartRespondents(head, reason):
            if not reason.strip():
                raise Missing(field="reason")
            if len(reason) > LONGEST:
                raise TooLong(field="reason", most=LONGEST)
            if not now.head or now.head != head:
                raise WrongState(state="apart")
            return [RespondentParted(head, reason.strip())]
        case KeepRespondentsApart(head):
            if not head:
                raise BadChoice(field="head")
            if now.head == head:
                raise WrongState(state="joined")
            return [] if head in now.apart else [RespondentKeptApart(head)]
        case _:
            assert_never(command)


def evolve(now: RespondentJoin, event: JoiningEvent, at: datetime, by: str) -> RespondentJoin:
    match event:
        case RespondentJoined(head, why):
            return RespondentJoin(head, why, at, by, now.apart - {head})
        case RespondentParted(head):
            # Who takes it back has said so: it is not suggested again.
            return RespondentJoin(apart=now.apart | {head})
        case RespondentKeptApart(head):
            return replace(now, apart=now.apart | {head})
        case _:
            assert_never(event)


def fold(entries: Iterable[Event]) -> RespondentJoin:
    now = RespondentJoin()
    for entry in entries:
        if not entry.erased and (kind := EVENTS.get(entry.type)) is not None:
            now = evolve(now, typed(kind, entry.data), entry.at, entry.actor.name)
    return now


def stream(member: str) -> str:
    return f"{STREAM}/{member}"


class RespondentJoinService:
    """The one writer of `respondent/…`."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def submit(self, member: str, command: JoiningCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(member), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )


# ------------------------------------------------------------ marks


PHONE, ADDRESS, NAME = "phone", "address", "name"
KINDS: Final = (PHONE, ADDRESS, NAME)
SHORTEST_ADDRESS: Final = 5  # characters of an address behind its divisions
_DIGITS: Final = 15  # hex digits of a mark: fits a signed 64-bit column
_MARK_NOISE: Final = re.compile(r"[\W_]+")
_HAN: Final = "[\u3400-\u9fff]"
_ABOVE: Final = re.compile(
    rf"^{_HAN}{{1,8}}?(?:特别行政区|自治区|自治州|自治县|地区|林区|新区|省|市|区|县|盟|旗)(?={_HAN}{{2}})"
)


class Mark(NamedTuple):
    """What two businesses may share: a phone, an address, a name. A digest only, to look others up by."""

    kind: str
    mark: int


def marks(business: PartyRecord, division: str) -> tuple[Mark, ...]:
    """In the order of `KINDS`; none for what is not known.

    The phone's is made of the keyed digest the record holds, so a stolen table gives no number. An address stands in
    the record as it is; its digest is only shorter. The name's only of one that has a credit code: without one the name
    is what the respondent is told by anyway. A credit code needs none: it is the respondent's key itself.
    """
    found = []
    if business.phone_key:
        found.append(Mark(PHONE, _mark(PHONE, business.phone_key)))
    place = written_address(business.address)
    if place:
        found.append(Mark(ADDRESS, _mark(ADDRESS, place, division)))
    name = core(business.title)
    if business.code_key and name:
        found.append(Mark(NAME, name_mark(name, division)))
    return tuple(found)


def name_mark(name: str, division: str) -> int:
    """`name`: its core (`complaints.duplicates.core`)."""
    return _mark(NAME, name, division)


def written_address(address: str) -> str:
    """In one spelling, without the divisions it begins with; "" for one that names no door."""
    plain = unicodedata.normalize("NFKC", address)
    plain = (plain if plain.isalnum() else _MARK_NOISE.sub("", plain)).casefold()
    for _ in range(3):
        above = _ABOVE.match(plain)
        if above is None:
            break
        plain = plain[above.end() :]
    return plain if len(plain) >= SHORTEST_ADDRESS and any(char.isdigit() for char in plain) else ""


def _mark(*parts: str) -> int:
    return int(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS], 16)
