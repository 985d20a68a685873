"""Daily sums: what facts add up to, kept by office, day and one thing they have in common. Pure.

A sum is a whole number for each of `COLUMNS`, so a fact that changes is taken off as it was and put on as it is: adding
up is exact, in any order. Sums of words of which there are few (`COARSE`) are by day and by month, those of which there
are many (`MANY`) by year too, and of respondents (`FINE`), of which most have one complaint a day, by month and by
year only; `spans` cuts a period into the fewest of them, and what a level lacks is counted from facts.
`complaints.statistics.rollup` adds them up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from complaints.statistics.definitions import Done, Judged, Measure, OnTime
from complaints.statistics.facts import Fact
from complaints.statistics.particulars import band
from complaints.statistics.periods import Period, month, year

Level = Literal["d", "m", "y"]
Values = Sequence[int]

COARSE: Final = ("total", "channel", "problem", "industry", "division", "platform", "band", "age_band", "mode")
MANY: Final = ("industry_code", "street")
FINE: Final = ("respondent",)
LEVELS: Final[Mapping[str, Sequence[Level]]] = {
    **dict.fromkeys(COARSE, ("m", "d")),
    **dict.fromkeys(MANY, ("y", "m", "d")),
    **dict.fromkeys(FINE, ("y", "m")),
}
"""From the widest."""
DIMS: Final = tuple(LEVELS)

STEPS: Final = (
    "received", "accepted", "refused", "decided", "settled", "ended", "concluded", "handled", "told", "lead",
    "asked", "answered", "heard", "rated", "satisfied", "decision_told",
)  # fmt: skip
DUES: Final = (("accept_due", "decision_told"), ("mediate_due", "concluded"), ("tell_due", "told"))
LATER: Final = (("accepted", "settled"), ("asked", "answered"))
"""Of which step's complaints it is kept how many have come to another, on whatever day."""
ADDED: Final = (("received", "amount"), ("settled", "recovered"), ("concluded", "travel"))
"""What is added up by which day: yuan are kept as whole fen, kilometres as they are."""
COLUMNS: Final = (
    *STEPS,
    *(f"{due}{what}" for due, _ in DUES for what in ("", "_done", "_kept")),
    *(f"{by}_{later}" for by, later in LATER),
    *(of for _, of in ADDED),
)
AT: Final = {name: n for n, name in enumerate(COLUMNS)}
SPREAD: Final = (("decided", "days_to_decision"), ("handled", "days_to_handling"), ("settled", "days_to_settlement"))
"""Of these is kept how many took how many days, by month."""
SPREAD_BY: Final = ("total", "channel", "problem", "industry")
FIELDS: Final = tuple(
    dict.fromkeys(
        (
            "office", *(dim for dim in DIMS if dim not in ("total", "band")), *STEPS,
            *(due for due, _ in DUES), *(of for _, of in ADDED), *(of for _, of in SPREAD),
        )
    )
)  # fmt: skip
"""Of a fact: all that sums are made of."""


class SumKey(NamedTuple):
    """`day`: the first of the day, month or year."""

    level: Level
    dim: str
    office: str
    day: date
    value: str


class SumsTaken(NamedTuple):
    """A key of how many took how many days, in the month that begins with `day`."""

    of: str
    dim: str
    office: str
    day: date
    value: str
    days: int


def values_of(fact: Fact) -> Mapping[str, str]:
    """What it is summed under, by dimension."""
    return {
        "total": "",
        "channel": fact.channel,
        "problem": fact.problem,
        "industry": fact.industry,
        "division": fact.division,
        "platform": fact.platform,
        "band": band(fact.amount),
        "age_band": fact.age_band,
        "mode": fact.mode,
        "industry_code": fact.industry_code,
        "street": fact.street,
        "respondent": fact.respondent,
    }


