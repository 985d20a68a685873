"""A day's looking, from complaints as numbers to a report: seasons fitted, series tested, what belongs together said
once, and what is found explained. Pure; who stores it is `server.insight`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from complaints import insight as season
from complaints.insight import NONE, RESPONDENT, TRADE, WORD, ComplaintColumns, Counts, History, bursts
from complaints.insight.bursts import RULES, Alarm, BurstTests, Expectations, Rules, least_count, tail_at_least
from complaints.insight.spots import ClassWeek, ExpectedWeek, NewTerm, RecountedDays, SpotFigures, Trait
from complaints.likeness import likeness, shingles
from law import WorkingCalendar

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AHEAD: Final = 40  # days that the exposure is known for beyond the last
WEEKS: Final = 6  # that a picture shows
MOST_RECORDS: Final = 500  # ids kept with a spot
EXPLAINED: Final = 0.5  # of a spot's complaints in another: then it may be the same thing
COMMON: Final = 0.6  # of a spot's complaints in another: then it is the same thing, whatever is left
COPY: Final = 0.8  # likeness of two texts of which one is a copy
ESSAY: Final = 40  # pairs of characters a text has at least: shorter ones are alike by chance
CAMPAIGN: Final = 4  # copies of one text at least
_ODD: Final = 0.01  # what is left of it is no longer odd above this tail

Members = Callable[[Alarm], Ints]
"""Rows of `ComplaintColumns` an alarm is about, from its `since` on."""


@dataclass(frozen=True, slots=True)
class KnownSpot:
    """A spot of an earlier day that is followed. `acted`: when it was handed on."""

    id: str
    kind: str
    key: str
    since: date
    acted: date | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    table: ComplaintColumns
    kinds: Sequence[Counts]
    exposure: Floats  # groups × days of the table and AHEAD more
    seasons: Floats  # the same, by season alone
    days: season.DayExposure
    city: Floats
    tested: BurstTests
    rules: Rules
    totals: Floats  # groups × days of the table
    whole: season.SeasonFactors  # of all together
    calendar: WorkingCalendar

    def counts(self, kind: str) -> Counts:
        return next(one for one in self.kinds if one.kind == kind)

    def borne(self, history: History) -> Floats:
        """The whole city's exposure on the days of the history, for each problem class."""
        days = season.DayExposure.of(history.first, history.totals.shape[1], self.calendar)
        return np.tile(days.exposure(self.whole), (len(history.problems), 1))


def examine(
    table: ComplaintColumns,
    words: tuple[Sequence[str], Ints, Ints, Ints],
    history: History,
    calendar: WorkingCalendar,
    rules: Rules = RULES,
) -> Examination:
    """`words`: terms, and by cell the term's number, the day, and how many complaints have it."""
    past = season.DayExposure.of(history.first, history.totals.shape[1], calendar)
    there = season.observed_days(history.totals[0])
    whole = season.fit_season(history.totals[0], past, there=there)
    pairs = zip(history.sections[1:], history.totals[1:], strict=True)
    sections = {name: season.fit_season(one, past, whole, there) for name, one in pairs}
    days = season.DayExposure.of(table.first, table.last + 1 + AHEAD, calendar)
    lately, totals = season.DayExposure.of(table.first, table.last + 1, calendar), table.totals()
    city, gaps = totals[0], there[len(there) - table.last - 1 :]
    pairs = zip(table.groups[1:], totals[1:], strict=True)
    factors = [whole, *(season.fit_season(one, lately, sections.get(name[:1], whole), gaps) for name, one in pairs)]
    exposure = np.stack([days.exposure(one) for one in factors])
    seasons = np.stack([one.season[days.of_year] for one in factors])
    terms, term, day, n = words
    kinds = [*table.kinds(), Counts.of(WORD, terms, np.zeros(len(terms), np.int64), term, day, n)]
    exposure[:, : table.last + 1] *= gaps
    tested = bursts.judge(kinds, city, exposure[:, : table.last + 1], table.last, rules)
    return Examination(table, kinds, exposure, seasons, days, city, tested, rules, totals, whole, calendar)


# ---------------------------------------------------------------- what belongs together


