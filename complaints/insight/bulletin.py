"""A week's or a month's bulletin: what was counted, moved and became of earlier leads, what may be published, and how
it was issued. Pure.

A mover is a kind of complaint whose number changed by more than chance would have it: exact two-sided binomial test
of this period against the one before (days of both weighed), false discoveries among all that were looked at held to
a tenth (Benjamini and Hochberg 1995), and by a fifth at the least.

A bulletin tells one typical case (典型案例): the newest that the casebook has published of what the bulletin says rose,
the strongest evidence first; where nothing rose the newest of the period; another, or none, where an officer says so.
What a public bulletin keeps back chooses no case for it.

Issued ones are numbered, dated and frozen by their hashes. Owns the stream `bulletin/<kind>-<first day>`, one for all
offices, so that what two of them publish of the same period is decided in one place: a public bulletin keeps small
cells back (`published_counts`), but a table of an office beside one of its bureau is a second table to subtract. So of
one period nothing is published for offices that overlap with those of what was published before and are not the same;
what was withdrawn counts too: it has been read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal, assert_never, get_args

from complaints import BadChoice, BadDay, Missing, NotAllowed, TooLong, Unchanged, WrongState
from complaints.commands import INSPECTOR, SUPERVISOR, office_standing
from complaints.events import drafted, typed
from complaints.insight.aftermath import Aftermath
from complaints.insight.warnings import OwnAdvice
from complaints.statistics.figures import Figure, Period, month
from journal import Actor, Draft, Event, Journal, append_decided
from journal.refusals import DomainError

Kind = Literal["week", "month"]
KINDS: Final[tuple[Kind, ...]] = ("week", "month")
BY: Final = ("problem", "industry", "channel")
OF_CASES: Final = ("problem", "industry")
PUBLIC: Final = ("received", "handled", "mediated", "success_rate", "loss_recovered")
FALSE: Final = 0.1  # of the movers told may be chance
SMALLEST: Final = 8  # complaints of both periods together, before a kind is looked at
STRONGEST: Final = 0.2  # change, as a share of what was expected
TOP: Final = 8
_DAY: Final = timedelta(days=1)
_EXACT: Final = 20_000  # beyond, the normal distribution does


@dataclass(frozen=True, slots=True)
class Mover:
    by: str  # one of `BY`
    label: str
    now: int
    before: int
    expected: float  # now, had nothing changed
    chance: float  # of a change like it or stronger where nothing changed


@dataclass(frozen=True, slots=True)
class BulletinFigure:
    """A statistic over three periods; None is kept back."""

    now: Figure | None
    previous: Figure | None
    year_before: Figure | None


@dataclass(frozen=True, slots=True)
class Effect:
    """An earlier lead and what followed it. `number` and `title` "" in a public bulletin."""

    id: str
    number: str
    title: str
    outcome: str  # "" while it is open
    after: Aftermath | None


@dataclass(frozen=True, slots=True)
class LeadsTold:
    """`opened` in the period; `decided` in it by outcome, None when kept back."""

    opened: int | None
    decided: Sequence[tuple[str, int | None]] | None
    effects: Sequence[Effect] = ()


@dataclass(frozen=True, slots=True)
class TypicalCase:
    """A published case, de-identified, as a bulletin tells it. `articles`: citations in Chinese and in English;
    `sample`: invented. `why` it is this one: "rose", with the class `of` it; "period"; "taken" by an officer."""

    id: str
    number: str
    edition: int
    title_zh: str
    title_en: str
    facts: str
    outcome: str
    articles: Sequence[tuple[str, str]]
    sample: bool
    why: str
    of: tuple[str, str] = ("", "")  # one of `BY`, and its label


@dataclass(frozen=True, slots=True)
class Bulletin:
    """`trend`: received in each week or month up to this one. `tables`: received by kind, now and before; a table that
    is kept back whole is None. `respondents`: key, name and complaints of those with the most. `running`: the period is
    not over, and nothing of it can be held against a whole one. `case`: the typical one, None with why not in
    `untold`: "rose" (there is none of what rose), "period" (nothing rose, and none was published in it), "left_out" by
    an officer, "gone" (the one that was taken is not published any more). `advice`: the office's own, by problem."""

    kind: Kind
    period: Period
    office: str
    public: bool
    figures: Sequence[tuple[str, BulletinFigure]]  # by the statistic's id
    trend: Sequence[tuple[str, int | None]]
    tables: Mapping[str, Sequence[tuple[str, int | None, int | None]] | None]
    movers: Sequence[Mover]
    leads: LeadsTold
    respondents: Sequence[tuple[str, str, int]] = ()
    running: bool = False
    case: TypicalCase | None = None
    untold: str = ""
    advice: Mapping[str, OwnAdvice] = field(default_factory=dict)

    @property
    def rose(self) -> list[Mover]:
        """What a case can be of."""
        return [one for one in self.movers if one.by in OF_CASES and one.now > one.expected]


