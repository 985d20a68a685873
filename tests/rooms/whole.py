"""A view with all its parts, as a browser puts it together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rooms.floor.state import Chat
from rooms.session import Session
from rooms.timing import Timing
from rooms.view import LineView, seat_view as views
from rooms.view.parts import view_parts
from rooms.view.seat_view import ClockTimes, ViewExtras
from tests.rooms.scene import Scene

NOTHING = ViewExtras()


def view(session: Session, timing: Timing, seat: str, now: datetime, extras: ViewExtras = NOTHING) -> dict[str, Any]:
    """Everything the person in this seat may know at `now`, but for the lines of the chat."""
    times = ClockTimes(
        timing.session_ms,
        timing.phase_ms,
        timing.phases,
        timing.speaker,
        timing.caucus_ms,
        {id: one.spoke_ms for id, one in timing.seats.items()},
    )
    return {**views.seat_view(session, times, seat, extras), **view_parts(session, seat, extras)}


def lines(scene: Scene, seat: str) -> list[LineView]:
    """The chat as the person in this seat may read it."""
    return Chat(scene.history).after(seat, 0) if views.reads_chat(scene.state, seat) else []
