"""Invented daily counts of a city, without texts: what bursts are looked for in, and bursts planted in them.

In them: weekdays, holidays, seasons of the trades, growth, businesses that open and shut, few with many complaints,
rates that wander by themselves for weeks (of a business, a trade, the city), and nothing else: every burst is planted.
The same for the same seed. No business or street in them exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from complaints.insight import RESPONDENT, STREET, TRADE, WORD, Counts, DayExposure
from law import WorkingCalendar

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PROBLEMS: Final = 12
LASTS: Final = 10  # days of a planted burst
_WEEKDAY: Final = np.array([1.22, 1.14, 1.08, 1.05, 1.03, 0.78, 0.70])
_KIND: Final = np.array([1.0, 0.55, 0.35, 0.85, 1.25, 0.95, 1.5, 1.3])
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Size:
    """`daily`: complaints of the city on an ordinary day."""

    daily: float = 5_500.0
    respondents: int = 60_000
    streets: int = 160
    groups: int = 60
    words: int = 3_000

    def smaller(self, times: float) -> Size:
        return Size(
            self.daily / times,
            int(self.respondents / times),
            max(12, int(self.streets / times**0.5)),
            max(8, int(self.groups / times**0.5)),
            max(200, int(self.words / times**0.5)),
        )


@dataclass(frozen=True, slots=True)
class Plant:
    """A burst: `extra` complaints by day from `onset` on, about series `key` of `kind`."""

    kind: str
    key: int
    onset: int
    extra: Ints
    strength: float  # extra complaints of three days over the standard deviation of an ordinary three days


@dataclass(frozen=True, slots=True)
class City:
    days: DayExposure
    kinds: Sequence[Counts]
    city: Floats
    groups: Floats  # groups × days; group 0 is the whole city
    plants: Sequence[Plant]


def city(
    size: Size, first: date, days: int, seed: int, planted: Sequence[int] = (), strengths: tuple[float, float] = (6, 15)
) -> City:
    """`planted`: the days on which bursts begin, one each, turn by turn of the four kinds."""
    chance = np.random.default_rng(seed)
    calendar = DayExposure.of(first, days, WorkingCalendar())
    group_of = chance.integers(1, size.groups + 1, size.respondents)
    street_of = chance.choice(size.streets, size.respondents, p=_zipf(size.streets, 4))
    weight = _zipf(size.respondents, 30)
    rates = weight / weight.sum() * size.daily
    opens, shuts = _lives(chance, size.respondents, days)
    exposure = _exposures(chance, size.groups, calendar)
    cells = _respondents(chance, rates, group_of, exposure, opens, shuts)
    problem_of = chance.dirichlet(np.full(PROBLEMS, 0.6), size.groups + 1)
    trades = _trades(chance, cells, group_of, problem_of, days)
    words, word_group = _words(chance, size, cells, group_of, days)
    kinds = {
        RESPONDENT: (size.respondents, group_of, *cells),
        STREET: (size.streets, np.zeros(size.streets, np.int64), street_of[cells[0]], cells[1], cells[2]),
        TRADE: ((size.groups + 1) * PROBLEMS, np.repeat(np.arange(size.groups + 1), PROBLEMS), *trades),
        WORD: (size.words, word_group, *words),
    }
    plants = _plants(chance, kinds, planted, strengths, days)
    counts = []
    for kind, (many, group, series, day, n) in kinds.items():
        more = [plant for plant in plants if plant.kind == kind]
        at = [(plant.key, plant.onset + k, int(x)) for plant in more for k, x in enumerate(plant.extra) if x]
        extra = np.array([one for one in at if one[1] < days], np.int64).reshape(-1, 3)
        counts.append(
            Counts.of(
                kind,
                [str(key) for key in range(many)],
                np.asarray(group, np.int64),
                np.concatenate([series, extra[:, 0]]),
                np.concatenate([day, extra[:, 1]]),
                np.concatenate([n, extra[:, 2]]),
            )
        )
    totals = np.zeros((size.groups + 1, days))
    np.add.at(totals, (group_of[cells[0]], cells[1]), cells[2])
    totals[0] = totals.sum(axis=0)
    return City(calendar, counts, totals[0].copy(), totals, plants)


def _zipf(many: int, flat: float) -> Floats:
    weight = 1 / (np.arange(many) + flat) ** 0.9
    return np.asarray(weight / weight.sum())


def _lives(chance: np.random.Generator, many: int, days: int) -> tuple[Ints, Ints]:
    """A fifth open, and a fifth shut, some day of these; the busiest do not: that would be news, and no chance."""
    small = np.arange(many) >= many // 30
    opens = np.where(small & (chance.random(many) < 0.2), chance.integers(0, days, many), 0)
    shuts = np.where(small & (chance.random(many) < 0.2), chance.integers(0, days, many), days)
    return opens, np.where(shuts <= opens, days, shuts)


def _exposures(chance: np.random.Generator, groups: int, days: DayExposure) -> Floats:
    at = np.arange(days.count)
    found = np.empty((groups + 1, days.count))
    whole = (
        np.exp(0.15 * at / 365) * np.exp(_walk(chance, days.count, 0.03)) * np.exp(chance.normal(0, 0.04, days.count))
    )
    for group in range(groups + 1):
        swing, turn = chance.uniform(0.05, 0.4), chance.uniform(0, 366)
        season = np.exp(swing * np.sin(2 * np.pi * (days.of_year - turn) / 366))
        weekday = _WEEKDAY ** chance.uniform(0.5, 1.5)
        kind = _KIND ** chance.uniform(0.5, 1.5)
        found[group] = season * weekday[days.weekday] * kind[days.kind] * np.exp(_walk(chance, days.count, 0.08))
    return np.asarray(found * whole)


def _walk(chance: np.random.Generator, days: int, sd: float) -> Floats:
    """A logarithm that wanders about 0 and forgets in about five weeks."""
    steps, value, found = chance.normal(0, sd * 0.24, days), 0.0, np.empty(days)
    for n, step in enumerate(steps):
        value = 0.97 * value + step
        found[n] = value
    return found


def _respondents(
    chance: np.random.Generator, rates: Floats, group_of: Ints, exposure: Floats, opens: Ints, shuts: Ints
) -> tuple[Ints, Ints, Ints]:
    """Week by week, so that little is held at once; each business' rate wanders from week to week."""
    days = exposure.shape[1]
    wander = np.zeros(len(rates))
    found: list[tuple[Ints, Ints, Ints]] = []
    for begin in range(0, days, _WEEK):
        width = min(_WEEK, days - begin)
        wander = 0.85 * wander + chance.normal(0, 0.13, len(rates))
        mean = (rates * np.exp(wander))[:, None] * exposure[group_of, begin : begin + width]
        day = begin + np.arange(width)
        mean *= (day >= opens[:, None]) & (day < shuts[:, None])
        n = chance.poisson(mean)
        series, offset = np.nonzero(n)
        found.append((series, begin + offset, n[series, offset]))
    series, day, n = (np.concatenate(part) for part in zip(*found, strict=True))
    return series, day, n