def period_of(kind: Kind, day: date) -> Period:
    """The week, from Monday, or the calendar month a day lies in."""
    if kind == "month":
        return month(day)
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def latest(kind: Kind, today: date) -> Period:
    """The newest that is over."""
    return period_of(kind, period_of(kind, today).first - _DAY)


def earlier(period: Period, kind: Kind, count: int) -> list[Period]:
    """So many of a kind up to this one, the oldest first."""
    found = [period]
    while len(found) < count:
        found.append(period_of(kind, found[-1].first - _DAY))
    return found[::-1]


def movers(
    now: Mapping[str, Mapping[str, int]], before: Mapping[str, Mapping[str, int]], days: tuple[int, int]
) -> list[Mover]:
    """Of received complaints by kind and label; `days`: of both periods. The strongest evidence first."""
    looked = []
    for by in sorted(now.keys() | before.keys()):
        ours, theirs = now.get(by, {}), before.get(by, {})
        for label in sorted(ours.keys() | theirs.keys()):
            many, was = ours.get(label, 0), theirs.get(label, 0)
            if label and many + was >= SMALLEST:
                share = days[0] / sum(days)
                expected = was * days[0] / days[1]
                looked.append(Mover(by, label, many, was, expected, chance(many, many + was, share)))
    looked.sort(key=lambda one: (one.chance, one.by, one.label))
    told = max((n for n, one in enumerate(looked, 1) if one.chance <= FALSE * n / len(looked)), default=0)
    strong = [one for one in looked[:told] if abs(one.now - one.expected) >= STRONGEST * max(one.expected, 1.0)]
    return strong[:TOP]


def chance(hits: int, of: int, share: float) -> float:
    """Two-sided: twice the smaller tail of the binomial distribution, 1 at the most."""
    if of > _EXACT:
        z = (abs(hits - of * share) - 0.5) / math.sqrt(of * share * (1 - share))
        return min(1.0, math.erfc(max(0.0, z) / math.sqrt(2)))
    terms = [
        math.exp(
            math.lgamma(of + 1)
            - math.lgamma(k + 1)
            - math.lgamma(of - k + 1)
            + k * math.log(share)
            + (of - k) * math.log1p(-share)
        )
        for k in range(of + 1)
    ]
    return min(1.0, 2 * min(math.fsum(terms[: hits + 1]), math.fsum(terms[hits:])))


def made_public(bulletin: Bulletin) -> Bulletin:
    """What of it may be published: nobody's name, no small cell, and none that could be subtracted out."""
    tables = {by: _table(rows) for by, rows in bulletin.tables.items()}
    shown = {
        (by, label)
        for by, rows in tables.items()
        for label, now, before in rows or ()
        if now is not None and before is not None
    }
    return replace(
        bulletin,
        public=True,
        figures=[(id_, _figures(told)) for id_, told in bulletin.figures if id_.partition("@")[0] in PUBLIC],
        trend=[(label, None if count is None else published_total(count)) for label, count in bulletin.trend],
        tables=tables,
        movers=[one for one in bulletin.movers if (one.by, one.label) in shown],
        leads=_leads(bulletin.leads),
        respondents=(),
    )


def _figures(told: BulletinFigure) -> BulletinFigure:
    return BulletinFigure(_figure(told.now), _figure(told.previous), _figure(told.year_before))


def _figure(figure: Figure | None) -> Figure | None:
    """A share or a sum of few says too much of each of them; of a share also what is left of it."""
    if figure is None:
        return None
    parts = [figure.top] if figure.bottom is None else [figure.top, figure.bottom, abs(figure.bottom - figure.top)]
    return None if any(0 < part < LEAST for part in parts) else figure


def _table(
    rows: Sequence[tuple[str, int | None, int | None]] | None,
) -> Sequence[tuple[str, int | None, int | None]] | None:
    if rows is None:
        return None
    now = published_counts({label: many or 0 for label, many, _ in rows})
    before = dict(published_counts({label: was or 0 for label, _, was in rows}) or ())
    return None if now is None else [(label, many, before.get(label)) for label, many in now]