def weights(fact: Fact) -> Mapping[date, list[tuple[int, int]]]:
    """What it adds on which day: places in `COLUMNS` and by how much."""
    found: dict[date, list[tuple[int, int]]] = {}
    for name in STEPS:
        day: date | None = getattr(fact, name)
        if day is not None:
            found.setdefault(day, []).append((AT[name], 1))
    for due_name, done_name in DUES:
        due: date | None = getattr(fact, due_name)
        if due is not None:
            done: date | None = getattr(fact, done_name)
            there = found.setdefault(due, [])
            there.append((AT[due_name], 1))
            if done is not None:
                there.append((AT[f"{due_name}_done"], 1))
                if done <= due:
                    there.append((AT[f"{due_name}_kept"], 1))
    for by, later in LATER:
        first: date | None = getattr(fact, by)
        if first is not None and getattr(fact, later) is not None:
            found[first].append((AT[f"{by}_{later}"], 1))
    for by, of in ADDED:
        day, amount = getattr(fact, by), whole(fact, of)
        if day is not None and amount:
            found[day].append((AT[of], amount))
    return found


def whole(fact: Fact, of: str) -> int:
    """An amount as it is added up: fen, or kilometres; 0 where it is not known."""
    if of == "travel":
        return fact.travel or 0
    return int(getattr(fact, of) * 100)


@lru_cache(maxsize=8192)
def first_of(level: str, day: date) -> date:
    return day if level == "d" else day.replace(day=1) if level == "m" else day.replace(month=1, day=1)


# ---------------------------------------------------------------- what a measure reads, and where


class MeasureColumns(NamedTuple):
    """The columns a measure is read from. `open`: from today on, when it is another; `added`: what is summed."""

    column: str
    open: str
    added: str


def read_of(measure: Measure) -> MeasureColumns | None:
    """None when sums do not hold it: it is counted from facts."""
    match measure:
        case Measure(by, (), of) if by in STEPS and (not of or (by, of) in ADDED):
            return MeasureColumns(by, by, of)
        case Measure(by, (Done(later),), "") if (by, later) in LATER:
            return MeasureColumns(f"{by}_{later}", f"{by}_{later}", "")
        case Measure(by, (Judged(done, due),), "") if by == due and (due, done) in DUES:
            return MeasureColumns(by, f"{due}_done", "")
        case Measure(by, (Judged(done, due), OnTime(done_too, due_too)), "") if (
            by == due == due_too and done == done_too and (due, done) in DUES
        ):
            return MeasureColumns(f"{due}_kept", f"{due}_kept", "")
        case _:
            return None


def spans(period: Period, dim: str) -> list[tuple[Level | Literal["facts"], Period]]:
    """The period in the widest whole pieces a dimension has sums of; "facts" where it has none, in order of time."""
    return _cut(period, LEVELS[dim])


def _cut(period: Period, levels: Sequence[Level]) -> list[tuple[Level | Literal["facts"], Period]]:
    if not levels or levels[0] == "d":
        return [(levels[0] if levels else "facts", period)]
    pieces: list[tuple[Level | Literal["facts"], Period]] = []
    for level, piece in _whole(period, levels[0]):
        pieces += [(level, piece)] if level else _cut(piece, levels[1:])
    return pieces


def firsts(level: str, period: Period) -> list[date]:
    """The days that sums of a period of whole months or years stand under."""
    found, unit = [first_of(level, period.first)], month if level == "m" else year
    while (after := unit(found[-1]).last + timedelta(days=1)) <= period.last:
        found.append(after)
    return found


def months(period: Period, dim: str) -> list[tuple[Level | Literal["facts"], Period]]:
    """The period in whole months, and what lies before and behind them in days, or in facts."""
    rest: Level | Literal["facts"] = "d" if "d" in LEVELS[dim] else "facts"
    return [(level or rest, piece) for level, piece in _whole(period, "m")]


def _whole(period: Period, level: Level) -> list[tuple[Level | None, Period]]:
    """What lies before, in and behind the whole months or years of a period."""
    unit, day = (month if level == "m" else year), timedelta(days=1)
    first = period.first if first_of(level, period.first) == period.first else unit(period.first).last + day
    last = period.last if unit(period.last).last == period.last else first_of(level, period.last) - day
    if first > last:
        return [(None, period)]
    found: list[tuple[Level | None, Period]] = [(level, Period(first, last))]
    if period.first < first:
        found.insert(0, (None, Period(period.first, first - day)))
    if last < period.last:
        found.append((None, Period(last + day, period.last)))
    return found
