"""Invented facts of a province of twenty offices over five years, the same for the same seed. They name nobody."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from math import pi, sin
from random import Random
from typing import Final

from complaints import PROBLEMS
from complaints.statistics.facts import Fact

FIRST: Final = date(2021, 7, 1)
DAYS: Final = 1826  # five years
OFFICES: Final = 20
RESPONDENTS: Final = 3_000  # of each office; few of them have most complaints
STREETS: Final = 60  # of each office
_DAY: Final = [FIRST + timedelta(days=n) for n in range(DAYS + 120)]
_CHANNELS: Final = (("12315", 46), ("hotline", 28), ("board", 8), ("petition", 8), ("window", 6), ("director", 4))
_SECTIONS: Final = ("F52", "F51", "H62", "H61", "O80", "O81", "O82", "I64", "K70", "P83", "R89", "R90", "G54", "J68")
_INDUSTRIES: Final = [f"{code}{n}{m}" for code in _SECTIONS for n in range(1, 5) for m in range(1, 3)] + [
    *_SECTIONS,
    "",
]
_PLATFORMS: Final = ("", "", "", "", "甲平台", "乙平台", "丙平台", "丁平台", "戊平台", "己平台")
_AGES: Final = ("", "adult", "adult", "adult", "elder", "minor")
_AMOUNTS: Final = [Decimal(n) / 4 for n in (0, 0, 120, 360, 796, 1_596, 3_592, 7_992, 19_992, 51_992, 120_000, 400_000)]


def facts(
    count: int, start: int = 0, seed: int = 1, last: int = DAYS, only: int | None = None, fresh: bool = False
) -> Iterator[Fact]:
    """The facts from number `start` to before `count`, received on the last days. `only`: of this office; `fresh`:
    nothing was done yet."""
    chance = Random(seed * 1_000_003 + start)
    seasons = list(accumulate(1 + 0.3 * sin(2 * pi * n / 365) + 0.1 * n / DAYS for n in range(DAYS)))
    problems, draw, whole = list(PROBLEMS), chance.random, chance.randrange
    channels, weights = [name for name, _ in _CHANNELS], list(accumulate(share for _, share in _CHANNELS))
    for n in range(start, count):
        office, n_day = whole(OFFICES) if only is None else only, bisect(seasons, draw() * seasons[-1])
        n_day = DAYS - 1 - min(n_day, DAYS - 1) % last
        respondent = int(RESPONDENTS * draw() ** 2.5)
        yield _fact(
            n, office, n_day, respondent, channels[bisect(weights, draw() * weights[-1] * 0.999_999)],
            problems[int(len(problems) * draw() ** 1.7)], _INDUSTRIES[int(len(_INDUSTRIES) * draw() ** 1.5)],
            [draw() for _ in range(8)], fresh,
        )  # fmt: skip


def _fact(
    n: int,
    office: int,
    at: int,
    respondent: int,
    channel: str,
    problem: str,
    code: str,
    roll: Sequence[float],
    fresh: bool,
) -> Fact:
    received, decision = at, int(8 * roll[0])
    # What is not over at the end of the five years is under way.
    decided = received + decision if received + decision < DAYS and not fresh else None
    refused = decided if decided is not None and roll[1] < 0.15 else None
    accepted = decided if decided is not None and refused is None else None
    length = 2 + int(58 * roll[2] ** 1.5)
    over = accepted + length if accepted is not None and accepted + length < DAYS else None
    settled = over if over is not None and roll[3] < 0.58 else None
    ended = over if over is not None and settled is None else None
    concluded = settled if settled is not None else ended
    handled = refused if refused is not None else concluded
    told = ended + 3 if ended is not None and roll[4] < 0.9 and ended + 3 < DAYS else None
    amount = _AMOUNTS[int(len(_AMOUNTS) * roll[5])]

    def day(number: int | None) -> date | None:
        return None if number is None else _DAY[number]

    return Fact(
        id=f"{n:032x}", office=f"o{office:02d}", channel=channel, problem=problem, industry=code[:1],
        counted=roll[6] > 0.03, amount=amount, recovered=amount / 2 if settled is not None else Decimal(0),
        received=_DAY[received], accepted=day(accepted), refused=day(refused), decided=day(decided),
        settled=day(settled), ended=day(ended), concluded=day(concluded), handled=day(handled), told=day(told),
        closed=None, lead=day(accepted) if roll[7] < 0.01 else None, accept_due=_DAY[received + 10],
        mediate_due=None if accepted is None else _DAY[accepted + 60],
        tell_due=None if ended is None else _DAY[ended + 10],
        days_to_decision=None if decided is None else decision,
        days_to_handling=None if handled is None else handled - received,
        changed=datetime(2026, 7, 1, tzinfo=UTC),
        division=f"4201{office // 2 + 1:02d}", street=f"{office * STREETS + int(STREETS * roll[4] ** 2)}街",
        industry_code=code, platform=_PLATFORMS[int(len(_PLATFORMS) * roll[7])],
        respondent=f"{office * RESPONDENTS + respondent:024x}", age_band=_AGES[int(len(_AGES) * roll[1])],
        travel=0 if concluded is None else 2 * int(300 * roll[6] ** 3),
        days_to_settlement=None if settled is None or accepted is None else settled - accepted,
        entered=_DAY[received], dropped=None if roll[6] > 0.03 else _DAY[received],
        dropped_as="" if roll[6] > 0.03 else "merged",
    )  # fmt: skip