def _leads(told: LeadsTold) -> LeadsTold:
    counts = {outcome: many or 0 for outcome, many in told.decided or ()}
    return LeadsTold(None if told.opened is None else published_total(told.opened), published_counts(counts), ())


# ------------------------------------------------------------ what may be published


LEAST: Final = 5

Cells = Sequence[tuple[str, int | None]]
"""By label in the order of the labels, never of the counts; None is kept back."""


def published_counts(counts: Mapping[str, int], least: int = LEAST) -> Cells | None:
    """What may be published of counts by kind; None when the table is kept back whole.

    A cell of 1 to `LEAST` - 1 is kept back. As the total is published too, the smallest of the other cells goes with
    it, and every cell as large as that one. So the choice depends on counts and never on which label has which:
    exchanging the counts of what is kept back gives a table that looks the same. Each cell that is kept back may
    therefore be a small one or a large one, also for somebody who knows this rule and every other cell. A table in
    which there is no other is kept back whole. Cells of nothing tell of nobody and stay.

    Held by counting every table that could stand behind what was published
    (tests/complaints/insight/test_suppression.py). It protects one table with its total. Whoever publishes the same
    counts for a part as well (an office beside its bureau, a week beside its month) makes a second table to subtract: a
    public bulletin is monthly, and of one period only one of scopes that overlap is published (`issued_bulletins`).
    """
    kept = small = {label for label, count in counts.items() if 0 < count < least}
    if small:
        smallest = min((count for count in counts.values() if count >= least), default=None)
        if smallest is None:
            return None
        kept = small | {label for label, count in counts.items() if count == smallest}
    return [(label, None if label in kept else counts[label]) for label in sorted(counts)]


def published_total(count: int, least: int = LEAST) -> int | None:
    """A count that stands alone, as published."""
    return None if 0 < count < least else count


STREAM: Final = "bulletin"
LONGEST_REASON: Final = 500
LONGEST_ASKED: Final = 300  # so that it stays on one page
HOW: Final = ("rule", "none", "case")  # a case is chosen


class SmallCells(DomainError):
    """What was published of the same period for others could be subtracted. `office`: in whose name that was."""

    code = "small_cells"


@dataclass(frozen=True, slots=True)
class BulletinIssued:
    """`papers`: SHA-256 of what is read, in all languages; `prints`: of the PDF by language; `figures`: of the figures
    and of the case it tells, so that a second edition is made only when they are others. `edition` counts from 1 for
    its scope. `case`: the id of the one it tells, "" for none."""

    scope: str
    offices: tuple[str, ...]
    office_name: str
    public: bool
    edition: int
    number: str
    first: date
    last: date
    papers: str
    prints: dict[str, str]
    figures: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class BulletinWithdrawn:
    """The newest edition stands no more."""

    scope: str
    public: bool
    reason: str


@dataclass(frozen=True, slots=True)
class LeadersAsked:
    """What is asked of leaders, on their page of this period; "" for nothing any more."""

    scope: str
    text: str


@dataclass(frozen=True, slots=True)
class BulletinCaseChosen:
    """Which case the next edition tells: `how` is "rule", "none", or "case" with the id of one."""

    scope: str
    public: bool
    how: str
    case: str = ""


IssueEvent = BulletinIssued | BulletinWithdrawn | LeadersAsked | BulletinCaseChosen
ISSUE_EVENTS: Mapping[str, type[IssueEvent]] = {kind.__name__: kind for kind in get_args(IssueEvent)}


@dataclass(frozen=True, slots=True)
class IssueBulletin:
    """`today`: the office's own."""

    issued: BulletinIssued
    today: date


@dataclass(frozen=True, slots=True)
class WithdrawBulletin:
    scope: str
    public: bool
    reason: str


@dataclass(frozen=True, slots=True)
class AskLeaders:
    scope: str
    text: str


@dataclass(frozen=True, slots=True)
class ChooseCase:
    """As `BulletinCaseChosen`; whether the case is published is for who asks to know."""

    scope: str
    public: bool
    how: str
    case: str = ""


IssueCommand = IssueBulletin | WithdrawBulletin | AskLeaders | ChooseCase