def _trades(
    chance: np.random.Generator, cells: tuple[Ints, Ints, Ints], group_of: Ints, problem_of: Floats, days: int
) -> tuple[Ints, Ints, Ints]:
    series, day, n = cells
    totals = np.zeros((len(problem_of), days), np.int64)
    np.add.at(totals, (group_of[series], day), n)
    split = np.stack([chance.multinomial(totals[group], problem_of[group]) for group in range(len(problem_of))])
    group, at, problem = np.nonzero(split)
    return group * PROBLEMS + problem, at, split[group, at, problem]


def _words(
    chance: np.random.Generator, size: Size, cells: tuple[Ints, Ints, Ints], group_of: Ints, days: int
) -> tuple[tuple[Ints, Ints, Ints], Ints]:
    """Each of one group, or of all; how often it is used wanders by itself."""
    series, day, n = cells
    totals = np.zeros((size.groups + 1, days))
    np.add.at(totals, (group_of[series], day), n)
    totals[0] = totals.sum(axis=0)
    group = np.where(chance.random(size.words) < 0.2, 0, chance.integers(1, size.groups + 1, size.words))
    share = chance.beta(0.25, 6, size.words)
    found = []
    for word in range(size.words):
        mean = totals[group[word]] * share[word] * (0.1 if group[word] == 0 else 1)
        n = chance.poisson(mean * np.exp(_walk(chance, days, 0.2)))
        at = np.nonzero(n)[0]
        found.append((np.full(len(at), word), at, n[at]))
    one, two, three = (np.concatenate(part) for part in zip(*found, strict=True))
    return (one, two, three), group


def _plants(
    chance: np.random.Generator,
    kinds: dict[str, tuple[int, Ints, Ints, Ints, Ints]],
    planted: Sequence[int],
    strengths: tuple[float, float],
    days: int,
) -> list[Plant]:
    found, used = [], set[tuple[str, int]]()
    names = list(kinds)
    for turn, onset in enumerate(planted):
        kind = names[turn % len(names)]
        _, _, series, day, n = kinds[kind]
        recent = (day >= max(0, onset - 84)) & (day < onset)
        while True:  # a complaint's series, so that busy ones are chosen more often, as bursts do
            key = int(chance.choice(series[recent]))
            if (kind, key) not in used:
                break
        used.add((kind, key))
        before = np.bincount((day[recent & (series == key)] - max(0, onset - 84)), n[recent & (series == key)], 84)
        three = before.reshape(-1, 3).sum(axis=1)
        spread = max(float(three.std()), float(three.mean()) ** 0.5, 1.0)
        strength = float(chance.uniform(*strengths))
        three_days = max(8.0, strength * spread)
        shape = np.concatenate([[0.8, 1.0, 1.2], np.linspace(1.2, 0.3, LASTS - 3)])
        found.append(Plant(kind, key, onset, chance.poisson(three_days / 3 * shape), strength))
    return found
