"""A week's or a month's bulletin: what was counted, moved and became of earlier leads, and what may be published. Pure.

A mover is a kind of complaint whose number changed by more than chance would have it: exact two-sided binomial test of
this period against the one before (days of both weighed), false discoveries among all that were looked at held to a
tenth (Benjamini and Hochberg 1995), and by a fifth at the least.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal

from complaints.insight.aftermath import Aftermath
from complaints.statistics.figures import Figure
from complaints.statistics.periods import Period, month

Kind = Literal["week", "month"]
KINDS: Final[tuple[Kind, ...]] = ("week", "month")
BY: Final = ("problem", "industry", "channel")
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
class Bulletin:
    """`trend`: received in each week or month up to this one. `tables`: received by kind, now and before; a table that
    is kept back whole is None. `respondents`: key, name and complaints of those with the most. `running`: the period is
    not over, and nothing of it can be held against a whole one."""

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
