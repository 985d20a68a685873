"""How long a record is kept: so many years from the end, by how it ended, and never longer than was promised.

A rule that comes into force later counts for what there is already. What it alone makes due is due `GRACE` after it
came into force at the earliest: time to put a hold on a record, or to take the change back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from rooms.session import Session
from rooms.vocabulary import Status

GRACE: Final = timedelta(days=7)


def _nothing(text: str) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class Retention:
    """`by_kind`: by how a mediation ended, and of what is no mediation; the others `years`. `promised` reads the years
    out of the version of a text that somebody agreed to be recorded by. `version`: of the entry that says this rule;
    `since` when it came into force, and what was in force `before`."""

    years: int
    by_kind: Mapping[str, int] = field(default_factory=dict)
    promised: Callable[[str], int | None] = _nothing
    version: int = 0
    since: datetime | None = None
    before: Retention | None = None

    @property
    def least(self) -> int:
        """No record is due earlier. An earlier program may have promised as little as a year."""
        return 1

    def until(self, session: Session) -> datetime | None:
        """When it is due to be erased, unless it is held; None for what has not ended, or never took place."""
        if session.status is not Status.CLOSED or session.closed_at is None or session.outcome is None:
            return None
        return self.due(session.closed_at, session.outcome.kind.value, self.promise(session))

    def promise(self, session: Session) -> int | None:
        """The fewest years that somebody agreed to; None where nobody agreed to be recorded."""
        return self.fewest(seat.record_text for seat in session.seats.values() if seat.record)

    def fewest(self, texts: Iterable[str]) -> int | None:
        told = (self.promised(text) for text in texts)
        return min((years for years in told if years is not None), default=None)

    def due(self, end: datetime, kind: str, promise: int | None = None) -> datetime:
        """Of what ended then. What only this rule makes due, not the one before, is due when its grace is over."""
        own = later(end, self.kept(kind, promise))
        if self.before is None or self.since is None:
            return own
        return max(own, min(self.before.due(end, kind, promise), self.since + GRACE))

    def kept(self, kind: str, promise: int | None = None) -> int:
        """Years."""
        return min(self.ruled(kind), promise or self.ruled(kind))

    def ruled(self, kind: str) -> int:
        """Years, by the kind alone."""
        return self.by_kind.get(kind, self.years)


def later(at: datetime, years: int) -> datetime:
    """The same day so many years later; the 28th where there is no 29th of February."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, day=28)