def heads(examined: Examination, members: Members) -> list[tuple[Alarm, Ints, tuple[Alarm, ...]]]:
    """Alarms, each with its rows and those that are the same thing seen from another side.

    One business first, then trades, then streets and platforms, words last: what explains more is told. Another is the
    same when `COMMON` of it lies in one before it; or when most of it lies in those before it, also in several of them
    together, and what is left over is nothing out of the ordinary. It stands with the one it shares most with.
    """
    rank = {RESPONDENT: 0, TRADE: 1, WORD: 3}
    order = sorted(examined.tested.alarms, key=lambda one: (rank.get(one.kind, 2), one.tail, one.key))
    found: list[tuple[Alarm, Ints, list[Alarm]]] = []
    told = np.zeros(0, np.int64)
    for alarm in order:
        rows = members(alarm)
        known = _in_both(rows, told)
        shares = [_in_both(rows, theirs) for _, theirs, _ in found]
        most = max(shares, default=0)
        nearest = found[shares.index(most)] if most else None
        if nearest is not None and (
            most >= COMMON * len(rows)
            or (
                (most >= EXPLAINED * min(len(rows), len(nearest[1])) or known >= EXPLAINED * len(rows))
                and not _odd(alarm, max(alarm.seen - known, 0))
            )
        ):
            nearest[2].append(alarm)
        else:
            found.append((alarm, rows, []))
        told = np.union1d(told, rows)
    return [(alarm, rows, tuple(also)) for alarm, rows, also in found]


def _in_both(some: Ints, others: Ints) -> int:
    return len(np.intersect1d(some, others, assume_unique=True))


def _odd(alarm: Alarm, left: int) -> bool:
    """Whether even so many of its complaints alone would be out of the ordinary."""
    return float(tail_at_least(np.array([left]), np.array([alarm.expected]), np.array([alarm.size]))[0]) <= _ODD


# ---------------------------------------------------------------- whose voices they are


def essays(texts: Sequence[str]) -> list[list[int]]:
    """Copies of one text, also with a few words changed: groups of places, the largest first. Numbers are left out."""
    said = [shingles(text) for text in texts]
    groups: list[list[int]] = []
    for at in sorted((at for at, one in enumerate(said) if len(one) >= ESSAY), key=lambda at: len(said[at])):
        for group in reversed(groups):  # the last ones are about as long
            first = said[group[0]]
            if len(first) < COPY * len(said[at]):
                continue
            if likeness(first, said[at]) >= COPY:
                group.append(at)
                break
        else:
            groups.append([at])
    return sorted((sorted(group) for group in groups if len(group) > 1), key=lambda group: (-len(group), group))


def voiced(spot: SpotFigures, alarm: Alarm, texts: Sequence[str], people: Sequence[int]) -> SpotFigures:
    """With how many voices there are: copies of one text are one. `people`: of each text who wrote, by phone."""
    groups = essays(texts)
    if not groups or len(groups[0]) < CAMPAIGN:
        return spot
    more = sum(len(group) - 1 for group in groups)
    return replace(
        spot,
        copies=len(groups[0]),
        copiers=len({people[at] for at in groups[0]} - {NONE}),
        voices=len(texts) - more,
        campaign=not _odd(alarm, max(alarm.seen - more, 0)),
    )


# ---------------------------------------------------------------- what is told beside it


def figures(
    examined: Examination, id_: str, alarm: Alarm, rows: Ints, also: Sequence[Alarm], fresh: bool
) -> SpotFigures:
    """`fresh`: found on this day."""
    table = examined.table
    weeks = weekly(examined, alarm.kind, alarm.series)
    respondent = _most(rows, table.respondent, table.respondents, RESPONDENT)
    trade = _most(rows, table.trade, table.trades, TRADE)
    people = table.people[rows - table.recent]
    people = people[people != NONE]
    return SpotFigures(
        id=id_,
        kind=alarm.kind,
        key=alarm.key,
        name="",
        since=table.date(alarm.since),
        seen=alarm.seen,
        expected=round(alarm.expected, 2),
        window=alarm.window,
        in_window=alarm.in_window,
        window_expected=round(alarm.window_expected, 2),
        tail=alarm.tail,
        course="new" if fresh else course(weeks),
        alarmed=True,
        weeks=weeks,
        respondent=respondent if alarm.kind != RESPONDENT else None,
        problem=trade,
        people=len(np.unique(people)),
        person=int(np.bincount(people - people.min()).max()) if len(people) else 0,
        shared=_shared(table, rows),
        also=tuple(Trait(one.kind, one.key, one.seen) for one in also),
        records=tuple(table.id(int(row)) for row in rows[::-1][:MOST_RECORDS]),
    )


