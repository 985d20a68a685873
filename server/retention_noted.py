"""Which years records are kept, in the journal: whoever asks later why something was erased finds the rule of the day.

Owns the stream `installation/retention`. An entry is written at a start that finds other years than the newest says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journal import SYSTEM, Draft, Event, Journal, append_decided
from rooms.retention import Retention

STREAM = "installation/retention"
SET = "RetentionSet"
"""Data: {"years": n, "rules": {"<outcome>": n}, "lead_years": n}; `before` the same of the entry before, or null."""


@dataclass(frozen=True, slots=True)
class Years:
    """`rules`: by how a mediation ended, where that is shorter."""

    years: int
    rules: tuple[tuple[str, int], ...]
    lead_years: int

    @property
    def data(self) -> dict[str, Any]:
        return {"years": self.years, "rules": dict(self.rules), "lead_years": self.lead_years}


def years_of(retention: Retention, lead_years: int) -> Years:
    rules = tuple(sorted((outcome.value, years) for outcome, years in retention.by_outcome.items()))
    return Years(retention.years, rules, lead_years)


async def note(journal: Journal, years: Years, now: Callable[[], datetime]) -> None:
    """Once for every change, also when two processes start at once."""

    def decided(told: list[Event]) -> list[Draft]:
        sets = [event.data for event in told if event.type == SET]
        before = {name: sets[-1][name] for name in years.data} if sets else None
        return [] if before == years.data else [Draft(SET, {**years.data, "before": before}, now(), SYSTEM)]

    await append_decided(journal, STREAM, decided)