@dataclass(frozen=True, slots=True)
class BulletinEdition:
    issued: BulletinIssued
    at: datetime
    by: str  # a name
    withdrawn: str = ""  # why
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BulletinRegister:
    """All editions of one period, in the order they were issued."""

    editions: tuple[BulletinEdition, ...] = ()
    asked: Mapping[str, str] = field(default_factory=dict)  # of leaders, by scope
    chosen: Mapping[tuple[str, bool], BulletinCaseChosen] = field(default_factory=dict)  # by scope, public or not

    def choice(self, scope: str, public: bool) -> BulletinCaseChosen:
        """Which case is told; by the rule where nobody has said anything."""
        return self.chosen.get((scope, public), BulletinCaseChosen(scope, public, "rule"))

    def of(self, scope: str, public: bool) -> list[BulletinEdition]:
        return [one for one in self.editions if (one.issued.scope, one.issued.public) == (scope, public)]


def decide(command: IssueCommand, shelf: BulletinRegister, actor: Actor) -> Sequence[IssueEvent]:
    """DomainError says why not."""
    if office_standing(actor) not in (SUPERVISOR, INSPECTOR):
        raise NotAllowed
    match command:
        case IssueBulletin(issued, today):
            mine = shelf.of(issued.scope, issued.public)
            if today <= issued.last:
                raise BadDay(field="last")
            if issued.public:
                _apart(issued, shelf)
            if mine and mine[-1].issued.figures == issued.figures and not mine[-1].withdrawn:
                raise Unchanged
            if issued.edition != len(mine) + 1:
                raise WrongState(state="issued")
            return [issued]
        case WithdrawBulletin(scope, public, reason):
            if not reason.strip():
                raise Missing(field="reason")
            if len(reason) > LONGEST_REASON:
                raise TooLong(field="reason", most=LONGEST_REASON)
            mine = shelf.of(scope, public)
            if not mine or mine[-1].withdrawn:
                raise WrongState(state="withdrawn")
            return [BulletinWithdrawn(scope, public, reason.strip())]
        case AskLeaders(scope, text):
            if len(text) > LONGEST_ASKED:
                raise TooLong(field="text", most=LONGEST_ASKED)
            return [] if shelf.asked.get(scope, "") == text.strip() else [LeadersAsked(scope, text.strip())]
        case ChooseCase(scope, public, how, case):
            if how not in HOW or (how == "case") != bool(case):
                raise BadChoice(field="case")
            choice = BulletinCaseChosen(scope, public, how, case)
            return [] if shelf.choice(scope, public) == choice else [choice]
        case _:
            assert_never(command)


def _apart(issued: BulletinIssued, shelf: BulletinRegister) -> None:
    mine = set(issued.offices)
    for one in shelf.editions:
        theirs = set(one.issued.offices)
        if one.issued.public and mine & theirs and mine != theirs:
            raise SmallCells(office=one.issued.office_name)


def evolve(shelf: BulletinRegister, event: IssueEvent, at: datetime, by: str) -> BulletinRegister:
    match event:
        case BulletinIssued():
            return replace(shelf, editions=(*shelf.editions, BulletinEdition(event, at, by)))
        case BulletinWithdrawn(scope, public, reason):
            last = shelf.of(scope, public)[-1]
            gone = replace(last, withdrawn=reason, withdrawn_at=at)
            return replace(shelf, editions=tuple(gone if one == last else one for one in shelf.editions))
        case LeadersAsked(scope, text):
            return replace(shelf, asked={**shelf.asked, scope: text})
        case BulletinCaseChosen(scope, public):
            return replace(shelf, chosen={**shelf.chosen, (scope, public): event})
        case _:
            assert_never(event)


def fold(entries: Iterable[Event]) -> BulletinRegister:
    shelf = BulletinRegister()
    for entry in entries:
        if not entry.erased and (kind := ISSUE_EVENTS.get(entry.type)) is not None:
            shelf = evolve(shelf, typed(kind, entry.data), entry.at, entry.actor.name)
    return shelf


def stream(kind: str, first: date) -> str:
    return f"{STREAM}/{kind}-{first}"


def number(kind: str, first: date) -> str:
    """2026-06 of a month, 2026-W26 of a week, as ISO 8601 counts them."""
    year, week, _ = first.isocalendar()
    return f"{first:%Y-%m}" if kind == "month" else f"{year}-W{week:02d}"


class IssueService:
    """The one writer of bulletins' streams."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def submit(self, kind: str, first: date, command: IssueCommand, actor: Actor) -> None:
        def decided(entries: list[Event]) -> list[Draft]:
            at = self._now()
            return [drafted(event, at, actor) for event in decide(command, fold(entries), actor)]

        await append_decided(self._journal, stream(kind, first), decided)