def follow_spots(examined: Examination, known: KnownSpot, rows: Ints) -> SpotFigures | None:
    """A spot of an earlier day that is above the line no more; None when nothing of it is counted any longer."""
    counts, table = examined.counts(known.kind), examined.table
    try:
        series = counts.keys.index(known.key)
    except ValueError:
        return None
    weeks = weekly(examined, known.kind, series)
    since = max((known.since - table.first).days, 0)
    daily = counts.daily(series, since, table.last)
    one = _of(examined, known.kind)
    due = float(one.rate[series] * examined.exposure[counts.group[series], since : table.last + 1].sum())
    return SpotFigures(
        id=known.id,
        kind=known.kind,
        key=known.key,
        name="",
        since=known.since,
        seen=int(daily.sum()),
        expected=round(due, 2),
        window=7,
        in_window=weeks[-1].seen,
        window_expected=weeks[-1].expected,
        tail=1.0,
        course=course(weeks),
        alarmed=False,
        weeks=weeks,
        respondent=_most(rows, table.respondent, table.respondents, RESPONDENT) if known.kind != RESPONDENT else None,
        problem=_most(rows, table.trade, table.trades, TRADE),
        records=tuple(table.id(int(row)) for row in rows[::-1][:MOST_RECORDS]),
    )


def course(weeks: Sequence[ExpectedWeek]) -> str:
    """Which way it goes: the last week beside the one before, and beside what is ordinary."""
    now, before = weeks[-1], weeks[-2]
    if now.seen <= now.high:
        return "over"
    step = now.seen - before.seen
    if step * step <= now.seen + before.seen:  # within one standard deviation of a difference
        return "level"
    return "rising" if step > 0 else "falling"


def weekly(examined: Examination, kind: str, series: int) -> tuple[ExpectedWeek, ...]:
    """The last six weeks, each ending on the weekday of the last day."""
    counts, table = examined.counts(kind), examined.table
    one = _of(examined, kind)
    rate, size = one.rate[series], float(one.size[series, examined.rules.windows.index(7)])
    found = []
    for n in range(WEEKS, 0, -1):
        first = table.last - 7 * n + 1
        inside = slice(max(first, 0), max(first + 7, 0))
        due = float(rate * examined.exposure[counts.group[series], inside].sum())
        seen = int(counts.daily(series, max(first, 0), max(first + 6, 0)).sum()) if first + 6 >= 0 else 0
        low, high = (int(least_count(tail, np.array([due]), np.array([size]))[0]) - 1 for tail in (0.95, 0.05))
        found.append(ExpectedWeek(table.date(first), seen, round(due, 2), max(low, 0), max(high, 0)))
    return tuple(found)


def _of(examined: Examination, kind: str) -> Expectations:
    return examined.tested.expected[[one.kind for one in examined.kinds].index(kind)]


def _most(rows: Ints, codes: Ints, keys: Sequence[str], kind: str) -> Trait | None:
    there = codes[rows]
    there = there[there != NONE]
    if not len(there):
        return None
    which, times = np.unique(there, return_counts=True)
    best = int(np.argmax(times))
    return Trait(kind, keys[int(which[best])], int(times[best]))


def _shared(table: ComplaintColumns, rows: Ints) -> tuple[Trait, ...]:
    """Businesses among them that gave the same phone number as another one; of the number most have."""
    phones, firms = table.phones[rows - table.recent], table.respondent[rows]
    pairs = np.unique(np.stack([phones, firms], axis=1)[(phones != NONE) & (firms != NONE)], axis=0)
    if len(pairs) < 2:
        return ()
    which, many = np.unique(pairs[:, 0], return_counts=True)
    if many.max() < 2:
        return ()
    together = pairs[pairs[:, 0] == which[int(np.argmax(many))], 1]
    return tuple(Trait(RESPONDENT, table.respondents[int(firm)], int((firms == firm).sum())) for firm in together)


