"""Whether two complaints may be one dispute: signals, each with what it adds and why, and their sum.

A signal's points are the rounded logarithm (base 2) of how much likelier what was seen is between two tellings of one
dispute than between two disputes about the same business (Fellegi and Sunter 1969); 0 says nothing. The points were set
on invented complaints (`complaints.sample`, seed 1) and are measured on others by `yuntiao bench complaints`. A person
decides: nothing is merged by a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Final

from complaints.duplicates.keys import brand, core
from complaints.duplicates.resemblance import likeness, shingles
from complaints.events import ComplaintRegistered

LIKELY: Final = 7.0  # points from which a pair is suggested
LONGEST_COMPARED: Final = 600  # characters of an account: up to 300 of them are compared at once
DAYS: Final = 90  # between two receipts; beyond it nobody tells the same dispute anew


@dataclass(frozen=True)
class Particulars:
    """What of a complaint is compared. Keys are keyed digests: they tell the same from another and nothing else."""

    phone_key: str
    consumer: str
    code_key: str
    business: str
    amount: Decimal | None
    received: datetime
    text: str

    @cached_property
    def shingles(self) -> frozenset[str]:
        return shingles(self.text[:LONGEST_COMPARED])

    @cached_property
    def core(self) -> str:
        return core(self.business)

    @cached_property
    def brand(self) -> str:
        return brand(self.business)


@dataclass(frozen=True, slots=True)
class Signal:
    """`name`: phone, consumer, business, amount, date, text. `found`: what was seen, a word of `FOUND`."""

    name: str
    found: str
    points: float


@dataclass(frozen=True, slots=True)
class Resemblance:
    signals: tuple[Signal, ...]

    @property
    def points(self) -> float:
        return sum(signal.points for signal in self.signals)

    @property
    def likely(self) -> bool:
        return self.points >= LIKELY


FOUND: Final = {
    "phone": {"same": 6.0, "other": -2.0},
    "consumer": {"same": 3.0, "surname": 0.0, "other": -3.0},
    "business": {"code": 5.0, "name": 4.5, "short": 3.5, "alike": 1.5, "other_code": -6.0, "other": -5.0},
    "amount": {"same": 2.5, "rounded": 2.0, "near": 0.5, "other": -3.0},
    "date": {"days": 1.0, "weeks": 0.0, "months": -3.0},
    "text": {"very": 3.0, "rather": 1.5, "little": 0.0, "hardly": -2.0},
}


def particulars(record: ComplaintRegistered) -> Particulars:
    return Particulars(
        record.consumer.phone_key,
        record.consumer.name,
        record.business.code_key,
        record.business.title,
        record.amount,
        record.received,
        f"{record.title} {record.facts}",
    )


def resemblance(one: Particulars, other: Particulars) -> Resemblance:
    return Resemblance((*_apart_from_text(one, other), *_signals((("text", _text(one, other)),))))


def _apart_from_text(one: Particulars, other: Particulars) -> tuple[Signal, ...]:
    return _signals(
        (
            ("phone", _phone(one, other)),
            ("consumer", _consumer(one.consumer, other.consumer)),
            ("business", _business(one, other)),
            ("amount", _amount(one.amount, other.amount)),
            ("date", _date(one.received, other.received)),
        )
    )


def _signals(seen: Sequence[tuple[str, str]]) -> tuple[Signal, ...]:
    return tuple(Signal(name, found, FOUND[name][found]) for name, found in seen if found)


def may_be_likely(one: Particulars, other: Particulars) -> bool:
    """Whether any text could make it likely: comparing texts costs most."""
    return sum(signal.points for signal in _apart_from_text(one, other)) + FOUND["text"]["very"] >= LIKELY


def likely(new: Particulars, others: Sequence[tuple[str, Particulars]]) -> list[tuple[str, Resemblance]]:
    """Of these candidates, by id, the likely ones, likeliest first."""
    found = [(id_, resemblance(new, other)) for id_, other in others if may_be_likely(new, other)]
    return sorted((pair for pair in found if pair[1].likely), key=lambda pair: -pair[1].points)


def _phone(one: Particulars, other: Particulars) -> str:
    if not one.phone_key or not other.phone_key:
        return ""
    return "same" if one.phone_key == other.phone_key else "other"


def _consumer(one: str, other: str) -> str:
    if not one or not other:
        return ""
    if one == other and not one.endswith(("先生", "女士", "小姐")):
        return "same"
    return "surname" if one[0] == other[0] else "other"


def _business(one: Particulars, other: Particulars) -> str:
    if one.code_key and other.code_key:
        return "code" if one.code_key == other.code_key else "other_code"
    if not one.core or not other.core:
        return ""
    if one.core == other.core:
        return "name"
    short, long = sorted((one.brand, other.brand), key=len)
    if len(short) >= 2 and long.startswith(short):
        return "short"
    first = 0
    while first < len(short) and short[first] == long[first]:
        first += 1
    if first >= 2 and first >= len(short) / 2:
        return "alike"
    return "other"


def _amount(one: Decimal | None, other: Decimal | None) -> str:
    if one is None or other is None:
        return ""
    if one == other:
        return "same"
    apart, larger = abs(one - other), max(one, other)
    if any(_round(one, step) == other or _round(other, step) == one for step in (10, 100, 1000) if larger >= 2 * step):
        return "rounded"
    return "near" if apart <= larger / 10 else "other"


def _round(amount: Decimal, step: int) -> Decimal:
    return (amount / step).to_integral_value() * step


def _date(one: datetime, other: datetime) -> str:
    days = abs((one - other).total_seconds()) / 86_400
    return "days" if days <= 14 else "weeks" if days <= 45 else "months"


def _text(one: Particulars, other: Particulars) -> str:
    if not one.shingles or not other.shingles:
        return ""
    alike = likeness(one.shingles, other.shingles)
    return "very" if alike >= 0.45 else "rather" if alike >= 0.25 else "little" if alike >= 0.12 else "hardly"
