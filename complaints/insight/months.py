"""What a month tells: what is new in it, where classes changed for good, and what the season brings next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from complaints.insight.examining import Examined
from complaints.insight.report import Fresh, Moved, SeasonNote
from complaints.insight.series import RESPONDENT, TRADE, WORD, Counts
from complaints.insight.terms import phrase
from complaints.insight.trends import changes, slope

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MONTH: Final = 28
LEAST: Final = 5  # complaints with it, or it is not told
RARE: Final = 0.15  # of the month's rate: what was rarer than that in the year before is new
MOST: Final = 8  # of a kind
TREND_WEEKS: Final = 156
LATELY: Final = 26  # weeks in which a change is news
NEXT: Final = 30  # days ahead
TIMES: Final = 1.25
LEAST_EXPECTED: Final = 10.0


def fresh(counts: Counts, last: int) -> list[Fresh]:
    """The most of the month that the year before hardly had; of words that lie in one another the longer, when it is
    said as often."""
    month, before = counts.within(last - MONTH + 1, last), counts.within(0, last - MONTH)
    days = max(last - MONTH + 1, 1)
    rare = before * MONTH <= RARE * month * days
    which = np.nonzero((month >= LEAST) & rare)[0] if days >= MONTH else np.zeros(0, np.int64)
    order = which[np.lexsort((before[which], -month[which]))]
    found: list[Fresh] = []
    for n in order:
        one = Fresh(counts.kind, counts.keys[int(n)], int(month[n]), int(before[n]))
        if counts.kind == WORD:
            inside = [at for at, other in enumerate(found) if one.key in other.key or other.key in one.key]
            if inside and any(len(found[at].key) >= len(one.key) or one.seen < 0.8 * found[at].seen for at in inside):
                continue
            found = [other for at, other in enumerate(found) if at not in inside]
        found.append(one)
        if len(found) >= 3 * MOST:
            break
    if counts.kind == WORD:  # a turn of speech says more than a word of the dictionary
        found.sort(key=lambda one: (-one.seen * (1.5 if phrase(one.key) else 1.0), one.key))
    return found[:MOST]


def news(examined: Examined) -> tuple[Fresh, ...]:
    return tuple(one for kind in (WORD, RESPONDENT, TRADE) for one in fresh(examined.counts(kind), examined.table.last))


def moved(kind: str, keys: Sequence[str], totals: Floats, exposure: Floats, day: date) -> list[Moved]:
    """`totals`, `exposure`: classes × days, both of which end with `day`."""
    weeks = min(totals.shape[1] // 7, TREND_WEEKS)
    if weeks < 8:
        return []
    found = []
    for key, seen, borne in zip(keys, totals, exposure, strict=True):
        y = seen[len(seen) - 7 * weeks :].reshape(weeks, 7).sum(axis=1)
        e = borne[len(borne) - 7 * weeks :].reshape(weeks, 7).sum(axis=1) / 7
        if y.sum() < weeks or not key:
            continue
        cuts = changes(y, e)
        if not cuts or weeks - cuts[-1].at > LATELY:
            continue
        cut = cuts[-1]
        going = slope(y[cut.at :], e[cut.at :])
        found.append(
            Moved(
                kind,
                key,
                day - timedelta(days=7 * (weeks - cut.at) - 1),
                round(cut.before, 1),
                round(cut.after, 1),
                round(going.by, 3) if going is not None and going.sure else None,
            )
        )
    found.sort(key=lambda one: -abs(one.after - one.before))
    return found[:MOST]


def coming(examined: Examined) -> list[SeasonNote]:
    """Trades that the next thirty days bring more complaints of, by the season alone. Nothing before a whole year was
    seen: one cannot know."""
    last, seasons, totals = examined.table.last, examined.seasons, examined.totals
    if last + 1 < 365:
        return []
    found = []
    for group, key in enumerate(examined.table.groups):
        if not key:
            continue
        now = float(seasons[group, max(last - NEXT + 1, 0) : last + 1].mean())
        ahead = float(seasons[group, last + 1 : last + 1 + NEXT].mean())
        end = last + 1
        lately = float(totals[group, end - NEXT : end].sum())
        borne = float(examined.exposure[group, max(last - NEXT + 1, 0) : last + 1].sum())
        due = lately / max(borne, 1e-9) * float(examined.exposure[group, last + 1 : last + 1 + NEXT].sum())
        if ahead < TIMES * now or due < LEAST_EXPECTED:
            continue
        year = totals[group, end - 365 : end - 365 + NEXT].sum()
        found.append(SeasonNote(key, round(ahead / now, 2), round(due, 1), int(year)))
    found.sort(key=lambda one: -one.expected * (1 - 1 / one.times))
    return found[:MOST]