# ---------------------------------------------------------------- the week by classes, and what was corrected


def news_once(
    table: ComplaintColumns, news: Sequence[tuple[NewTerm, Ints]], spots: Sequence[SpotFigures]
) -> list[NewTerm]:
    """What is new, each with its rows: the most first, and as of hot spots what mostly lies in a better explained one
    with that. With the hot spot and the division that `COMMON` of each lie in."""
    rank = {RESPONDENT: 0, TRADE: 1, WORD: 2}
    order = sorted(news, key=lambda one: (rank[one[0].kind], -one[0].seen))
    found: list[tuple[NewTerm, Ints, list[Trait]]] = []
    for new, rows in order:
        home = next((also for _, theirs, also in found if _in_both(rows, theirs) >= COMMON * max(len(rows), 1)), None)
        if home is None:
            found.append((new, rows, []))
        else:
            home.append(Trait(new.kind, new.key, new.seen))
    placed = [
        replace(new, also=tuple(also), spot=_home(table, rows, spots), division=_division(table, rows))
        for new, rows, also in found
    ]
    return sorted(placed, key=lambda one: -one.seen)


def _division(table: ComplaintColumns, rows: Ints) -> str:
    many = np.bincount(table.group[rows], minlength=len(table.groups))
    most = int(many.argmax())
    return table.groups[most] if len(rows) and many[most] >= COMMON * len(rows) else ""


def _home(table: ComplaintColumns, rows: Ints, spots: Sequence[SpotFigures]) -> str:
    """Id of the spot that `COMMON` of these rows lie in, or ""."""
    ids = {table.id(int(row)) for row in rows if row >= table.recent}
    shares = [(len(ids.intersection(one.records)), one.id) for one in spots]
    most, home = max(shares, default=(0, ""))
    return home if most and most >= COMMON * len(rows) else ""


def classes(
    keys: Sequence[str], codes: Ints, examined: Examination, most: int, spots: Sequence[SpotFigures]
) -> tuple[ClassWeek, ...]:
    """The last week of each class beside the four before, the most first. `codes` by row."""
    table, last = examined.table, examined.table.last
    here = (codes != NONE) & (table.day > last - 35)
    lately = here & (table.day > last - 7)
    week = np.bincount(codes[lately], minlength=len(keys))
    before = np.bincount(codes[here & (table.day <= last - 7)], minlength=len(keys)) / 4
    order = np.argsort(-week, kind="stable")[:most]
    city = examined.exposure[0]
    # What the week's days draw beside the four weeks': a holiday in them is no fall.
    share = city[max(last - 6, 0) : last + 1].sum() / max(city[max(last - 34, 0) : max(last - 6, 0)].sum() / 4, 1e-9)
    return tuple(
        ClassWeek(
            keys[int(n)],
            int(week[n]),
            round(float(before[n]), 1),
            round(float(before[n] * share), 1),
            _home(table, np.nonzero(lately & (codes == n))[0], spots),
        )
        for n in order
        if week[n] and keys[int(n)]
    )


def corrected(
    before: Sequence[int], before_day: date, now: Sequence[int], day: date, merged: int, joined: int = 0
) -> RecountedDays | None:
    """What is different about days that an earlier report had counted; both end with their own day. `joined`:
    businesses that count as others since, or no more."""
    was = {before_day - timedelta(days=n): count for n, count in enumerate(reversed(before))}
    is_ = {day - timedelta(days=n): count for n, count in enumerate(reversed(now))}
    changed = {at: is_[at] - was[at] for at in was.keys() & is_.keys() if is_[at] != was[at]}
    if not changed and not joined:
        return None
    steps = changed.values()
    return RecountedDays(
        before_day,
        sum(step for step in steps if step > 0),
        -sum(step for step in steps if step < 0),
        min(changed, default=before_day),
        merged,
        joined,
    )
