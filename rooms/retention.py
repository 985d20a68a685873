"""How long a record is kept: so many years from the end, by how it ended, and never longer than was promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rooms.session import Session
from rooms.vocabulary import OutcomeKind, Status


def _nothing(text: str) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class Retention:
    """`promised` reads the years out of the version of a text that somebody agreed to be recorded by."""

    years: int
    by_outcome: Mapping[OutcomeKind, int] = field(default_factory=dict)
    promised: Callable[[str], int | None] = _nothing

    @property
    def least(self) -> int:
        """No record is due earlier. An earlier program may have promised as little as a year."""
        return 1

    def until(self, session: Session) -> datetime | None:
        """When it is due to be erased, unless it is held; None for what has not ended, or never took place."""
        if session.status is not Status.CLOSED or session.closed_at is None or session.outcome is None:
            return None
        agreed = [self.promised(seat.record_text) for seat in session.seats.values() if seat.record]
        years = min([self.ruled(session.outcome.kind), *(promise for promise in agreed if promise is not None)])
        return later(session.closed_at, years)

    def ruled(self, outcome: OutcomeKind) -> int:
        """Years, by how it ended alone."""
        return self.by_outcome.get(outcome, self.years)


def later(at: datetime, years: int) -> datetime:
    """The same day so many years later; the 28th where there is no 29th of February."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, day=28)
