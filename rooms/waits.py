"""Whose sound and picture a room waits for, and since when: what explains that nothing of somebody is recorded yet.

Noted once it has lasted, with when it began: a start that goes as it mostly does needs no entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rooms import commands as c
from rooms.forwarding import Forwarding
from rooms.rights import SENDING
from rooms.seats import SeatState
from rooms.session import Session
from rooms.view import NO_CALLS
from rooms.vocabulary import SeatStatus

PATIENCE = timedelta(seconds=5)


class Waits:
    """Of one room."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def look(self, session: Session | None, forwarding: Forwarding, now: datetime) -> None:
        """After everything that may have begun a wait, or ended one."""
        seats = session.seats.values() if session is not None and session.under_way else ()
        waited = {seat.id for seat in seats if expected(seat) and not forwarding.sends(seat.id)}
        self._since = {seat: self._since.get(seat, now) for seat in waited}

    def due(self, session: Session, forwarding: Forwarding, now: datetime) -> Iterator[c.NoteMediaAwaited]:
        """What is to be noted now."""
        for seat, since in list(self._since.items()):
            if since + PATIENCE <= now and seat in session.seats:
                yield c.NoteMediaAwaited(seat, since, forwarding.why_not(seat))

    def next(self, session: Session | None) -> datetime | None:
        """When the next is to be noted, of those of which nothing is noted."""
        seats = session.seats if session is not None else {}
        return min(
            (at + PATIENCE for id_, at in self._since.items() if id_ in seats and not seats[id_].awaited), default=None
        )


def expected(seat: SeatState) -> bool:
    """Who reads and writes sends nothing; who is away is told apart."""
    writes = seat.mode == "text" or NO_CALLS in seat.findings
    return seat.status is SeatStatus.PRESENT and seat.role in SENDING and not writes
