"""What of a mediation speaks for looking at it again: a few whole numbers, and the risks that a rule sees in them.

Nothing here names a person: the numbers are published with the draw, so that an outsider can do it over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from rooms.supervision.rule import Rule

Risk = Literal["below", "short", "silent", "caucus", "gaps", "repeated", "withdrawn", "overdue"]
RISKS: Final[tuple[Risk, ...]] = get_args(Risk)
HELD: Final = frozenset({"settled", "not_settled"})
"""Outcomes of a mediation that was talked through: only of these a short time says anything."""
SPOKEN: Final = 60_000
"""Milliseconds both sides together must have spoken before a silence says anything."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Money in fen, times in milliseconds, `overdue` in days. Ids are the journal's own and say nothing.

    `fresh`: closed in the period, so it takes part at random; otherwise only a promise has fallen due meanwhile.
    `withdrawn`: from the last private talk's end to the withdrawal; None: not withdrawn, or no private talk.
    """

    session: str
    mediator: str
    outcome: str
    fresh: bool = True
    claimed: int | None = None
    settled: int = 0
    together: int = 0
    length: int = 0
    private: int = 0
    consumer: int = 0  # speaking
    business: int = 0
    lost: int = 0  # of the recording
    repeats: int = 1
    withdrawn: int | None = None
    overdue: int = 0
    known: bool = False  # drawn or reviewed before
    gone: bool = False  # the record was erased


FIELDS: Final = tuple(Candidate.__dataclass_fields__)


def plain(candidate: Candidate) -> dict[str, Any]:
    return {name: getattr(candidate, name) for name in FIELDS}


def of(data: Mapping[str, Any]) -> Candidate:
    return Candidate(**{name: data[name] for name in FIELDS if name in data})


def risks(one: Candidate, rule: Rule) -> tuple[Risk, ...]:
    """In the order of `RISKS`."""
    spoken = one.consumer + one.business
    seen: dict[Risk, bool] = {
        "below": one.outcome == "settled" and bool(one.claimed) and one.settled * 100 < (one.claimed or 0) * rule.below,
        "short": one.outcome in HELD and one.together < rule.short * 60_000,
        "silent": spoken >= SPOKEN and min(one.consumer, one.business) * 100 < spoken * rule.silent,
        "caucus": rule.caucus > 0 and one.private * 100 > one.length * rule.caucus,
        "gaps": rule.gaps > 0 and one.lost > rule.gaps * 1000,
        "repeated": rule.repeats > 0 and one.repeats >= rule.repeats,
        "withdrawn": one.withdrawn is not None and one.withdrawn < rule.withdrawn * 60_000,
        "overdue": rule.overdue > 0 and one.overdue >= rule.overdue,
    }
    return tuple(risk for risk in RISKS if seen[risk])
