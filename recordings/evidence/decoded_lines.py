"""What overviews are made of: a session's lines, decoded as far as this version of the program can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from journal import Actor
from recordings.evidence.form import FORMAT
from recordings.evidence.lines import Line
from rooms import events as e
from rooms.codec import KINDS, SessionEntry, typed
from rooms.vocabulary import Seat

Sheet = dict[str, Any]


@dataclass(frozen=True)
class DecodedLines:
    """A session's lines, decoded as far as this version of the program can. `complaint`: those of its complaint.

    Erased entries are left out, and those about a seat whose own entry was erased.
    """

    session: str
    lines: Sequence[Line]
    complaint: Sequence[Line] = ()
    format: str = FORMAT

    @cached_property
    def history(self) -> list[SessionEntry]:
        return list(_decoded(self.session, self.lines))

    @cached_property
    def seats(self) -> dict[str, Seat]:
        found: dict[str, Seat] = {}
        for entry in self.history:
            if isinstance(entry.event, e.SessionScheduled):
                found.update((seat.id, seat) for seat in entry.event.seats)
            elif isinstance(entry.event, e.SeatAdded):
                found[entry.event.seat.id] = entry.event.seat
        return found

    @property
    def end(self) -> datetime:
        return self.lines[-1].time


def _decoded(session: str, lines: Iterable[Line]) -> Iterator[SessionEntry]:
    seats: set[str] = set()
    for line in lines:
        if line.erased or line.type not in KINDS:
            continue
        event: e.SessionEvent = typed(KINDS[line.type], line.data)
        if isinstance(event, e.SessionScheduled):
            seats.update(seat.id for seat in event.seats)
        elif isinstance(event, e.SeatAdded):
            seats.add(event.seat.id)
        elif getattr(event, "seat", "") not in seats | {""}:
            continue
        kind, id_, name, role, office = line.actor
        actor = Actor(kind, id_, name, role, office)  # type: ignore[arg-type]
        yield SessionEntry(session, line.version, event, line.time, actor)
